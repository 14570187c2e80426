package dev.supportdb.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The first things to look at after a deployment of the whole changelog. */
final class HeadTest {

    private TestDatabase database;

    @BeforeEach
    void create() throws SQLException, CommandExecutionException {
        database = Databases.at(MigrationState.head());
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    @Test
    void every_table_is_there() throws SQLException {
        assertThat(database.texts("select tablename from pg_tables where schemaname = 'public'")).contains(
                "users", "customers", "tickets", "ticket_comments", "satisfaction_surveys", "tags", "ticket_tags",
                "ticket_audit_log", "reports", "scheduled_reports", "databasechangelog");
    }

    @Test
    void a_ticket_has_its_columns_and_types() throws SQLException {
        assertThat(database.texts("""
                select column_name || ' ' || data_type from information_schema.columns where table_name = 'tickets'
                """)).contains(
                "id integer", "customer_id integer", "assigned_user_id integer", "subject character varying",
                "description text", "status character varying", "priority USER-DEFINED",
                "created_at timestamp without time zone", "updated_at timestamp without time zone",
                "resolved_at timestamp without time zone", "sla_deadline timestamp without time zone",
                "sla_violated boolean", "first_response_time_seconds integer", "resolution_time_seconds integer",
                "resolution_notes text");
    }

    @Test
    void a_ticket_points_at_a_customer_and_an_agent_who_exist() throws SQLException {
        database.execute(LegacyRows.PEOPLE);

        assertThatThrownBy(() -> insertTicket(3, 1)).hasMessageContaining("tickets_customer_id_fkey");
        assertThatThrownBy(() -> insertTicket(1, 3)).hasMessageContaining("tickets_assigned_user_id_fkey");
        insertTicket(2, 1);
        database.execute("delete from users");
        assertThat(database.text("select assigned_user_id from tickets")).isNull();
        database.execute("delete from customers");
        assertThat(database.count("select count(*) from tickets")).isZero();
    }

    @Test
    void tickets_are_found_by_index() throws SQLException {
        assertThat(database.texts("select indexname from pg_indexes where tablename = 'tickets'")).contains(
                "ix_tickets_status", "ix_tickets_priority", "ix_tickets_customer_id", "ix_tickets_assigned_user_id",
                "ix_tickets_created_at");
    }

    @Test
    void from_nothing_up_and_down_and_up_again() throws SQLException, CommandExecutionException {
        Snapshot head = database.snapshot();
        LiquibaseRunner migration = new LiquibaseRunner(MigrationState.head().of(database));

        migration.rollbackTo("before-000_backfill_tables");
        assertThat(database.texts("select tablename from pg_tables where schemaname = 'public'"))
                .containsExactlyInAnyOrder("databasechangelog", "databasechangeloglock");

        migration.update();
        assertThat(head.differenceTo(database.snapshot())).isEmpty();
    }

    @Test
    void data_is_kept_over_a_step_down_and_up() throws SQLException, CommandExecutionException {
        database.execute("""
                insert into users (email, full_name) values ('ada@support.example', 'Ada');
                insert into customers (email, name, phone) values ('carl@example.com', 'Carl', '+49 1');
                insert into tickets (customer_id, subject, description) values (1, 'Printer', 'On fire');
                insert into ticket_comments (ticket_id, user_id, content) values (1, 1, 'Water?');
                insert into satisfaction_surveys (ticket_id, customer_id, rating, survey_sent_at)
                values (1, 1, 4, now());
                insert into messages (customer_id, ticket_id, direction, channel, body)
                values (1, 1, 'inbound', 'email', 'Thanks');
                """);
        Snapshot head = database.snapshot();
        LiquibaseRunner migration = new LiquibaseRunner(MigrationState.head().of(database));

        migration.rollbackTo("before-024_active_ticket_index");
        migration.update();
        migration.rollback(1);
        assertThat(head.differenceTo(database.snapshot())).as("one step down is one visible change").isNotEmpty();
        migration.update();

        assertThat(head.differenceTo(database.snapshot())).isEmpty();
    }

    @Test
    void a_rating_is_from_1_to_5_and_given_once() throws SQLException {
        database.execute(LegacyRows.PEOPLE + LegacyRows.tickets(5));

        for (String rating : List.of("0", "6", "10", "-1")) {
            assertThatThrownBy(() -> rate(1, rating)).hasMessageContaining("ck_surveys_rating_range");
        }
        assertThatThrownBy(() -> rate(1, "null")).hasMessageContaining("not-null");
        for (int rating = 1; rating <= 5; rating++) {
            rate(rating, Integer.toString(rating));
        }
        assertThatThrownBy(() -> rate(1, "1")).hasMessageContaining("uq_surveys_ticket");
        assertThat(database.texts("select rating from satisfaction_surveys order by ticket_id"))
                .containsExactly("1", "2", "3", "4", "5");
    }

    private void insertTicket(int customer, int user) throws SQLException {
        database.execute("""
                insert into tickets (customer_id, assigned_user_id, subject, description)
                values (%d, %d, 'Printer', 'On fire')
                """.formatted(customer, user));
    }

    private void rate(int ticket, String rating) throws SQLException {
        database.execute("""
                insert into satisfaction_surveys (ticket_id, customer_id, rating, survey_sent_at)
                values (%d, 1, %s, now())
                """.formatted(ticket, rating));
    }
}
