package dev.supportdb.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.schema.DataDigest;
import dev.supportdb.schema.Difference;
import dev.supportdb.schema.SchemaFingerprint;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An old application, which writes texts, and a new one, which writes the enum, see the same priority. */
final class TicketPriorityTest {

    /** The state with both columns, in which the text is called priority. */
    private static final MigrationState EXPANDED = MigrationState.before("006_ticket_status_values")
            .labelled("!vector and !contract");
    private static final MigrationState DONE = MigrationState.before("006_ticket_status_values");

    private static final String FIVE = LegacyRows.tickets(5)
            + LegacyRows.each("priority", List.of("low", "low", "critical", "critical", "critical"));

    private TestDatabase database;

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    @Test
    void the_new_application_reads_what_the_old_one_inserts() throws SQLException, CommandExecutionException {
        given(EXPANDED, "");

        database.execute("""
                insert into tickets (customer_id, subject, description, priority)
                values (1, '', '', 'low'), (1, '', '', 'urgent'), (1, '', '', 'critical'), (1, '', '', '');
                insert into tickets (customer_id, subject, description) values (1, '', '');
                """);

        assertThat(priorities("priority", "priority_new"))
                .containsExactly("low low", "urgent urgent", "critical normal", " normal", "normal normal");
    }

    @Test
    void the_old_application_reads_what_the_new_one_inserts() throws SQLException, CommandExecutionException {
        given(EXPANDED, "");

        database.execute("""
                insert into tickets (customer_id, subject, description, priority_new)
                values (1, '', '', 'low'), (1, '', '', 'normal')
                """);

        assertThat(priorities("priority", "priority_new")).containsExactly("low low", "normal normal");
    }

    @Test
    void before_the_swap_both_applications_may_change_a_priority() throws SQLException, CommandExecutionException {
        given(EXPANDED, FIVE);

        database.execute("update tickets set priority = 'high' where id in (1, 3)");
        database.execute("update tickets set priority_new = 'high' where id in (2, 4)");
        database.execute("update tickets set priority_new = 'normal', priority = 'critical' where id = 5");

        assertThat(priorities("priority", "priority_new"))
                .containsExactly("high high", "high high", "high high", "high high", "critical normal");
    }

    @Test
    void after_the_swap_too() throws SQLException, CommandExecutionException {
        given(EXPANDED, FIVE);
        new LiquibaseRunner(DONE.of(database)).update(4); // require, prepare, release, swap

        assertThat(priorities("priority_old", "priority"))
                .containsExactly("low low", "low low", "critical normal", "critical normal", "critical normal");

        database.execute("update tickets set priority_old = 'high' where id in (1, 3)");
        database.execute("update tickets set priority = 'high' where id in (2, 4)");
        database.execute("""
                insert into tickets (customer_id, subject, description) values (1, '', '');
                insert into tickets (customer_id, subject, description, priority) values (1, '', '', 'urgent');
                """);

        assertThat(priorities("priority_old", "priority")).containsExactly("high high", "high high", "high high",
                "high high", "critical normal", "normal normal", "urgent urgent");
    }

    @Test
    void the_swap_takes_along_the_triggers_that_came_before_it() throws SQLException, CommandExecutionException {
        database = Databases.at(MigrationState.head().labelled("!vector and !contract"));
        database.execute(LegacyRows.PEOPLE + LegacyRows.tickets(1));

        Databases.migrate(database, MigrationState.head());
        database.execute("update tickets set priority = 'urgent'");

        assertThat(database.texts("select action || ' ' || new_value from ticket_audit_log where new_value <> ''"))
                .containsExactly("priority_changed urgent");
    }

    @Test
    void an_original_is_kept_until_the_priority_changes() throws SQLException, CommandExecutionException {
        given(MigrationState.before("005_ticket_priority_enum"),
                LegacyRows.tickets(4) + LegacyRows.each("priority", List.of("critical", "P1", "", "HIGH")));
        Databases.migrate(database, DONE);

        database.execute("""
                update tickets set priority = 'low' where id = 1;
                update tickets set priority = priority, subject = 'More' where id = 2;
                delete from tickets where id = 3;
                insert into tickets (customer_id, subject, description) values (1, '', '');
                """);

        assertThat(database.texts("select priority from ticket_priority_originals")).containsExactly("P1", "HIGH");

        new LiquibaseRunner(DONE.of(database)).rollbackTo("before-005_ticket_priority_enum");

        assertThat(database.texts("select priority from tickets order by id"))
                .containsExactly("low", "P1", "HIGH", "normal");
    }

    @Test
    void a_long_subject_stops_the_way_back_before_anything_is_changed() throws SQLException, CommandExecutionException {
        given(DONE, LegacyRows.tickets(2) + "update tickets set subject = repeat('ä', 500 + id - 1);");
        SchemaFingerprint schema;
        DataDigest data;
        try (Connection connection = database.connect()) {
            schema = SchemaFingerprint.of(connection);
            data = DataDigest.of(connection);
        }
        LiquibaseRunner migration = new LiquibaseRunner(DONE.of(database));

        assertThatThrownBy(() -> migration.rollbackTo("before-005_ticket_priority_enum"))
                .hasMessageContaining("1 ticket(s) have a subject of more than 500 characters")
                .hasMessageContaining("select id, subject from tickets where char_length(subject) > 500");

        try (Connection connection = database.connect()) {
            assertThat(Difference.between(schema, SchemaFingerprint.of(connection))).hasToString("no difference");
            assertThat(Difference.between(data, DataDigest.of(connection))).hasToString("no difference");
        }

        database.execute("update tickets set subject = left(subject, 500)");
        migration.rollbackTo("before-005_ticket_priority_enum");

        assertThat(database.count("select count(*) from tickets where subject = repeat('ä', 500)")).isEqualTo(2);
    }

    @Test
    void a_role_that_may_see_only_the_subject_still_may_after_the_rollback() throws Exception {
        given(MigrationState.before("005_ticket_priority_enum"), LegacyRows.tickets(1) + """
                grant select (subject) on tickets to public;
                grant update (subject) on tickets to pg_monitor with grant option;
                """);
        String granted = "select attacl::text from pg_attribute where attrelid = 'tickets'::regclass "
                + "and attname = 'subject'";
        String before = database.text(granted);
        Databases.migrate(database, DONE);

        new LiquibaseRunner(DONE.of(database)).rollbackTo("before-005_ticket_priority_enum");

        assertThat(database.text(granted)).isEqualTo(before).contains("pg_monitor=w*/");
    }

    @Test
    void objects_of_other_people_on_both_columns_survive_forward_back_and_forward_again() throws Exception {
        given(MigrationState.before("005_ticket_priority_enum"), LegacyRows.tickets(3) + """
                create schema bi; create view bi.open as select id, priority, subject from tickets;
                create view bi.urgent with (security_barrier) as select * from bi.open where priority = 'urgent';
                grant select on bi.urgent to pg_monitor; comment on view bi.urgent is 'mine';
                create policy mine on tickets using (priority <> 'none' and subject <> 'none');
                create index mine on tickets (priority, id); comment on index mine is 'mine';
                create unique index mine_too on tickets (id) include (priority) where priority is not null;
                alter table tickets cluster on ix_tickets_priority;
                alter table tickets add constraint mine check (priority <> 'none');
                create statistics mine on priority, status from tickets;
                alter table tickets alter priority set statistics 500, alter subject set (n_distinct = 7);
                create publication mine for table tickets (id, priority, subject);
                create function mine() returns trigger language plpgsql as 'begin return new; end';
                create trigger mine before update of priority, subject on tickets for each row execute function mine();
                alter table tickets disable trigger mine; comment on trigger mine on tickets is 'mine';
                grant select (priority), update (subject) on tickets to public;
                """);
        SchemaFingerprint before = database.snapshot().schema();
        Databases.migrate(database, DONE);
        SchemaFingerprint done = database.snapshot().schema();

        new LiquibaseRunner(DONE.of(database)).rollbackTo("before-005_ticket_priority_enum");
        assertThat(Difference.between(before, database.snapshot().schema())).hasToString("no difference");

        Databases.migrate(database, DONE);
        assertThat(Difference.between(done, database.snapshot().schema())).hasToString("no difference");
        assertThat(done.lines()).filteredOn(line -> line.contains("mine") || line.contains("bi."))
                .hasSameSizeAs(before.lines().stream().filter(line -> line.contains("mine") || line.contains("bi."))
                        .toList());
    }

    private void given(MigrationState state, String rows) throws SQLException, CommandExecutionException {
        database = Databases.at(state);
        database.execute(LegacyRows.PEOPLE + rows);
    }

    private List<String> priorities(String text, String value) throws SQLException {
        return database.texts("select %s || ' ' || %s from tickets order by id".formatted(text, value));
    }
}
