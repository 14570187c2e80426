package dev.supportdb.schema;

import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;

/**
 * A read-only use of a connection, with settings that decide how values and names are written, so that every session
 * reads the same text. The settings are local: closing rolls them back and returns the connection unchanged.
 */
public final class ReadOnlySession implements AutoCloseable {

    /** The settings, without JIT: compiling a catalogue query takes twenty times as long as running it. */
    private static final String SETTINGS = """
            set transaction read only;
            set local search_path = pg_catalog, pg_temp;
            set local jit = off;
            set local quote_all_identifiers = off;
            set local standard_conforming_strings = on;
            set local row_security = off;
            set local timezone = 'UTC';
            set local datestyle = 'ISO, YMD';
            set local intervalstyle = 'postgres';
            set local extra_float_digits = 1;
            set local bytea_output = 'hex';
            set local lc_monetary = 'C';
            """;

    private final Connection connection;
    /** Null if the transaction is our own. */
    private final Savepoint savepoint;
    private final Statement statement;

    private ReadOnlySession(Connection connection, Savepoint savepoint) throws SQLException {
        this.connection = connection;
        this.savepoint = savepoint;
        this.statement = connection.createStatement();
    }

    /** Prepares the caller's transaction in the same way, before its first query. */
    public static void prepare(Connection connection) throws SQLException {
        Sql.execute(connection, SETTINGS);
    }

    static ReadOnlySession of(Connection connection) throws SQLException {
        boolean own = connection.getAutoCommit();
        if (own) {
            connection.setAutoCommit(false);
        }
        ReadOnlySession reading = new ReadOnlySession(connection, own ? null : connection.setSavepoint());
        try {
            reading.statement.setEscapeProcessing(false);
            if (own) {
                // One snapshot for all tables. In a transaction that the caller has started it is too late to set it.
                reading.statement.execute("set transaction isolation level repeatable read");
            }
            reading.statement.execute(SETTINGS);
            return reading;
        } catch (SQLException e) {
            try (reading) {
                throw e;
            }
        }
    }

    /** Runs a query. The driver keeps the prepared statement and the server its plan, for repeated queries. */
    @SuppressWarnings("resource")
    ResultSet query(String sql) throws SQLException {
        PreparedStatement prepared = connection.prepareStatement(sql);
        prepared.closeOnCompletion();
        return prepared.executeQuery();
    }

    @Override
    public void close() throws SQLException {
        try (statement) {
            if (savepoint != null) {
                connection.rollback(savepoint);
                connection.releaseSavepoint(savepoint);
            } else {
                connection.rollback();
            }
        } finally {
            if (savepoint == null) {
                connection.setAutoCommit(true);
            }
        }
    }
}
