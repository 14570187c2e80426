package dev.supportdb.changelog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import liquibase.changelog.ChangeSet;
import liquibase.exception.LiquibaseException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ScaffoldTest {

    private static final String MASTER = "change log/master.yaml";

    @TempDir
    private Path root;
    private Scaffold scaffold;

    @BeforeEach
    void create() throws IOException {
        write(MASTER, "databaseChangeLog:\n  - logicalFilePath: changelog/master.yaml\n");
        Files.copy(Path.of("changelog/template.yaml"), root.resolve("change log/template.yaml"));
        scaffold = new Scaffold(root, MASTER);
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
        assertThat(text(feature)).startsWith("# keep the ticket's language\n# Ticket: SUP-12\ndatabaseChangeLog:\n");
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
        assertThat(text(only())).startsWith("# greet\ndatabaseChangeLog:\n").doesNotContain("{{", "Write the first")
                .contains("      rollback: []\n\n  - changeSet:\n");
    }

    @Test
    void nothing_is_written_over_and_nothing_without_a_name() throws IOException {
        Scaffold.Begun begun = scaffold.begin("main", "greet");
        scaffold.write(begun, null, null);
        String master = Files.readString(root.resolve(MASTER));

        assertThatThrownBy(() -> scaffold.write(begun, null, null)).hasMessageContaining("001_greet.yaml is there");
        assertThat(Files.readString(root.resolve(MASTER))).isEqualTo(master);
        for (List<String> wrong : List.of(List.of("main", " ?! "), List.of("../main", "greet"), List.of("", "greet"))) {
            assertThatThrownBy(() -> scaffold.begin(wrong.get(0), wrong.get(1)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
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
