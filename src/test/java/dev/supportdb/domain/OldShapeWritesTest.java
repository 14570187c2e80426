package dev.supportdb.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.postgres.Sql;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests that writes of an old application are recorded, and that no application waits because of it. */
final class OldShapeWritesTest {

    private static final MigrationState EXPANDED = MigrationState.before("007_tags").labelled("!vector and !contract");

    private static final String OLD_STATUS = "update tickets set status = 'working' where id = %d";
    private static final String OLD_PRIORITY = "update tickets set priority = 'asap' where id = %d";
    private static final String NOTES = """
            select concat_ws(' ', feature, application_name, count(*)) from old_shape_writes
            group by feature, application_name order by 1
            """;

    /** So that whoever waits for a lock at all fails. */
    private static final String WAIT_FOR_NOTHING = "set lock_timeout = '1ms'";

    private TestDatabase database;

    @BeforeEach
    void create() throws Exception {
        database = Databases.at(EXPANDED);
        database.execute(LegacyRows.PEOPLE + LegacyRows.tickets(4));
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    private Connection application(String name) throws SQLException {
        Connection connection = database.connect();
        Sql.execute(connection, "set application_name = '%s'".formatted(name));
        return connection;
    }

    @Test
    void a_write_is_noted_once_a_minute_for_each_application_and_feature() throws SQLException {
        try (Connection desk = application("desk 1.0"); Connection portal = application("portal")) {
            for (int ticket = 1; ticket <= 4; ticket++) {
                Sql.execute(desk, OLD_STATUS.formatted(ticket));
                Sql.execute(desk, OLD_PRIORITY.formatted(ticket));
                Sql.execute(portal, OLD_STATUS.formatted(ticket));
            }
        }
        try (Connection again = application("portal")) {
            Sql.execute(again, OLD_STATUS.formatted(1));
        }

        assertThat(database.texts(NOTES)).containsExactly("005_ticket_priority_enum desk 1.0 1",
                "006_ticket_status_values desk 1.0 1", "006_ticket_status_values portal 1");
        assertThat(database.texts("select distinct username from old_shape_writes"))
                .containsExactly(database.username());
    }

    @Test
    void the_next_minute_is_noted_as_well() throws SQLException {
        try (Connection desk = application("desk")) {
            Sql.execute(desk, OLD_STATUS.formatted(1));
            Sql.execute(desk, "update old_shape_writes set seen_at = seen_at - interval '61 seconds'");
            Sql.execute(desk, "set supportdb.noted_006_ticket_status_values = 'desk of the minute before'");
            Sql.execute(desk, OLD_STATUS.formatted(1));
        }

        assertThat(database.texts(NOTES)).containsExactly("006_ticket_status_values desk 2");
    }

    @Test
    void a_write_of_the_new_shape_and_a_backfill_are_not_noted() throws Exception {
        try (Connection desk = application("desk")) {
            Sql.execute(desk, "update tickets set status = 'CLOSED', priority = 'urgent', priority_new = 'low'");
            Sql.execute(desk, "insert into tickets (customer_id, subject, description) values (1, 's', 'd')");
        }
        Databases.migrate(database, MigrationState.before("007_tags"));
        new LiquibaseRunner(MigrationState.head().of(database)).rollbackTo("before-006_ticket_status_values");

        assertThat(database.texts(NOTES)).isEmpty();
        assertThat(database.texts("select feature from old_shapes")).containsExactly("005_ticket_priority_enum");
    }

    @Test
    void what_is_rolled_back_is_noted_by_the_next_write() throws SQLException {
        try (Connection desk = application("desk")) {
            desk.setAutoCommit(false);
            Sql.execute(desk, OLD_STATUS.formatted(1));
            desk.rollback();
            Sql.execute(desk, OLD_STATUS.formatted(1));
            desk.commit();
        }

        assertThat(database.texts(NOTES)).containsExactly("006_ticket_status_values desk 1");
    }

    @Test
    void nobody_waits_for_a_note_that_another_writer_has_not_committed() throws SQLException {
        try (Connection first = application("desk"); Connection second = application("desk")) {
            first.setAutoCommit(false);
            Sql.execute(first, OLD_STATUS.formatted(1));
            Sql.execute(second, WAIT_FOR_NOTHING);

            Sql.execute(second, OLD_STATUS.formatted(2));

            first.rollback();
            // The negative control: a writer that has to wait is detected.
            Sql.execute(first, OLD_STATUS.formatted(1));
            assertThatThrownBy(() -> Sql.execute(second, OLD_STATUS.formatted(1))).hasMessageContaining("lock timeout");
            first.rollback();
        }

        assertThat(database.texts(NOTES)).containsExactly("006_ticket_status_values desk 1");
    }

    @Test
    void nobody_waits_for_who_keeps_the_notes_for_himself() throws SQLException {
        try (Connection blocker = database.connect(); Connection desk = application("desk")) {
            blocker.setAutoCommit(false);
            Sql.execute(blocker, "lock table old_shape_writes in access exclusive mode");
            Sql.execute(desk, WAIT_FOR_NOTHING);

            Sql.execute(desk, OLD_STATUS.formatted(1));
            Sql.execute(desk, OLD_PRIORITY.formatted(1));
            blocker.rollback();
            assertThat(database.texts(NOTES)).isEmpty();

            Sql.execute(desk, OLD_STATUS.formatted(2));
        }

        assertThat(database.texts("select status from tickets order by id limit 2")).containsOnly("IN_PROGRESS");
        assertThat(database.texts(NOTES)).containsExactly("006_ticket_status_values desk 1");
    }

    /** Each would have read what the other writes. */
    @Test
    void no_serializable_transaction_fails_for_a_note() throws SQLException {
        try (Connection first = application("desk"); Connection second = application("desk")) {
            for (Connection connection : List.of(first, second)) {
                connection.setAutoCommit(false);
                connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            }
            Sql.execute(first, OLD_STATUS.formatted(1));
            Sql.execute(second, OLD_STATUS.formatted(2));
            first.commit();
            second.commit();
        }

        assertThat(database.texts(NOTES)).containsExactly("006_ticket_status_values desk 2");
    }

    @Test
    void no_writer_of_an_old_text_is_noted_once_the_column_is_an_enum() throws Exception {
        String triggers = "select tgname from pg_trigger where tgname ~ '^(note|map)_ticket'";
        assertThat(database.texts(triggers)).isNotEmpty();
        Databases.migrate(database, MigrationState.before("007_tags"));

        assertThat(database.texts(triggers)).isEmpty();
        assertThat(database.texts("select proname from pg_proc where proname ~ '^(note|map)_ticket'")).isEmpty();
    }
}
