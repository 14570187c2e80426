package dev.supportdb.changelog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.support.ChangelogFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import liquibase.exception.LiquibaseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Read without a database. */
public final class ChangelogTest {

    @TempDir
    private Path folder;

    @Test
    void the_changelog_has_a_feature_for_each_file_in_the_order_of_the_master() throws LiquibaseException {
        Changelog changelog = support();

        assertThat(changelog.features()).map(Feature::id).startsWith("main/000_backfill_tables",
                "main/001_initial_schema", "main/demo_data").contains("crm/020_customer_preferences")
                .endsWith("crm/028_customer_score");
        Feature metrics = new NameParser(changelog).place("016").feature();
        assertThat(metrics.number()).isEqualTo("016");
        assertThat(metrics.title()).isEqualTo("ticket_metrics");
        assertThat(metrics.path()).isEqualTo("changelog/main/016_ticket_metrics.yaml");
        assertThat(metrics.changeSets()).hasSize(7).first().extracting("id")
                .isEqualTo("016_ticket_metrics-01-tag_before");
        assertThat(metrics.workingChangeSets()).isEqualTo(metrics.changeSets().subList(1, 7));
    }

    @Test
    void the_changelog_has_the_branches_of_the_labels() throws LiquibaseException {
        assertThat(support().branches()).map(branch -> branch.name() + " " + branch.head().number() + " "
                + branch.needs() + " " + branch.merges()).containsExactly(
                "main 024 [] [reporting]", "reporting 010 [] []", "crm 028 [main] []", "knowledge 026 [main] []",
                "vector 027 [crm, knowledge] []");
        assertThat(Changelog.read(Path.of(""), "changelog/analytics.changelog-master.yaml", Map.of()).branches())
                .singleElement().extracting(Branch::name, branch -> branch.features().size())
                .containsExactly("analytics", 2);
    }

    @Test
    void knows_what_a_feature_needs() throws LiquibaseException {
        Changelog changelog = support();
        NameParser names = new NameParser(changelog);

        assertThat(changelog.needs(names.place("027").feature())).map(Feature::number).containsExactly("023", "026");
        assertThat(changelog.needs(names.place("016").feature())).as("what is of the same feature").isEmpty();
        assertThat(changelog.needs(names.place("demo_data").feature())).as("what must not have run").isEmpty();
        assertThat(changelog.features()).filteredOn(Feature::waits).map(Feature::number).containsExactly("011");
    }

    @Test
    void needs_all_that_is_before_it_and_what_that_needs() throws LiquibaseException {
        Changelog changelog = new ChangelogFolder(folder).feature("main/001_a").feature("crm/002_b", "main/001_a")
                .feature("main/003_c").feature("other/004_d").waiting("main/005_e", "other/004_d")
                .feature("main/006_f").feature("crm/007_g", "main/003_c").read();

        assertThat(upTo(changelog, "002")).containsExactly("001", "002");
        assertThat(upTo(changelog, "007")).containsExactly("001", "002", "003", "007");
        assertThat(upTo(changelog, "006")).as("what waits makes nothing else wait")
                .containsExactly("001", "003", "005", "006");
        assertThat(upTo(changelog, "005")).containsExactly("001", "003", "004", "005");
    }

    @Test
    void the_changelog_is_read_from_a_folder_with_a_space() throws LiquibaseException {
        Path spaced = folder.resolve("my own changelog");

        Changelog changelog = new ChangelogFolder(spaced).feature("my crm/001_a").read();

        assertThat(changelog.features()).map(Feature::id).containsExactly("my crm/001_a");
    }

    @Test
    void unusual_paths_are_read_correctly() throws LiquibaseException {
        ChangelogFolder files = new ChangelogFolder(folder);
        for (String path : List.of("main/2026/010_in_a_folder", "2fa_login", "011", "my.dotted.name")) {
            files.write("changelog/" + path + ".yaml", """
                    databaseChangeLog:
                      - logicalFilePath: elsewhere.yaml
                      - changeSet: {id: "%s", author: test, changes: [{sql: select 1}]}
                    """.formatted(path));
            files.include("{file: %s.yaml, relativeToChangelogFile: true, labels: 'main, hotfix'}".formatted(path));
        }

        assertThat(files.read().features())
                .map(feature -> feature.id() + "|" + feature.number() + "|" + feature.title()).containsExactly(
                        "main/010_in_a_folder|010|in_a_folder", "main/2fa_login||2fa_login", "main/011|011|",
                        "main/my.dotted.name||my.dotted.name");
    }

    @Test
    void counts_as_a_need_only_what_a_changeset_cannot_do_without() throws LiquibaseException {
        ChangelogFolder files = new ChangelogFolder(folder).feature("main/001_a").feature("main/002_b");
        String executed = "changeSetExecuted: {id: \"%s\", author: test, changeLogFile: changelog/main/%s.yaml}";
        String a = executed.formatted("001_a-02-create_a", "001_a");
        String b = executed.formatted("002_b-02-create_b", "002_b");
        Map<String, List<String>> needs = Map.of(
                "- " + a, List.of("001"),
                "- and: [{" + a + "}, {" + b + "}]", List.of("001", "002"),
                "- or: [{" + a + "}, {" + b + "}]", List.of(),
                "- not: [{" + a + "}]", List.of(),
                "- onFail: MARK_RAN\n- " + a, List.of(),
                "- " + executed.formatted("gone", "gone"), List.of());
        int number = 3;
        for (String condition : needs.keySet()) {
            String path = "crm/00%d_c.yaml".formatted(number++);
            files.write("changelog/" + path, """
                    databaseChangeLog:
                      - changeSet:
                          id: c
                          author: test
                          changes: [{sql: select 1}]
                          preConditions:
                    """ + condition.indent(8));
            files.include("{file: %s, relativeToChangelogFile: true}".formatted(path));
        }

        Changelog changelog = files.read();
        assertThat(changelog.features().stream().skip(2)
                .map(feature -> changelog.needs(feature).stream().map(Feature::number).toList()).toList())
                .isEqualTo(List.copyOf(needs.values()));
    }

    @Test
    void says_where_it_cannot_be_parsed() {
        ChangelogFolder files = new ChangelogFolder(folder).include("{file: gone.yaml, relativeToChangelogFile: true}");

        assertThatThrownBy(files::read).isInstanceOf(LiquibaseException.class).hasMessageContaining("gone.yaml");
        assertThatThrownBy(() -> Changelog.read(folder.resolve("nowhere"), "x.yaml", Map.of()))
                .isInstanceOf(LiquibaseException.class).hasMessageContaining("nowhere");
    }

    private static List<String> upTo(Changelog changelog, String name) {
        return changelog.upTo(new NameParser(changelog).place(name).feature()).stream().map(Feature::number).toList();
    }

    public static Changelog support() throws LiquibaseException {
        return Changelog.read(Path.of(""), "changelog/db.changelog-master.yaml", Map.of());
    }
}
