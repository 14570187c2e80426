package dev.supportdb.domain;

import static dev.supportdb.support.Recounts.assertRight;
import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** The counters of a ticket follow its comments, whatever the statement. */
final class TicketMetricsTest {

    private TestDatabase database;

    /** Three tickets; the first has three comments, the second one, the third none. */
    @BeforeEach
    void create() throws SQLException, CommandExecutionException {
        database = Databases.at(MigrationState.head());
        database.execute(LegacyRows.PEOPLE + LegacyRows.tickets(3));
        database.execute("""
                insert into ticket_comments (ticket_id, user_id, customer_id, is_internal, content) values
                    (1, null, 1, false, 'It is broken'),
                    (1, 1, null, false, 'Is it plugged in?'),
                    (1, 2, null, true, 'Typical'),
                    (2, null, 2, false, 'Mine too');
                """);
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    @Test
    void one_statement_may_write_comments_on_many_tickets() throws SQLException {
        assertThat(counters()).containsExactly("3 total, 1 customer, 2 agent", "1 total, 1 customer, 0 agent",
                "0 total, 0 customer, 0 agent");
    }

    @Test
    void a_comment_moved_to_another_ticket_counts_there() throws SQLException {
        database.execute("update ticket_comments set ticket_id = 3 where ticket_id = 1 and is_internal = false");

        assertThat(counters()).containsExactly("1 total, 0 customer, 1 agent", "1 total, 1 customer, 0 agent",
                "2 total, 1 customer, 1 agent");
    }

    @Test
    void comments_that_change_places_leave_the_totals_alone() throws SQLException {
        database.execute("update ticket_comments set ticket_id = 3 - ticket_id where customer_id is not null");

        assertThat(counters()).containsExactly("3 total, 1 customer, 2 agent", "1 total, 1 customer, 0 agent",
                "0 total, 0 customer, 0 agent");
    }

    @Test
    void a_deleted_comment_does_not_count() throws SQLException {
        database.execute("delete from ticket_comments where user_id is null");

        assertThat(counters()).containsExactly("2 total, 0 customer, 2 agent", "0 total, 0 customer, 0 agent",
                "0 total, 0 customer, 0 agent");
    }

    @Test
    void a_comment_whose_author_changes_counts_for_the_new_one() throws SQLException {
        database.execute("update ticket_comments set user_id = null, customer_id = 1 where user_id = 2");

        assertThat(counters()).first().isEqualTo("3 total, 2 customer, 1 agent");
    }

    @Test
    void a_deleted_agent_leaves_comments_nobody_wrote() throws SQLException {
        database.execute("delete from users where id = 1");

        assertThat(counters()).first().isEqualTo("3 total, 1 customer, 1 agent");
    }

    @Test
    void a_deleted_customer_leaves_comments_on_the_tickets_of_others() throws SQLException {
        database.execute("delete from customers where id = 2");

        assertThat(counters()).element(1).isEqualTo("1 total, 0 customer, 0 agent");
    }

    @Test
    void a_deleted_ticket_takes_its_comments_along() throws SQLException {
        database.execute("delete from tickets where id = 1");

        assertThat(counters()).containsExactly("1 total, 1 customer, 0 agent", "0 total, 0 customer, 0 agent");
    }

    @Test
    void copied_comments_count() throws SQLException, IOException {
        try (Connection connection = database.connect()) {
            connection.unwrap(PGConnection.class).getCopyAPI().copyIn(
                    "copy ticket_comments (ticket_id, user_id, content) from stdin",
                    new StringReader("3\t1\tone\n2\t1\ttwo\n3\t\\N\tthree\n"));
        }

        assertThat(counters()).containsExactly("3 total, 1 customer, 2 agent", "2 total, 1 customer, 1 agent",
                "2 total, 0 customer, 1 agent");
    }

    @Test
    void a_merge_counts_in_each_of_its_branches() throws SQLException {
        database.execute("""
                merge into ticket_comments c
                using (values ('Typical', 0), ('Mine too', 3), ('Same here', 2)) v (content, ticket_id)
                on c.content = v.content
                when matched and v.ticket_id = 0 then delete
                when matched then update set ticket_id = v.ticket_id
                when not matched then insert (ticket_id, user_id, content) values (v.ticket_id, 1, v.content)
                """);

        assertThat(counters()).containsExactly("2 total, 1 customer, 1 agent", "1 total, 0 customer, 1 agent",
                "1 total, 1 customer, 0 agent");
    }

    @Test
    void an_edited_comment_writes_no_ticket() throws SQLException {
        List<String> versions = database.texts("select xmin from tickets order by id");

        database.execute("update ticket_comments set content = 'edited'");

        assertThat(database.texts("select xmin from tickets order by id")).isEqualTo(versions);
    }

    private List<String> counters() throws SQLException {
        assertRight(database, DerivedValueRecount.TICKET_METRICS);
        return database.texts("""
                select format('%s total, %s customer, %s agent', total_comments, customer_responses, agent_responses)
                from tickets order by id
                """);
    }
}
