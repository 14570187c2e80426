package dev.supportdb.domain;

import static dev.supportdb.support.Recounts.assertRight;
import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The score of a customer follows the messages. */
final class CustomerScoreTest {

    private TestDatabase database;

    /** Customer 1 has three messages, customer 2 one. */
    @BeforeEach
    void create() throws SQLException, CommandExecutionException {
        database = Databases.at(MigrationState.head());
        database.execute(LegacyRows.PEOPLE + LegacyRows.tickets(1) + """
                insert into messages (customer_id, ticket_id, direction, channel, body) values
                    (1, null, 'inbound', 'email', 'Hello'), (1, 1, 'outbound', 'email', 'Hello'),
                    (1, 1, 'inbound', 'email', 'Thanks'), (2, null, 'inbound', 'email', 'Hello');
                """);
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    @Test
    void each_message_is_a_tenth() throws SQLException {
        assertThat(scores()).containsExactly("0.3", "0.1");
    }

    @Test
    void a_score_is_exact_however_it_was_reached() throws SQLException {
        for (int i = 0; i < 7; i++) {
            database.execute("""
                    insert into messages (customer_id, direction, channel, body) values (2, 'inbound', 'email', '')
                    """);
        }
        database.execute("delete from messages where customer_id = 2 and id in (select max(id) from messages)");

        assertThat(scores()).containsExactly("0.3", "0.7");
    }

    @Test
    void a_message_of_somebody_else_counts_there() throws SQLException {
        database.execute("update messages set customer_id = 3 - customer_id");

        assertThat(scores()).containsExactly("0.1", "0.3");
    }

    @Test
    void an_edited_message_writes_no_customer() throws SQLException {
        List<String> versions = database.texts("select xmin from customers order by id");

        database.execute("update messages set body = 'edited'");

        assertThat(database.texts("select xmin from customers order by id")).isEqualTo(versions);
    }

    @Test
    void without_messages_a_score_is_zero() throws SQLException {
        database.execute("delete from messages");
        database.execute("insert into customers (name) values ('Eve')");

        assertThat(scores()).containsExactly("0", "0", "0");
    }

    @Test
    void a_deleted_customer_takes_the_messages_along_and_leaves_other_scores() throws SQLException {
        database.execute("delete from customers where id = 1");

        assertThat(scores()).containsExactly("0.1");
    }

    private List<String> scores() throws SQLException {
        assertRight(database, DerivedValueRecount.COMPUTED_SCORE);
        return database.texts("select computed_score::text from customers order by id");
    }
}
