package dev.supportdb.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertAll;

import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** An application with prepared statements sees of a new type what docs/phases.md says, in each phase. */
final class PreparedStatementsTest {

    private static final MigrationState BEFORE = MigrationState.before("005_ticket_priority_enum").withTickets(20);
    private static final MigrationState AFTER = MigrationState.before("006_ticket_status_values").withTickets(20);
    private static final List<MigrationState> PHASES = List.of(AFTER.labelled("!vector and !backfill and !contract"),
            AFTER.labelled("!vector and !contract"), AFTER);

    private static final String ALL_COLUMNS = "select * from tickets where id = ?";
    private static final String ITS_COLUMN = "select priority from tickets where id = ?";
    private static final String LONGER_COLUMN = "select subject from tickets where id = ?";
    private static final String ANOTHER_COLUMN = "select status from tickets where id = ?";
    private static final String COMPARED = "select id from tickets where priority = ? limit 1";
    private static final String COMPARED_AS_TEXT = "select id from tickets where priority::text = ? limit 1";
    private static final String WRITTEN = "update tickets set priority = ?";

    /** PostgreSQL's cached plan, operator does not exist, datatype mismatch. */
    private static final String PLAN = "0A000";
    private static final String OPERATOR = "42883";
    private static final String TYPE = "42804";

    private static final String UNTYPED = "stringtype=unspecified";

    private static final String FINE = "ok, ok";

    /**
     * A statement that an application keeps on the server by way of the driver, from before the first phase.
     *
     * @param outcomes of executing it twice, in each phase
     */
    private record Kept(String sql, boolean inTransaction, Connection connection, PreparedStatement statement,
            String... outcomes) {

        String outcome() throws SQLException {
            try {
                if (sql.contains(" id = ?")) {
                    statement.setInt(1, 1);
                } else {
                    statement.setString(1, "high");
                }
                statement.execute();
                return "ok";
            } catch (SQLException e) {
                return e.getSQLState();
            } finally {
                if (inTransaction) {
                    connection.rollback();
                }
            }
        }
    }

    @Test
    void each_phase_is_seen_as_the_page_says() throws Exception {
        List<Kept> kept = new ArrayList<>();
        try (TestDatabase database = Databases.at(BEFORE)) {
            kept.add(keep(database, ALL_COLUMNS, true, "", PLAN + ", ok", FINE, PLAN + ", ok"));
            kept.add(keep(database, ITS_COLUMN, true, "", FINE, FINE, PLAN + ", ok"));
            kept.add(keep(database, LONGER_COLUMN, true, "", PLAN + ", ok", FINE, FINE));
            kept.add(keep(database, ANOTHER_COLUMN, true, "", FINE, FINE, FINE));
            kept.add(keep(database, ALL_COLUMNS, false, "", FINE, FINE, FINE));
            kept.add(keep(database, ITS_COLUMN, false, "", FINE, FINE, FINE));
            kept.add(keep(database, ALL_COLUMNS, true, "autosave=conservative", FINE, FINE, FINE));
            kept.add(keep(database, ITS_COLUMN, true, "autosave=conservative", FINE, FINE, FINE));
            kept.add(keep(database, COMPARED, false, "", FINE, FINE, OPERATOR + ", " + OPERATOR));
            kept.add(keep(database, WRITTEN, false, "", FINE, FINE, TYPE + ", " + TYPE));
            kept.add(keep(database, COMPARED_AS_TEXT, false, "", FINE, FINE, FINE));
            // The server chose the type of the parameter when the statement was prepared.
            kept.add(keep(database, COMPARED, false, UNTYPED, FINE, FINE, OPERATOR + ", " + OPERATOR));
            kept.add(keep(database, WRITTEN, false, UNTYPED, FINE, FINE, TYPE + ", " + TYPE));
            kept.add(keep(database, COMPARED, false, UNTYPED + "&prepareThreshold=0", FINE, FINE, FINE));
            kept.add(keep(database, WRITTEN, false, UNTYPED + "&prepareThreshold=0", FINE, FINE, FINE));
            List<Executable> checks = new ArrayList<>();
            for (int phase = 0; phase < PHASES.size(); phase++) {
                Databases.migrate(database, PHASES.get(phase));
                for (Kept one : kept) {
                    String expected = one.outcomes()[phase];
                    String seen = one.outcome() + ", " + one.outcome();
                    String what = "phase %d, in a transaction %s: %s".formatted(phase, one.inTransaction(), one.sql());
                    checks.add(() -> assertThat(seen).as(what).isEqualTo(expected));
                }
            }
            assertAll(checks);
            // The same on new connections.
            kept.add(keep(database, COMPARED, false, UNTYPED));
            kept.add(keep(database, WRITTEN, false, UNTYPED));
        } finally {
            for (Kept one : kept) {
                one.connection().close();
            }
        }
    }

    /** Without a driver that prepares it again. */
    @Test
    void a_statement_that_the_application_prepares_itself_is_to_be_prepared_again() throws Exception {
        try (TestDatabase database = Databases.at(BEFORE); Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("prepare its_column as select priority from tickets where id = 1");
            statement.execute("execute its_column");

            Databases.migrate(database, AFTER);

            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> statement.execute("execute its_column"))
                        .hasMessageContaining("cached plan must not change result type");
            }
            statement.execute("deallocate all; prepare its_column as select priority from tickets where id = 1");
            statement.execute("execute its_column");
        }
    }

    private static Kept keep(TestDatabase database, String sql, boolean inTransaction, String setting,
            String... outcomes) throws SQLException {
        Connection connection = DriverManager.getConnection(
                database.url() + (database.url().contains("?") ? "&" : "?")
                        + (setting.contains("prepareThreshold") ? setting : "prepareThreshold=1&" + setting),
                database.username(), database.password());
        connection.setAutoCommit(!inTransaction);
        Kept kept = new Kept(sql, inTransaction, connection, connection.prepareStatement(sql), outcomes);
        assertThat(kept.outcome()).as(sql).isEqualTo("ok");
        return kept;
    }
}
