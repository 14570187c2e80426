package dev.supportdb.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;

/** Statements over one connection in one transaction, timed from the first of them until the commit is done. */
record TransactionFill(String name, Statements statements) implements FillStrategy {

    /** The statements of the transaction. */
    interface Statements {
        void run(Connection connection) throws SQLException;
    }

    @Override
    public Filled fill(BenchDatabase database) throws SQLException {
        try (Connection connection = database.connect(APPLICATION)) {
            Instant started = BenchDatabase.clock(connection);
            connection.setAutoCommit(false);
            statements.run(connection);
            connection.commit();
            return new Filled(started, BenchDatabase.clock(connection), Map.of());
        }
    }
}
