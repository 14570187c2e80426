package dev.supportdb.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests that while an old application may run, its writes become one of the five statuses. */
final class TicketStatusTest {

    private static final MigrationState EXPANDED = MigrationState.before("007_tags").labelled("!vector and !contract");

    private TestDatabase database;

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    @Test
    void a_status_is_mapped_when_it_is_written() throws SQLException, CommandExecutionException {
        given(EXPANDED);

        assertThat(afterWriting("open", "new", "escalated", "", " open", "Open", "OPEN")).containsOnly("OPEN");
        assertThat(afterWriting("in_progress", "working", "IN_PROGRESS")).containsOnly("IN_PROGRESS");
        assertThat(afterWriting("pending", "waiting", "customer_reply", "WAITING_ON_CUSTOMER"))
                .containsOnly("WAITING_ON_CUSTOMER");
        assertThat(afterWriting("resolved", "fixed", "RESOLVED")).containsOnly("RESOLVED");
        assertThat(afterWriting("closed", "done", "CLOSED")).containsOnly("CLOSED");
    }

    @Test
    void a_ticket_without_a_status_is_open() throws SQLException, CommandExecutionException {
        given(EXPANDED);

        assertThat(database.texts("select status from tickets")).containsOnly("OPEN");
    }

    @Test
    void what_was_written_meanwhile_comes_back_as_it_was_written() throws SQLException, CommandExecutionException {
        given(EXPANDED);
        database.execute("""
                update tickets set status = 'working' where id = 1;
                insert into tickets (customer_id, subject, description, status) values (1, '', '', 'escalated');
                insert into tickets (customer_id, subject, description, status) values (1, '', '', 'done');
                update tickets set status = 'CLOSED' where id = 3;
                """);
        Databases.migrate(database, MigrationState.before("007_tags"));

        new LiquibaseRunner(MigrationState.head().of(database)).rollbackTo("before-006_ticket_status_values");

        assertThat(database.texts("select status from tickets order by id"))
                .containsExactly("working", "open", "closed", "done");
    }

    @Test
    void an_old_status_is_refused_once_the_old_application_is_gone() throws SQLException, CommandExecutionException {
        given(MigrationState.head());

        for (String status : List.of("open", "closed", "escalated", "")) {
            assertThatThrownBy(() -> database.execute("update tickets set status = '%s'".formatted(status)))
                    .hasMessageContaining("ck_tickets_status_valid");
        }
    }

    /** Returns what is read from ticket 1 after each of these is written to it, and from a new ticket. */
    private List<String> afterWriting(String... statuses) throws SQLException {
        List<String> read = new ArrayList<>();
        for (String status : statuses) {
            database.execute("update tickets set status = '%s' where id = 1".formatted(status));
            read.add(database.text("select status from tickets where id = 1"));
            read.add(database.text("""
                    insert into tickets (customer_id, subject, description, status) values (1, '', '', '%s')
                    returning status
                    """.formatted(status)));
        }
        return read;
    }

    private void given(MigrationState state) throws SQLException, CommandExecutionException {
        database = Databases.at(state);
        database.execute(LegacyRows.PEOPLE + LegacyRows.tickets(2));
    }
}
