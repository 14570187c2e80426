package dev.supportdb.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.Feature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import liquibase.changelog.ChangeSet;
import liquibase.exception.LiquibaseException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FeatureScaffoldTest {

    private static final String MASTER = "change log/master.yaml";

    /** The first line, by which editors find the schema for the file. */
    private static final String HEAD = "# yaml-language-server: $schema=../changelog.schema.json\ndatabaseChangeLog:\n";

    @TempDir
    private Path root;
    private FeatureScaffold scaffold;

    @BeforeEach
    void create() throws IOException {
        write(MASTER, "databaseChangeLog:\n  - logicalFilePath: changelog/master.yaml\n");
        Files.copy(Path.of("changelog/template.yaml"), root.resolve("change log/template.yaml"));
        scaffold = new FeatureScaffold(root, MASTER, Map.of());
    }

    @Test
    void the_next_number_is_free_on_every_branch() throws IOException {
        assertThat(scaffold.begin("main", "Add tags!").name()).isEqualTo("001_add_tags");

        write("change log/crm/020_later.yaml", "");
        write("change log/main/007_not_included.yaml", "");
        write("change log/main/007_not_included/030_body.sql", "");

        assertThat(scaffold.begin("main", "add tags").path()).hasToString("change log/main/021_add_tags.yaml");
    }

    @Test
    void the_master_includes_what_the_template_says() throws IOException, LiquibaseException {
        scaffold.write(scaffold.begin("crm", "keep the ticket's\nlanguage"), "SUP-12", null);

        Feature feature = only();
        assertThat(feature.id()).isEqualTo("crm/001_keep_the_ticket_s_language");
        assertThat(feature.changeSets()).extracting(ChangeSet::getId).containsExactly(
                "001_keep_the_ticket_s_language-01-tag_before", "001_keep_the_ticket_s_language-02-describe_it");
        assertThat(text(feature)).startsWith("# keep the ticket's language\n# Ticket: SUP-12\n" + HEAD);
    }

    @Test
    void other_changes_take_the_place_of_the_templates() throws IOException, LiquibaseException {
        scaffold.write(scaffold.begin("main", "greet"), null, """
                  - changeSet:
                      id: "001_greet-02-greet"
                      author: support-db
                      changes:
                        - sql: select 1
                """);

        assertThat(only().changeSets()).extracting(ChangeSet::getId)
                .containsExactly("001_greet-01-tag_before", "001_greet-02-greet");
        assertThat(text(only())).startsWith("# greet\n" + HEAD).doesNotContain("{{", "Write the first")
                .contains("      rollback: []\n\n  - changeSet:\n");
    }

    @Test
    void no_file_is_overwritten_and_none_is_written_without_a_name() throws IOException {
        FeatureScaffold.Begun begun = scaffold.begin("main", "greet");
        scaffold.write(begun, null, null);
        String master = Files.readString(root.resolve(MASTER));

        assertThatThrownBy(() -> scaffold.write(begun, null, null)).hasMessageContaining("001_greet.yaml already");
        assertThat(Files.readString(root.resolve(MASTER))).isEqualTo(master);
        for (List<String> wrong : List.of(List.of("main", " ?! "), List.of("../main", "greet"), List.of("", "greet"))) {
            assertThatThrownBy(() -> scaffold.begin(wrong.get(0), wrong.get(1)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"Add X!, add_x", "--m \"x\"; rm -rf /, m_x_rm_rf", "../../etc/passwd, etc_passwd",
        "Zähle 2FA, zahle_2fa",
        "one that goes on for longer than the name of a file should, one_that_goes_on_for_longer_than_the",
        "oneverylongwordoneverylongwordoneverylongword, oneverylongwordoneverylongwordoneverylon"})
    void a_message_becomes_the_name_of_a_file(String message, String title) throws IOException {
        assertThat(scaffold.begin("main", message).name()).isEqualTo("001_" + title);
    }

    @Test
    void a_message_without_letters_is_refused() {
        assertThatThrownBy(() -> scaffold.begin("main", "日本")).isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("'日本' has no letters for the name of a file. Describe the feature");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Crm", "my crm", "backfill", "not"})
    void a_branch_is_a_word_that_a_filter_knows_no_other_meaning_of(String branch) {
        assertThatThrownBy(() -> scaffold.begin(branch, "greet")).isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("'" + branch + "' cannot be a branch");
    }

    @Test
    void the_master_keeps_its_comments_and_its_order() throws IOException, LiquibaseException {
        String before = "# Ours\ndatabaseChangeLog:\n- logicalFilePath: changelog/master.yaml  # pinned\n# the end";
        write(MASTER, before);

        scaffold.write(scaffold.begin("main", "greet"), null, null);

        assertThat(root.resolve(MASTER)).hasContent(before
                + "\n- include: {file: main/001_greet.yaml, relativeToChangelogFile: true, labels: main}\n");
        assertThat(only().id()).isEqualTo("main/001_greet");
    }

    @Test
    void a_title_names_one_feature() throws IOException {
        scaffold.write(scaffold.begin("crm", "wave"), null, null);
        write("change log/crm/007_smile.yaml", "");

        assertThat(scaffold.begin("main", "wave back").name()).isEqualTo("008_wave_back");
        assertThatThrownBy(() -> scaffold.write(scaffold.begin("main", "Wave"), null, null)).hasMessage(
                "change log/crm/001_wave.yaml already exists: choose another message. Nothing has been written.");
        assertThatThrownBy(() -> scaffold.write(scaffold.begin("main", "smile"), null, null)).hasMessage(
                "change log/crm/007_smile.yaml already exists and is not included: include it, or delete it. "
                        + "Nothing has been written.");
        assertThatThrownBy(() -> scaffold.write(scaffold.begin("crm", "smile"), null, null)).hasMessage(
                "change log/crm/007_smile.yaml already exists with other text, and is not included: "
                        + "include it, or delete it. Nothing has been written.");
    }

    @Test
    void a_feature_that_a_killed_process_has_left_is_completed() throws IOException, LiquibaseException {
        String before = Files.readString(root.resolve(MASTER));
        scaffold.write(scaffold.begin("crm", "wave"), "SUP-12", null);
        String after = Files.readString(root.resolve(MASTER));
        write(MASTER, before);
        write("change log/main/002_later.yaml", "");

        scaffold.write(scaffold.begin("crm", "wave"), "SUP-12", null);

        assertThat(Files.readString(root.resolve(MASTER))).isEqualTo(after);
        assertThat(only().id()).isEqualTo("crm/001_wave");
    }

    @Test
    void two_features_begun_at_once_lose_nothing() throws Exception {
        FeatureScaffold.Begun one = scaffold.begin("main", "wave");
        FeatureScaffold.Begun other = scaffold.begin("crm", "smile");
        scaffold.write(one, null, null);

        assertThatThrownBy(() -> scaffold.write(other, null, null)).hasMessage("change log/main/001_wave.yaml already "
                + "exists, another process has just created it: run the same command again. Nothing has been written.");
        scaffold.write(scaffold.begin("crm", "smile"), null, null);
        assertThat(scaffold.changelog().features()).extracting(Feature::id)
                .containsExactly("main/001_wave", "crm/002_smile");
    }

    /** Neither of them, and nothing beside them. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "master.yaml   | databaseChangeLog: []        | Liquibase cannot read the result; the cause is in",
        "master.yaml   | databaseChangeLog:§...       | Liquibase cannot read the result; the cause is in",
        "master.yaml   | databaseChangeLog:§- property: {name: a, value: b}§a: b | Liquibase cannot",
        "template.yaml | ~~                           | template.yaml has no placeholder {{name}}",
        "template.yaml | # {{name}} {{path}}          | Liquibase cannot read the result; the cause is in",
        
        "template.yaml | # {{name}} {{nmae}}          | template.yaml has an unknown placeholder {{nmae}}. Known: ",
        "template.yaml | # {{name}} {{path}}§databaseChangeLog: [yaml | Liquibase cannot read the result; the cause ",
        "template.yaml | # {{name}} {{path}}§databaseChangeLog:§- changeSet: {id: a, author: b, chagnes: [{sql: c}]} | can",
    })
    void an_unreadable_result_is_not_written(String file, String text, String why) throws IOException {
        write("change log/" + file, text.replace("§", "\n"));
        Map<Path, String> before = files();

        assertThatThrownBy(() -> scaffold.write(scaffold.begin("billing", "greet"), null, null))
                .hasMessageContaining(why).hasMessageEndingWith("Nothing has been written.");

        assertThat(files()).isEqualTo(before);
    }

    private Map<Path, String> files() throws IOException {
        Map<Path, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(root)) {
            for (Path file : all.toList()) {
                files.put(file, Files.isDirectory(file) ? "" : Files.readString(file));
            }
        }
        return files;
    }

    @Test
    void lines_end_as_the_others() throws IOException {
        write(MASTER, "databaseChangeLog:\r\n  - logicalFilePath: changelog/master.yaml");

        scaffold.write(scaffold.begin("main", "greet"), null, null);

        assertThat(Files.readString(root.resolve(MASTER))).matches("(?s)([^\r\n]+\r\n){3}");
    }

    @Test
    void a_number_that_two_took_is_told() throws IOException {
        write("change log/main/001_greet.yaml", "");
        write("change log/crm/001_wave.yaml", "");
        write("change log/crm/002_wave.yaml", "");

        assertThatThrownBy(() -> scaffold.begin("main", "smile")).isInstanceOf(IOException.class).hasMessage("""
                The number 001 is used by several files:
                  change log/crm/001_wave.yaml
                  change log/main/001_greet.yaml
                Choose one that is not deployed anywhere, and change its number to 003: in the name of its file and \
                folder, in its text, and in change log/master.yaml, where its include moves to the end. Nothing has \
                been written.""");
    }

    @Test
    void another_master_has_numbers_and_branches_of_its_own() throws IOException {
        write("change log/analytics/007_facts.yaml", "");
        write("change log/analytics.master.yaml",
                "databaseChangeLog:\n  - include: {file: analytics/007_facts.yaml, labels: analytics}\n");
        write("change log/main/007_greet.yaml", "");
        write(MASTER, "databaseChangeLog:\n  - include: {file: main/007_greet.yaml, labels: main}\n");

        assertThat(scaffold.begin("main", "smile").name()).isEqualTo("008_smile");
        assertThat(new FeatureScaffold(root, "change log/analytics.master.yaml", Map.of()).begin("analytics", "month")
                .name())
                .isEqualTo("008_month");
        assertThatThrownBy(() -> scaffold.begin("analytics", "smile"))
                .hasMessageContaining("The branch analytics belongs to change log/analytics.master.yaml");
    }

    @Test
    void a_master_in_the_middle_of_a_merge_is_left_alone() throws IOException {
        write(MASTER, "databaseChangeLog:\n<<<<<<< HEAD\n=======\n>>>>>>> theirs\n");

        assertThatThrownBy(() -> scaffold.changelog())
                .hasMessageContaining("master.yaml has a merge conflict in line 2");
    }

    @Test
    void a_name_that_is_included_before_its_file_is_there_is_not_taken() throws IOException {
        write(MASTER, """
                databaseChangeLog:
                  # - include: {file: main/000_gone_long_ago.yaml, labels: main}
                  - include: {file: main/001_greet.yaml, labels: main}
                """);

        assertThatThrownBy(() -> scaffold.begin("main", "greet")).isInstanceOf(IOException.class)
                .hasMessageContaining("master.yaml includes main/001_greet.yaml, which does not exist");
    }

    @Test
    void other_forms_of_an_include_are_understood() throws IOException {
        write(MASTER, """
                databaseChangeLog:
                  - property: {file: main/of_another_kind.properties}
                  - include:
                      file: "change log/main/001_greet.yaml"
                """);
        write("change log/main/001_greet.yaml", "");

        assertThat(scaffold.begin("main", "wave").name()).isEqualTo("002_wave");
    }

    @Test
    void nothing_may_depend_on_a_feature_that_is_still_to_be_written() throws IOException, LiquibaseException {
        scaffold.write(scaffold.begin("main", "greet"), null, null);
        Changelog changelog = scaffold.changelog();

        assertThatThrownBy(() -> FeaturePreconditions.needs(changelog, "crm", List.of("main")))
                .hasMessageStartingWith("main/001_greet is not written yet");
        assertThat(FeaturePreconditions.needs(changelog, "crm", List.of("001-01")).wanted()).hasSize(1);
    }

    @Test
    void the_template_is_anybodys_to_edit() throws IOException, LiquibaseException {
        write("change log/template.yaml", """
                databaseChangeLog:
                - logicalFilePath: {{path}}
                - changeSet:
                    author: us
                    changes: [{tagDatabase: {tag: before-{{name}}}}]
                    id: "{{name}}-1"
                - changeSet: {id: "{{name}}-2", author: us, changes: [{sql: select 1}]}
                """);
        write("change log/crm/001_wave.yaml", """
                databaseChangeLog:
                  - changeSet: {id: "001_wave-1", author: us, changes: [{sql: select 1}]}
                """);
        write(MASTER, "databaseChangeLog:\n  - include: {file: crm/001_wave.yaml, relativeToChangelogFile: true}\n");
        FeaturePreconditions needed = FeaturePreconditions.needs(scaffold.changelog(), "main", List.of("crm"));

        scaffold.write(scaffold.begin("main", "greet").on(needed), null, null);

        Changelog changelog = scaffold.changelog();
        assertThat(changelog.needs(changelog.features().get(1))).extracting(Feature::id)
                .containsExactly("crm/001_wave");

        Files.delete(root.resolve("change log/template.yaml"));
        assertThatThrownBy(() -> scaffold.write(scaffold.begin("main", "smile"), null, null))
                .hasMessageContaining("The template of new features does not exist: ");
    }

    private Feature only() throws LiquibaseException {
        List<Feature> features = Changelog.read(root, MASTER, Map.of()).features();
        assertThat(features).hasSize(1);
        return features.get(0);
    }

    private String text(Feature feature) throws IOException {
        return Files.readString(root.resolve(feature.path()));
    }

    private void write(String path, String text) throws IOException {
        Files.createDirectories(root.resolve(path).getParent());
        Files.writeString(root.resolve(path), text);
    }
}
