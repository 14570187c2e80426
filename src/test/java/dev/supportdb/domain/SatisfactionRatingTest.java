package dev.supportdb.domain;

import static dev.supportdb.support.Recounts.assertRight;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A ticket has the rating of its survey. */
final class SatisfactionRatingTest {

    private TestDatabase database;

    /** Three tickets, of which the first two have been rated. */
    @BeforeEach
    void create() throws SQLException, CommandExecutionException {
        database = Databases.at(MigrationState.head());
        database.execute(LegacyRows.PEOPLE + LegacyRows.tickets(3) + """
                insert into satisfaction_surveys (ticket_id, customer_id, rating, survey_sent_at)
                values (1, 1, 5, '2026-02-01'), (2, 1, 1, '2026-02-02');
                """);
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    @Test
    void a_survey_rates_its_ticket() throws SQLException {
        assertThat(ratings()).containsExactly("5", "1", null);
    }

    @Test
    void a_changed_rating_is_carried_over() throws SQLException {
        database.execute("update satisfaction_surveys set rating = rating + 2 where ticket_id = 2");

        assertThat(ratings()).containsExactly("5", "3", null);
    }

    @Test
    void a_survey_filled_in_again_replaces_the_rating() throws SQLException {
        database.execute("""
                insert into satisfaction_surveys (ticket_id, customer_id, rating, survey_sent_at)
                values (1, 1, 2, '2026-02-03'), (3, 1, 4, '2026-02-03')
                on conflict (ticket_id) do update set rating = excluded.rating
                """);

        assertThat(ratings()).containsExactly("2", "1", "4");
    }

    @Test
    void a_survey_moved_to_another_ticket_rates_that_one() throws SQLException {
        database.execute("update satisfaction_surveys set ticket_id = 3, rating = 4 where ticket_id = 1");

        assertThat(ratings()).containsExactly(null, "1", "4");
    }

    @Test
    void a_deleted_survey_takes_the_rating_along() throws SQLException {
        database.execute("delete from satisfaction_surveys");

        assertThat(ratings()).containsExactly(null, null, null);
    }

    @Test
    void a_deleted_ticket_takes_its_survey_along() throws SQLException {
        database.execute("delete from tickets where id = 1");

        assertThat(ratings()).containsExactly("1", null);
    }

    @Test
    void no_ticket_can_have_a_rating_no_survey_can() {
        for (int rating : new int[] {0, 6, -1}) {
            assertThatThrownBy(() -> database.execute("update tickets set satisfaction_rating = " + rating))
                    .hasMessageContaining("ck_tickets_satisfaction_rating");
        }
    }

    private List<String> ratings() throws SQLException {
        assertRight(database, DerivedValueRecount.SATISFACTION_RATING);
        return database.texts("select satisfaction_rating from tickets order by id");
    }
}
