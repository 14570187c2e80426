package dev.supportdb.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A label filter or a context builds its part of the schema in an empty database. */
final class BranchesTest {

    /** Enough tickets for every hostile value of the demo data. */
    private static final int TICKETS = 500;

    private TestDatabase database;

    @BeforeEach
    void create() throws Exception {
        database = Databases.empty();
    }

    @AfterEach
    void drop() throws Exception {
        database.close();
    }

    @ParameterizedTest(name = "{0} builds {1} and not {2}")
    @CsvSource(delimiter = '|', value = {
        "@reporting | reports, scheduled_reports | users, backfills, messages, knowledge_base_articles",
        "main | users, tickets, customer_contacts, ticket_status_changes | reports, messages, knowledge_base_articles",
        "main or reporting | tickets, scheduled_reports, fk_reports_created_by | messages, knowledge_base_articles",
        "main or crm | tickets, messages, idx_messages_metadata | reports, knowledge_base_articles",
        "main or knowledge | tickets, knowledge_base_articles | reports, messages",
        "main and !contract | priority_new, resolution_notes, total_comments | priority_old, reports, messages",
        "!vector | tickets, fk_reports_created_by, messages, knowledge_base_articles | embedding"})
    void labels_choose_branches(String labels, String built, String left) throws Exception {
        update(MigrationState.head().labelled(labels));

        assertThat(names()).contains(built.split(", ")).doesNotContain(left.split(", "));
    }

    @ParameterizedTest(name = "{0} is refused and says {1}")
    @CsvSource(delimiter = '|', value = {
        "@crm | main or crm",
        "backfill | add the label 'main'",
        "main and contract | add the label 'main'",
        "@knowledge | main or knowledge",
        "main or @vector | crm",
        "main or crm or vector | knowledge"})
    void a_filter_that_leaves_out_what_is_needed_is_refused(String labels, String message) throws Exception {
        assertThatThrownBy(() -> update(MigrationState.head().labelled(labels))).hasMessageContaining(message);

        assertThat(names()).isEmpty();
    }

    @Test
    void a_rollback_that_leaves_out_what_stands_on_it_is_refused() throws Exception {
        try (TestDatabase full = Databases.at(MigrationState.head())) {
            assertThatThrownBy(() -> rollback(full, "@main", "017_ticket_categories"))
                    .hasMessageContaining("026_articles-01-tag_before::support-db depends on it");
            assertThatThrownBy(() -> rollback(full, "@reporting", "009_reports"))
                    .hasMessageContaining("011_merge_reporting-01-tag_before::support-db depends on it");
            assertThatThrownBy(() -> rollback(full, "!contract", "012_resolution_notes"))
                    .hasMessageContaining("include the label 'contract'");
            assertThat(full.texts("select relname from pg_class")).contains("knowledge_base_articles", "reports");

            rollback(full, "@knowledge", "026_articles");
            assertThat(migration(full, "@main").run("rollbackSql", Map.of("tag", "before-017_ticket_categories")))
                    .as("the tag of a feature that is gone needs nothing").contains("ticket_category_enum");
        }
    }

    private static void rollback(TestDatabase database, String labels, String feature) throws Exception {
        migration(database, labels).rollbackTo("before-" + feature);
    }

    private static LiquibaseRunner migration(TestDatabase database, String labels) {
        return new LiquibaseRunner(MigrationState.head().labelled(labels).of(database));
    }

    @Test
    void vector_is_refused_where_the_server_has_none() throws Exception {
        assumeThat(database.count("select count(*) from pg_available_extensions where name = 'vector'"))
                .as("this server offers the extension vector").isZero();

        assertThatThrownBy(() -> update(MigrationState.head().labelled(null)))
                .hasMessageContainingAll("does not offer the extension vector", "!vector");

        assertThat(names()).isEmpty();
    }

    @Test
    void the_contract_phase_can_come_later() throws Exception {
        MigrationState straight = MigrationState.head().withTickets(TICKETS);
        update(straight.labelled("main and !contract"));
        update(straight);

        try (TestDatabase other = Databases.at(straight)) {
            assertThat(other.snapshot().differenceTo(database.snapshot())).isEmpty();
        }
    }

    @Test
    void a_branch_can_come_later() throws Exception {
        MigrationState straight = MigrationState.head().withTickets(TICKETS);
        update(straight.labelled("@reporting"));
        update(straight.labelled("main"));
        update(straight.labelled("main or crm"));
        update(straight);

        try (TestDatabase other = Databases.at(straight)) {
            assertThat(other.snapshot().differenceTo(database.snapshot())).isEmpty();
        }
    }

    @Test
    void only_the_context_dev_has_demo_data() throws Exception {
        try (TestDatabase demo = Databases.at(MigrationState.head().withTickets(TICKETS));
                TestDatabase test = Databases.at(MigrationState.head())) {
            assertThat(demo.count("select count(*) from tickets")).isEqualTo(TICKETS);
            assertThat(demo.count("select count(*) from ticket_comments")).isGreaterThan(TICKETS);
            assertThat(test.count("select count(*) from tickets")).isZero();
            assertThat(test.count("select count(*) from users")).isZero();
        }
    }

    @Test
    void the_analytics_database_has_a_changelog_of_its_own() throws Exception {
        new LiquibaseRunner(MigrationState.analytics(database)).update();

        assertThat(names()).contains("ticket_facts", "daily_metrics").doesNotContain("users", "backfills");
        database.execute("refresh materialized view concurrently daily_metrics");
    }

    private void update(MigrationState state) throws Exception {
        new LiquibaseRunner(state.of(database)).update();
    }

    /** The names of all that was built: tables, columns, indexes and constraints, less Liquibase's own. */
    private List<String> names() throws Exception {
        return database.texts("""
                with built as (
                    select oid, relname from pg_class
                    where relnamespace = 'public'::regnamespace and relname !~ '^databasechangelog')
                select relname from built
                union select attname from pg_attribute where attrelid in (select oid from built) and attnum > 0
                union select conname from pg_constraint where conrelid in (select oid from built)
                """);
    }
}
