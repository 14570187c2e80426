package dev.supportdb.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.ChangelogTest;
import dev.supportdb.changelog.NameParser;
import dev.supportdb.changelog.Position;
import java.util.List;
import liquibase.changelog.ChangeSet;
import liquibase.exception.LiquibaseException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FeaturePreconditionsTest {

    private static Changelog changelog;

    @BeforeAll
    static void read() throws LiquibaseException {
        changelog = ChangelogTest.support();
    }

    @ParameterizedTest(name = "{0} needs {1}")
    @CsvSource(delimiter = '|', value = {
        "billing | 008           | billing needs 008_audit_log of main: run with labels 'main or billing'",
        "crm     | main/008      | crm needs 008_audit_log of main: run with labels 'main or crm'",
        "crm     | knowledge     | crm needs 026_articles of knowledge: run with labels 'main or crm or knowledge'",
        "billing | vector        | billing needs 027_embeddings of vector: run with labels "
                + "'main or crm or knowledge or vector or billing'",
        "billing | 011           | billing needs 011_merge_reporting of main: run with labels "
                + "'main or reporting or billing'",
        "crm     | 016-05        | crm needs 016_ticket_metrics-05-fill_counters of main: "
                + "run with labels 'main or crm' and include the label 'backfill'",
        "main    | 016-05        | main needs 016_ticket_metrics-05-fill_counters: "
                + "include the label 'backfill'",
        "billing | 008 reporting | billing needs 008_audit_log of main, 010_scheduled_reports of reporting: "
                + "run with labels 'main or reporting or billing'",
    })
    void says_which_labels_to_run_with(String branch, String typed, String message) {
        assertThat(needs(branch, typed.split(" ")).message()).isEqualTo(message);
    }

    @Test
    void stands_on_the_last_changeset_that_does_not_only_take_away() {
        assertThat(needs("crm", "008", "005").wanted()).extracting(ChangeSet::getId).first()
                .isEqualTo("008_audit_log-04-create_append_only_trigger");
        assertThat(needs("crm", "005").wanted())
                .noneMatch(wanted -> wanted.getLabels().toString().contains("contract"));
        assertThat(new NameParser(changelog).place("005").feature().changeSets())
                .as("there are such").anyMatch(one -> one.getLabels().toString().contains("contract"));
        assertThat(needs("crm", "016-03").wanted()).extracting(ChangeSet::getId)
                .containsExactly("016_ticket_metrics-03-create_counter_triggers");
    }

    @Test
    void tells_what_a_branch_can_no_longer_do_without() {
        assertThat(needs("main", "crm").newFor(changelog, "main")).containsExactly("crm");
        assertThat(needs("vector", "main").newFor(changelog, "vector")).as("it needs crm, and so main").isEmpty();
        assertThat(needs("billing", "main").newFor(changelog, "billing")).as("a new branch").isEmpty();
    }

    @ParameterizedTest(name = "{0} needs {1}")
    @CsvSource(delimiter = '|', value = {
        "main | 016           | main/016_ticket_metrics is on the same branch, and runs before it anyway",
        "crm  | before-016    | before-016_ticket_metrics is a place before a feature",
        "crm  | main/008_audt_log | There is no feature or changeset 'main/008_audt_log'. Nearest: main/008_audit_log.",
        "crm  | mian          | There is no feature or changeset 'mian'",
        "crm  | ticket        | 'ticket' is ambiguous and stands for 5: main/005_",
    })
    void is_refused(String branch, String typed, String why) {
        assertThatThrownBy(() -> needs(branch, typed))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining(why);
    }

    @Test
    void a_merge_waits_until_all_its_branches_are_there() {
        FeaturePreconditions merge = FeaturePreconditions.merge(changelog, List.of("main", "reporting"));

        assertThat(merge.message())
                .isEqualTo("this merge waits for main and reporting: update with labels 'main or reporting'");
        assertThat(merge.places()).extracting(Position::toString)
                .containsExactly("main/024_active_ticket_index", "reporting/010_scheduled_reports");
        assertThat(FeaturePreconditions.merge(changelog, List.of("008", "crm@head")).places())
                .extracting(Position::toString)
                .containsExactly("main/008_audit_log", "crm/028_customer_score");
        for (List<String> one : List.of(List.<String>of(), List.of("main"), List.of("main", "008"))) {
            assertThatThrownBy(() -> FeaturePreconditions.merge(changelog, one))
                    .hasMessage("A merge needs two branches or more, by name: ./supportdb merge main reporting");
        }
    }

    private static FeaturePreconditions needs(String branch, String... typed) {
        return FeaturePreconditions.needs(changelog, branch, List.of(typed));
    }
}
