package dev.supportdb.backfill.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TestRole;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** An ordinary role is told who locks a row or a table of its own, as far as the server lets it see. */
final class BlockerLookupTest {

    private OrdersTable orders;
    private TestDatabase database;
    private TestRole migrator;

    @BeforeEach
    void create_role() throws SQLException, CommandExecutionException {
        orders = OrdersTable.create();
        database = orders.database();
        migrator = TestRole.in(database, "migrator").with("grant select on orders to ROLE");
    }

    @AfterEach
    void drop() throws SQLException {
        migrator.close();
        orders.close();
    }

    @Test
    void names_the_session_of_another_role_and_the_right_that_shows_more() throws SQLException {
        try (Connection application = database.connect(); Statement statement = application.createStatement()) {
            statement.execute("set application_name = 'web'");
            application.setAutoCommit(false);
            statement.execute("update orders set writes = writes where id = 3");
            int pid = application.unwrap(PGConnection.class).getBackendPID();

            assertThat(blocker(3)).isEqualTo(("the row of id 3 of orders is locked by pid %d (web, user %s); grant "
                    + "pg_read_all_stats to %s; shows its state and age")
                    .formatted(pid, database.username(), migrator.name()));
            assertThat(blocker(6)).isNull();
            migrator.with("grant pg_read_all_stats to ROLE");
            assertThat(blocker(3)).startsWith("the row of id 3 of orders is locked by pid %d (web, idle in transaction)"
                    .formatted(pid) + ", in a transaction since ").doesNotContain("pg_read_all_stats");

            statement.execute("lock table orders in share mode");
            assertThat(blocker(6)).startsWith("the table of orders is locked by pid " + pid);
        }
    }

    @Test
    void names_a_prepared_transaction() throws SQLException {
        assumeThat(database.count("select current_setting('max_prepared_transactions')::int"))
                .as("max_prepared_transactions of the server").isPositive();
        database.execute("begin; update orders set writes = 0 where id = 3; prepare transaction 'orders of may'");
        try {
            assertThat(blocker(3)).startsWith("the row of id 3 of orders is locked by the prepared transaction "
                    + "'orders of may', in a transaction since ");
        } finally {
            database.execute("rollback prepared 'orders of may'");
        }
    }

    private String blocker(long id) throws SQLException {
        try (Connection connection = migrator.database().connect()) {
            connection.setAutoCommit(false);
            return new BlockerLookup(connection, "orders").of(new long[] {id});
        }
    }
}
