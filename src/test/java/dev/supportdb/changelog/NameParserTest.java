package dev.supportdb.changelog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.support.ChangelogFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import liquibase.exception.LiquibaseException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NameParserTest {

    private static Changelog changelog;

    @BeforeAll
    static void read() throws LiquibaseException {
        changelog = ChangelogTest.support();
    }

    @ParameterizedTest
    @CsvSource({
            "016, main/016_ticket_metrics",
            "16, main/016_ticket_metrics",
            "' 016 ', main/016_ticket_metrics",
            "ticket_metrics, main/016_ticket_metrics",
            "ticket_met, main/016_ticket_metrics",
            "016_t, main/016_ticket_metrics",
            "016_ticket_metrics, main/016_ticket_metrics",
            "main/016_ticket_metrics, main/016_ticket_metrics",
            "main/016, main/016_ticket_metrics",
            "changelog/main/016_ticket_metrics.yaml, main/016_ticket_metrics",
            "demo_data, main/demo_data",
            "messages, crm/023_messages",
            "before-016_ticket_metrics, before-016_ticket_metrics",
            "before-016, before-016_ticket_metrics",
            "before-ticket_metrics, before-016_ticket_metrics",
            "016-05, 016_ticket_metrics-05-fill_counters",
            "16-5, 016_ticket_metrics-05-fill_counters",
            "ticket_metrics-05, 016_ticket_metrics-05-fill_counters",
            "016_ticket_metrics-05-fill_counters, 016_ticket_metrics-05-fill_counters",
            "changelog/main/016_ticket_metrics.yaml::016_ticket_metrics-05-fill_counters::support-db, "
                    + "016_ticket_metrics-05-fill_counters",
            "crm@head, crm/028_customer_score",
            "crm@base, before-020_customer_preferences",
            "crm@22, crm/022_optional_customer_email",
            "crm@message_, crm/025_message_metadata",
            "crm@messages, crm/023_messages",
            "TAGS, main/007_tags",
            "Main/016_Ticket_Metrics, main/016_ticket_metrics",
            "BEFORE-016, before-016_ticket_metrics",
            "016_ticket_metrics.yaml, main/016_ticket_metrics",
            "main/016_ticket_metrics.yaml, main/016_ticket_metrics",
            "016-2, 016_ticket_metrics-02-add_counters",
            "crm@HEAD, crm/028_customer_score",
            "016+1, main/017_ticket_categories",
            "crm@022+2, crm/025_message_metadata",
            "crm@head-1, crm/025_message_metadata",
            "CRM@HEAD-1, crm/025_message_metadata",
            "Crm@Base+2, crm/022_optional_customer_email",
            "crm@head-5, before-020_customer_preferences",
            "crm@base+2, crm/022_optional_customer_email",
            "022@head, crm/028_customer_score",
            "messages@base, before-020_customer_preferences",
    })
    void stand_for_one_place(String typed, String place) {
        assertThat(new NameParser(changelog).place(typed)).hasToString(place);
    }

    @Test
    void stand_for_a_place_on_every_branch() {
        assertThat(places("heads")).containsExactly("main/024_active_ticket_index", "reporting/010_scheduled_reports",
                "crm/028_customer_score", "knowledge/026_articles", "vector/027_embeddings");
        assertThat(places("base")).containsExactly("before-000_backfill_tables", "before-009_reports",
                "before-020_customer_preferences", "before-026_articles", "before-027_embeddings");
        assertThat(places("crm@heads")).containsExactly("crm/028_customer_score");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "''                   | write a feature such as 000_backfill_tables",
            "head                 | write heads for all, or main@head, reporting@head, crm@head",
            "ticket_metrcs        | There is no feature or changeset 'ticket_metrcs'. Nearest: main/016_ticket_",
            "16_ticket_metrics    | Nearest: main/016_ticket_metrics.",
            "before-ticket_metrix | Nearest: main/016_ticket_metrics.",
            "0166                 | There is no feature or changeset '0166'. Nearest: main/016_ticket_metrics.",
            "head-1               | 'head-1' is ambiguous, each branch has one: name the branch, as in main@head-1",
            "base+2               | 'base+2' is ambiguous, each branch has one: name the branch, as in main@base+2",
            "crm@head+1           | head+1 is not possible: the branch crm has 5 features, from base to head",
            "crm@base-1           | base-1 is not possible: the branch crm has 5 features, from base to head",
            "crm@head-9           | head-9 is not possible: the branch crm has 5 features, from base to head",
            "024+1                | 024+1 is not possible: only 0 features come after main/024_active_ticket_index",
            "ticket+1             | 'ticket' is ambiguous and stands for 5: main/005_ticket_priority_enum, main/006_",
            "current              | current counts from the state of a database, and no database",
            "nothing_like_it      | There is no feature or changeset 'nothing_like_it'. List the names: ./supportdb",
            "013                  | Nearest: main/012_resolution_notes, main/",
            "99                   | Nearest: crm/028_customer_score, vector/027_embeddings.",
            "009-09               | Nearest: 009_reports-01-tag_before, 009_reports-02-create_reports.",
            "ticket               | 'ticket' is ambiguous and stands for 5: main/005_ticket_priority_enum, main/006_",
            "crm                  | 'crm' is a branch: write crm@head for its last feature",
            "vector               | 'vector' is a branch: write vector@head for its last feature",
            "crm@                 | 'crm@' is incomplete: write crm@head, crm@-1 or crm@base",
            "crm@016              | There is no feature or changeset '016'. Nearest: crm/020_customer_preferences",
            "crn@head             | There is no branch 'crn'; there are: main, reporting, crm, knowledge, vector",
            "+1                   | +1 counts from the state of a database, and no database",
            "crm@-1               | -1 counts from the state of a database, and no database",
    })
    void are_refused_with_what_would_do(String typed, String message) {
        assertThatThrownBy(() -> new NameParser(changelog).places(typed))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({
            "012, 016, main",
            "016, before-016, main",
            "016, 16, main",
            "crm@head, base, crm",
            "heads, reporting@base, reporting",
    })
    void are_refused_where_two_are_on_one_branch(String one, String other, String branch) {
        assertThatThrownBy(() -> new NameParser(changelog).places(List.of(one, other)))
                .isInstanceOf(IllegalArgumentException.class).hasMessage(
                        "'%s' and '%s' are both on the branch %s: name only one of them.".formatted(one, other, branch));
    }

    @Test
    void are_several_places_where_each_is_on_its_branch() {
        assertThat(new NameParser(changelog).places(List.of("016", "crm@head"))).map(Position::toString)
                .containsExactly("main/016_ticket_metrics", "crm/028_customer_score");
    }

    @Test
    void are_refused_where_one_is_wanted_and_they_stand_for_several() {
        assertThatThrownBy(() -> new NameParser(changelog).place("heads"))
                .hasMessageContaining("stands for 5: main/024_");
    }

    @Test
    void count_from_where_a_database_is() {
        NameParser names = new NameParser(changelog, features("001", "002", "020", "003"),
                features("004", "022", "005"));

        assertThat(names.places("+1")).map(Position::toString).containsExactly("main/004_satisfaction_surveys");
        assertThat(names.places("+2")).map(Position::toString)
                .containsExactly("main/004_satisfaction_surveys", "crm/022_optional_customer_email");
        assertThat(names.places("main@+2")).map(Position::toString)
                .containsExactly("main/004_satisfaction_surveys", "main/005_ticket_priority_enum");
        assertThat(names.places("-1")).map(Position::toString).containsExactly("before-003_performance_indexes");
        assertThat(names.places("-2")).map(Position::toString)
                .containsExactly("before-003_performance_indexes", "before-020_customer_preferences");
        assertThat(names.places("current")).map(Position::toString).containsExactly("main/003_performance_indexes",
                "before-009_reports", "crm/020_customer_preferences", "before-026_articles", "before-027_embeddings");
        assertThat(names.place("crm@current")).hasToString("crm/020_customer_preferences");
        assertThat(names.place("crm@-1")).hasToString("before-020_customer_preferences");
        assertThat(new NameParser(changelog, features("002", "020", "001"), List.of()).place("main@-1"))
                .as("001 has been completed since").hasToString("before-002_sla_fields");
        assertThatThrownBy(() -> names.places("crm@-2"))
                .hasMessage("-2 is not possible: only 1 feature is applied");
        assertThatThrownBy(() -> names.places("+0")).hasMessage("+0 goes nowhere: write +1 or more");
        NameParser empty = new NameParser(changelog, List.of(), List.of());
        assertThatThrownBy(() -> empty.places("-1")).hasMessage("-1 is not possible: no feature is applied");
        assertThatThrownBy(() -> empty.places("+1")).hasMessage("+1 is not possible: no feature is pending");
    }

    @Test
    void name_the_branch_where_two_took_the_same_number(@TempDir Path folder) throws LiquibaseException {
        NameParser names = new NameParser(new ChangelogFolder(folder).feature("main/001_a").feature("main/002_tags")
                .feature("crm/002_notes").feature("crm/003_tags").read());

        assertThatThrownBy(() -> names.place("002"))
                .hasMessage("'002' is ambiguous and stands for 2: main/002_tags, crm/002_notes. Name one of them.");
        assertThatThrownBy(() -> names.place("002-02")).hasMessageContaining("002_tags-02-create_tags, 002_notes-02");
        assertThatThrownBy(() -> names.place("tags")).hasMessageContaining("main/002_tags, crm/003_tags");
        assertThat(names.place("crm@tags")).hasToString("crm/003_tags");
        assertThat(names.place("crm@002")).hasToString("crm/002_notes");
    }

    @Test
    void have_a_head_without_its_branch_where_there_is_only_one(@TempDir Path folder) throws LiquibaseException {
        NameParser names = new NameParser(new ChangelogFolder(folder).feature("main/001_a").feature("main/002_b")
                .read());

        assertThat(names.place("head")).hasToString("main/002_b");
    }

    private static List<Feature> features(String... names) {
        return Stream.of(names).map(name -> new NameParser(changelog).place(name).feature()).toList();
    }

    private static List<String> places(String typed) {
        return new NameParser(changelog).places(typed).stream().map(Position::toString).toList();
    }
}
