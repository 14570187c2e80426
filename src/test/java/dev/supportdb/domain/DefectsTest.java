package dev.supportdb.domain;

import static dev.supportdb.support.Recounts.assertRight;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Twenty-one mistakes that migrations of such a schema are prone to, by number, each on the data that brings it to
 * light: the database is brought to just before the feature, given its rows, and updated.
 */
@TestMethodOrder(MethodOrderer.MethodName.class)
final class DefectsTest {

    private TestDatabase database;

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    @Test
    void defect_01_reporting_is_built_on_an_empty_database_alone() throws SQLException, CommandExecutionException {
        database = Databases.empty();

        Databases.migrate(database, MigrationState.head().labelled("@reporting"));
        database.execute("insert into reports (name, report_type, created_by) values ('Weekly', 'summary', 7)");

        assertThat(database.texts("""
                select relname from pg_class
                where relkind = 'r' and relnamespace = 'public'::regnamespace and relname !~ '^databasechange'
                order by relname
                """)).containsExactly("reports", "scheduled_reports");
    }

    @Test
    void defect_02_the_merge_adds_one_valid_foreign_key() throws SQLException, CommandExecutionException {
        given("011_merge_reporting", LegacyRows.PEOPLE + """
                insert into reports (name, report_type, created_by)
                values ('Weekly', 'summary', 1), ('Daily', 'summary', 2);
                """);

        updateTo("012_resolution_notes");
        database.execute("delete from users where id = 1");

        assertThat(database.texts("""
                select conname || case when convalidated then ' is valid' end
                from pg_constraint where conrelid = 'reports'::regclass and contype = 'f'
                """)).containsExactly("fk_reports_created_by is valid");
        assertThat(database.texts("select name from reports")).containsExactly("Daily");
    }

    @Test
    void defect_02_a_report_of_nobody_is_named_and_stays() throws SQLException, CommandExecutionException {
        given("011_merge_reporting",
                "insert into reports (name, report_type, created_by) values ('Lost', 'summary', 7);");

        assertThatThrownBy(() -> updateTo("012_resolution_notes"))
                .hasMessageContaining("1 report(s) point at no user: give them to one, or delete them (id 1)");

        assertThat(database.count("select count(*) from reports")).isOne();
        assertThat(database.texts("""
                select conname from pg_constraint where conrelid = 'reports'::regclass and contype = 'f'
                """)).isEmpty();
    }

    @Test
    void defect_03_the_index_and_the_default_of_priority_survive_its_new_type()
            throws SQLException, CommandExecutionException {
        given("005_ticket_priority_enum", LegacyRows.PEOPLE + LegacyRows.tickets(1));

        updateTo("006_ticket_status_values");
        database.execute(LegacyRows.tickets(1));

        assertThat(database.texts("""
                select indexrelid::regclass from pg_index join pg_attribute
                    on attrelid = indrelid and attnum = any (indkey)
                where indrelid = 'tickets'::regclass and attname = 'priority' and indisvalid
                """)).containsExactlyInAnyOrder("ix_tickets_priority", "ix_tickets_priority_status");
        assertThat(database.texts("select priority from tickets")).containsExactly("normal", "normal");
    }

    @Test
    void defect_04_all_of_it_can_be_undone() throws SQLException, CommandExecutionException {
        database = Databases.at(MigrationState.head());

        rollbackTo("000_backfill_tables");

        assertThat(database.texts("select relname from pg_class where relnamespace = 'public'::regnamespace"))
                .allMatch(name -> name.startsWith("databasechangelog"));
        assertThat(database.texts("select typname from pg_type where typtype = 'e'")).isEmpty();
        assertThat(database.texts("select proname from pg_proc where pronamespace = 'public'::regnamespace")).isEmpty();
    }

    @Test
    void defect_05_a_priority_the_type_cannot_hold_comes_back() throws SQLException, CommandExecutionException {
        List<String> priorities = List.of("low", "normal", "high", "urgent", "critical", "P1", "", "HIGH", " high");
        given("005_ticket_priority_enum",
                LegacyRows.PEOPLE + LegacyRows.tickets(priorities.size()) + LegacyRows.each("priority", priorities));

        updateTo("006_ticket_status_values");

        assertThat(database.texts("select priority from tickets order by id"))
                .containsExactly("low", "normal", "high", "urgent", "normal", "normal", "normal", "normal", "normal");

        rollbackTo("005_ticket_priority_enum");

        assertThat(database.texts("select priority from tickets order by id")).isEqualTo(priorities);
    }

    @Test
    void defect_06_an_insert_without_a_status_succeeds() throws SQLException, CommandExecutionException {
        given("006_ticket_status_values", LegacyRows.PEOPLE + LegacyRows.tickets(1));

        updateTo("007_tags");
        database.execute(LegacyRows.tickets(1));

        assertThat(database.texts("select status from tickets")).containsExactly("OPEN", "OPEN");
    }

    @Test
    void defect_07_the_planner_uses_the_index_of_open_tickets() throws SQLException, CommandExecutionException {
        given("006_ticket_status_values", LegacyRows.PEOPLE + LegacyRows.tickets(5000)
                + "update tickets set status = case when id % 10 = 0 then 'open' else 'closed' end;");

        updateTo("007_tags");
        database.execute("analyze tickets");

        assertThat(database.texts("""
                explain select id from tickets where status in ('OPEN', 'IN_PROGRESS') order by created_at limit 20
                """)).anyMatch(line -> line.contains("ix_tickets_open_created"));
    }

    @Test
    void defect_08_each_old_status_comes_back_unless_it_was_changed_since()
            throws SQLException, CommandExecutionException {
        List<String> statuses = List.of("open", "new", "in_progress", "working", "pending", "waiting", "customer_reply",
                "resolved", "fixed", "closed", "done", "escalated", "", "Open", " open", "CLOSED");
        given("006_ticket_status_values", LegacyRows.PEOPLE + LegacyRows.tickets(statuses.size() + 1)
                + LegacyRows.each("status", statuses) + "update tickets set status = 'working' where id = 17;");

        updateTo("007_tags");

        assertThat(database.texts("select status from tickets order by id")).containsExactly("OPEN", "OPEN",
                "IN_PROGRESS", "IN_PROGRESS", "WAITING_ON_CUSTOMER", "WAITING_ON_CUSTOMER", "WAITING_ON_CUSTOMER",
                "RESOLVED", "RESOLVED", "CLOSED", "CLOSED", "OPEN", "OPEN", "OPEN", "OPEN", "CLOSED", "IN_PROGRESS");

        database.execute("update tickets set status = 'RESOLVED' where id = 17");
        rollbackTo("006_ticket_status_values");

        assertThat(database.texts("select status from tickets where id < 17 order by id")).isEqualTo(statuses);
        assertThat(database.text("select status from tickets where id = 17")).isEqualTo("resolved");
    }

    @Test
    void defect_09_a_ticket_can_be_deleted_and_its_trail_stays() throws SQLException, CommandExecutionException {
        given("008_audit_log", LegacyRows.PEOPLE + LegacyRows.tickets(1));

        updateTo("012_resolution_notes");
        database.execute("update tickets set status = 'CLOSED'; delete from tickets");

        assertThat(database.texts("select ticket_id || ' ' || action from ticket_audit_log order by id"))
                .containsExactly("1 status_changed", "1 deleted");
    }

    @Test
    void defect_10_the_audit_trigger_fires_for_what_it_logs_only() throws SQLException, CommandExecutionException {
        given("008_audit_log", LegacyRows.PEOPLE + LegacyRows.tickets(1));

        updateTo("012_resolution_notes");

        assertThat(database.texts("explain (analyze) update tickets set description = 'More', updated_at = now()"))
                .noneMatch(line -> line.contains("ticket_changes_trigger"));
        assertThat(database.texts("explain (analyze) update tickets set status = 'CLOSED'"))
                .anyMatch(line -> line.contains("ticket_changes_trigger"));
    }

    @Test
    void defect_10_nobody_can_slip_the_audit_trigger_another_log() throws SQLException, CommandExecutionException {
        given("008_audit_log", LegacyRows.PEOPLE + LegacyRows.tickets(1));

        updateTo("012_resolution_notes");
        database.execute("""
                create schema decoy;
                create table decoy.ticket_audit_log (like public.ticket_audit_log including all);
                create temp table ticket_audit_log (like public.ticket_audit_log including all);
                set search_path = decoy, public;
                update tickets set status = 'CLOSED';
                """);

        assertThat(database.texts("select new_value from public.ticket_audit_log")).containsExactly("CLOSED");
        assertThat(database.count("select count(*) from decoy.ticket_audit_log")).isZero();
    }

    @Test
    void defect_11_every_ticket_has_notes_before_they_are_required() throws SQLException, CommandExecutionException {
        List<String> statuses = List.of("OPEN", "IN_PROGRESS", "WAITING_ON_CUSTOMER", "RESOLVED", "CLOSED");
        given("012_resolution_notes",
                LegacyRows.PEOPLE + LegacyRows.tickets(statuses.size()) + LegacyRows.each("status", statuses));

        Databases.migrate(database,
                MigrationState.before("015_satisfaction_rating").labelled("!vector and !backfill and !contract"));
        database.execute(LegacyRows.tickets(1));

        assertThat(database.texts("select resolution_notes from tickets order by id"))
                .containsExactly(null, null, null, null, null, "Pending resolution");

        updateTo("015_satisfaction_rating");

        assertThat(database.texts("select resolution_notes from tickets order by id")).containsExactly(
                "Pending resolution", "Pending resolution", "Pending resolution",
                "Resolved - details not recorded", "Resolved - details not recorded", "Pending resolution");
        assertThatThrownBy(() -> database.execute("update tickets set resolution_notes = null"))
                .hasMessageContaining("not-null");
    }

    @Test
    void defect_12_comments_are_counted_range_by_range() throws SQLException, CommandExecutionException {
        given("016_ticket_metrics", LegacyRows.PEOPLE + LegacyRows.tickets(4000) + """
                insert into ticket_comments (ticket_id, user_id, customer_id, content)
                select 1 + n % 3900, case when n % 3 = 0 then 1 end, case when n % 3 = 1 then 1 end, 'Hello'
                from generate_series(1, 8000) n;
                """);

        updateTo("017_ticket_categories");

        assertRight(database, DerivedValueRecount.TICKET_METRICS);
        assertInRanges("tickets", "ticket_metrics");
    }

    @Test
    void defect_13_counters_stay_true_and_zero_does_not_stand_for_uncounted()
            throws SQLException, CommandExecutionException {
        given("016_ticket_metrics", LegacyRows.PEOPLE + LegacyRows.tickets(2) + """
                insert into ticket_comments (ticket_id, customer_id, content) values (1, 1, 'Hello'), (2, 1, 'Hello');
                """);
        LiquibaseRunner migration = new LiquibaseRunner(MigrationState.head().of(database));
        migration.update(3); // columns, triggers, defaults
        database.execute(LegacyRows.tickets(1)
        + "insert into ticket_comments (ticket_id, content) values (1, ''), (3, '')");

        assertThat(database.texts("select total_comments from tickets order by id")).containsExactly(null, null, "1");

        updateTo("017_ticket_categories");

        assertThat(database.texts("select total_comments from tickets order by id")).containsExactly("2", "1", "1");

        database.execute("insert into ticket_comments (ticket_id, content) values (1, ''), (3, '')");

        assertThat(database.texts("select total_comments from tickets order by id")).containsExactly("3", "1", "2");
        assertRight(database, DerivedValueRecount.TICKET_METRICS);
    }

    @Test
    void defect_14_categories_are_created_once() throws SQLException, CommandExecutionException {
        given("017_ticket_categories", LegacyRows.PEOPLE + LegacyRows.tickets(1));

        updateTo("018_customer_contacts");

        assertThat(database.count("select count(*) from ticket_categories")).isEqualTo(14);
        assertThat(database.texts("select distinct category from ticket_categories order by category")).containsExactly(
                "billing", "technical", "feature_request", "bug_report", "general_inquiry", "account_management");
    }

    @Test
    void defect_15_a_required_category_stops_no_insert_and_rewrites_no_row()
            throws SQLException, CommandExecutionException {
        given("017_ticket_categories", LegacyRows.PEOPLE + LegacyRows.tickets(2));
        String file = database.text("select pg_relation_filenode('tickets')");
        List<String> versions = database.texts("select xmin from tickets order by id");

        updateTo("018_customer_contacts");

        assertThat(database.text("select pg_relation_filenode('tickets')")).isEqualTo(file);
        assertThat(database.texts("select xmin from tickets order by id")).isEqualTo(versions);

        database.execute(LegacyRows.tickets(1));

        assertThat(database.texts("select category from tickets"))
                .containsExactly("general_inquiry", "general_inquiry", "general_inquiry");
    }

    @Test
    void defect_16_every_resolved_ticket_has_its_time_and_no_other() throws SQLException, CommandExecutionException {
        given("019_response_times", LegacyRows.PEOPLE + LegacyRows.tickets(4000) + """
                update tickets set status = 'RESOLVED', resolved_at = created_at + id * interval '1 second'
                where id % 2 = 0;
                """);

        updateTo("020_customer_preferences");

        assertThat(database.count("select count(*) from tickets where resolution_time_seconds = id")).isEqualTo(2000);
        assertThat(database.count("select count(*) from tickets where resolution_time_seconds is null"))
                .isEqualTo(2000);
        assertRight(database, DerivedValueRecount.RESPONSE_TIMES);
        assertThat(batches("response_times")).isGreaterThan(1);
    }

    @Test
    void defect_16_no_backfill_pages_by_offset() throws SQLException, CommandExecutionException {
        database = Databases.empty();

        assertThat(new LiquibaseRunner(MigrationState.head().of(database)).updateSql())
                .contains("insert into backfills").doesNotContainPattern("(?i)\\boffset\\b");
    }

    @Test
    void defect_17_every_customer_has_a_score() throws SQLException, CommandExecutionException {
        given("028_customer_score", """
                insert into customers (email, name)
                select n || '@example.com', 'Customer ' || n from generate_series(1, 4000) n;
                insert into messages (customer_id, direction, channel, body)
                select 1 + n % 3900, 'inbound', 'email', 'Hello' from generate_series(1, 10000) n;
                """);

        Databases.migrate(database, MigrationState.head());

        assertRight(database, DerivedValueRecount.COMPUTED_SCORE);
        assertInRanges("customers", "customer_score");
    }

    @Test
    void defect_18_notes_are_filled_range_by_range() throws SQLException, CommandExecutionException {
        given("012_resolution_notes", LegacyRows.PEOPLE + LegacyRows.tickets(4000));

        updateTo("015_satisfaction_rating");

        assertThat(database.count("select count(*) from tickets where resolution_notes = 'Pending resolution'"))
                .isEqualTo(4000);
        assertInRanges("tickets", "resolution_notes");
    }

    @Test
    void defect_19_the_newest_messages_of_a_customer_come_first_in_the_index()
            throws SQLException, CommandExecutionException {
        database = Databases.at(MigrationState.head());

        assertThat(database.text("select pg_get_indexdef('idx_messages_customer_date'::regclass)"))
                .endsWith("(customer_id, \"timestamp\" DESC)");
    }

    @Test
    void defect_20_a_failed_update_exits_with_an_error_and_says_why()
            throws SQLException, IOException, InterruptedException {
        database = Databases.empty();
        database.execute("create table users ()");

        Process up = command("up");
        String said = new String(up.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(up.waitFor()).as(said).isEqualTo(4);
        assertThat(said).contains("relation \"users\" already exists");
        assertThat(database.texts("select id from databasechangelog where id like '%create_users'")).isEmpty();
    }

    @Test
    void defect_21_a_ticket_can_be_inserted_as_applications_do() throws SQLException, CommandExecutionException {
        database = Databases.at(MigrationState.head());

        assertThatCode(() -> database.execute("""
                insert into customers (email, name, company) values ('carl@example.com', 'Carl', 'Example Ltd');
                insert into tickets (customer_id, subject, description) values (1, 'Printer', 'On fire');
                """)).doesNotThrowAnyException();

        assertThat(database.text("""
                select concat_ws(', ', status, priority, category, resolution_notes, total_comments) from tickets
                """)).isEqualTo("OPEN, normal, general_inquiry, Pending resolution, 0");
    }

    /** A database as it was before a feature, with rows. */
    private void given(String feature, String rows) throws SQLException, CommandExecutionException {
        database = Databases.at(MigrationState.before(feature));
        database.execute(rows);
    }

    private void updateTo(String feature) throws CommandExecutionException {
        Databases.migrate(database, MigrationState.before(feature));
    }

    private void rollbackTo(String feature) throws CommandExecutionException {
        new LiquibaseRunner(MigrationState.head().of(database)).rollbackTo("before-" + feature);
    }

    /** Starts a command with both of its outputs as one. */
    private Process command(String name) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp", System.getProperty("java.class.path"), "dev.supportdb.cli.Main", name).redirectErrorStream(true);
        builder.environment().putAll(Map.of("DATABASE_URL", database.url(), "DB_USERNAME", database.username(),
                "DB_PASSWORD", database.password()));
        return builder.start();
    }

    /** More than one batch, each committed on its own, and no row written twice or left out. */
    private void assertInRanges(String table, String backfill) throws SQLException {
        assertThat(database.count("select count(distinct xmin::text) from " + table))
                .isGreaterThan(1).isEqualTo(batches(backfill));
        assertThat(database.count("select rows_done from backfills where name = '%s'".formatted(backfill)))
                .isEqualTo(database.count("select count(*) from " + table));
    }

    private long batches(String backfill) throws SQLException {
        return database.count("select batches from backfills where state = 'filled' and name = '" + backfill + "'");
    }
}
