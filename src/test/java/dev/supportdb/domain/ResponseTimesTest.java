package dev.supportdb.domain;

import static dev.supportdb.support.Recounts.assertRight;
import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.sql.SQLException;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The response times of a ticket follow the ticket and its comments. */
final class ResponseTimesTest {

    private TestDatabase database;

    /** Ticket 1 was opened at 9:00 and first answered, in public, at 9:30. Nobody has said anything on ticket 2. */
    @BeforeEach
    void create() throws SQLException, CommandExecutionException {
        database = Databases.at(MigrationState.head());
        database.execute(LegacyRows.PEOPLE + LegacyRows.tickets(2) + """
                update tickets set created_at = '2026-01-05 09:00';
                insert into ticket_comments (ticket_id, user_id, customer_id, is_internal, created_at, content) values
                    (1, null, 1, false, '2026-01-05 09:05', 'Hello?'),
                    (1, 1, null, true, '2026-01-05 09:10', 'Not again'),
                    (1, 1, null, false, '2026-01-05 09:30', 'Good morning'),
                    (1, 2, null, false, '2026-01-05 10:00', 'I can help');
                """);
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    @Test
    void the_first_public_comment_of_an_agent_is_the_first_response() throws SQLException {
        assertThat(firstResponse(1)).isEqualTo("00:30:00");
        assertThat(firstResponse(2)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {
            "delete from ticket_comments where content = 'Good morning'",
            "update ticket_comments set is_internal = true where content = 'Good morning'",
            "update ticket_comments set user_id = null where content = 'Good morning'",
            "update ticket_comments set ticket_id = 2 where content = 'Good morning'",
            "update ticket_comments set created_at = '2026-01-06' where content = 'Good morning'",
            "delete from users where id = 1"})
    void without_the_first_the_second_is_the_first_response(String change) throws SQLException {
        database.execute(change);

        assertThat(firstResponse(1)).isEqualTo("01:00:00");
    }

    @Test
    void without_any_there_is_no_first_response() throws SQLException {
        database.execute("delete from ticket_comments where user_id is not null and not is_internal");

        assertThat(firstResponse(1)).isNull();
    }

    @Test
    void a_note_made_public_is_a_response() throws SQLException {
        database.execute("update ticket_comments set is_internal = false");

        assertThat(firstResponse(1)).isEqualTo("00:10:00");
    }

    @Test
    void one_statement_may_answer_many_tickets() throws SQLException {
        database.execute("""
                insert into ticket_comments (ticket_id, user_id, created_at, content) values
                    (1, 1, '2026-01-05 09:20', 'Imported late'), (2, 1, '2026-01-05 11:00', 'Sorry'),
                    (2, 2, '2026-01-05 10:00', 'Hello')
                """);

        assertThat(firstResponse(1)).isEqualTo("00:20:00");
        assertThat(firstResponse(2)).isEqualTo("01:00:00");
    }

    @Test
    void an_answer_before_the_ticket_was_opened_shows_as_such() throws SQLException {
        database.execute("""
                insert into ticket_comments (ticket_id, user_id, created_at, content)
                values (2, 1, '2026-01-05 08:59:59.5', 'We have seen it coming')
                """);

        assertThat(firstResponse(2)).isEqualTo("-00:00:01");
    }

    @Test
    void a_resolved_ticket_has_a_time_and_a_reopened_one_has_none() throws SQLException {
        database.execute("update tickets set resolved_at = '2026-01-06 09:00:00.999' where id = 1");
        assertThat(resolution(1)).isEqualTo("24:00:00");

        database.execute("update tickets set resolved_at = null where id = 1");
        assertThat(resolution(1)).isNull();

        database.execute("update tickets set resolved_at = '2026-01-05 12:00' where id = 1");
        assertThat(resolution(1)).isEqualTo("03:00:00");
        assertThat(resolution(2)).isNull();
    }

    @Test
    void both_times_begin_when_the_ticket_does() throws SQLException {
        database.execute("update tickets set resolved_at = '2026-01-05 10:00'");

        database.execute("update tickets set created_at = '2026-01-05 09:15' where id = 1");

        assertThat(firstResponse(1)).isEqualTo("00:15:00");
        assertThat(resolution(1)).isEqualTo("00:45:00");
    }

    @Test
    void what_a_new_ticket_says_of_itself_is_computed() throws SQLException {
        database.execute("""
                insert into tickets (customer_id, subject, description, created_at, resolved_at,
                    resolution_time_seconds, first_response_time_seconds)
                values (1, 'Imported', 'Long done', '2026-01-01 00:00', '2026-01-01 00:01', 7, 7)
                """);

        assertThat(resolution(3)).isEqualTo("00:01:00");
        assertThat(firstResponse(3)).isNull();
    }

    private String firstResponse(int ticket) throws SQLException {
        return time("first_response_time_seconds", ticket);
    }

    private String resolution(int ticket) throws SQLException {
        return time("resolution_time_seconds", ticket);
    }

    private String time(String column, int ticket) throws SQLException {
        assertRight(database, DerivedValueRecount.RESPONSE_TIMES);
        return database.text("select (%s * interval '1 second')::text from tickets where id = %d"
                .formatted(column, ticket));
    }
}
