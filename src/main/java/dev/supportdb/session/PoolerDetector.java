package dev.supportdb.session;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;

/**
 * Detects a connection pooler in transaction mode, which gives each transaction any free session of the server, or in
 * statement mode, which allows no transactions. There a run would lose its lock, and its settings would stay in
 * sessions of others.
 */
final class PoolerDetector {

    /** Enough tries to find two connections in one session, even while applications use the same sessions. */
    private static final int TRIES = 20;

    interface ConnectionOpener {
        Connection open() throws SQLException;
    }

    private PoolerDetector() {
    }

    /**
     * Returns whether connections share sessions; false if in doubt, since a lost lock is noticed later too.
     *
     * @param connection in auto-commit mode; its session is not changed
     * @param opener     opens another connection of the same kind
     */
    static boolean sharesSessions(Connection connection, ConnectionOpener opener) throws SQLException {
        int session = session(connection);
        // A server sends the pid of the session when a client connects. A pooler sends a pid of its own.
        if (connection.unwrap(PGConnection.class).getBackendPID() == session) {
            return false;
        }
        try (Connection other = opener.open(); Statement statement = other.createStatement()) {
            boolean shared = false;
            // While the other connection holds a server session for its transaction, a pooler gives this one another
            // session.
            for (int tries = 0; tries < TRIES && !shared; tries++) {
                // Not setAutoCommit: the driver would prepare "begin", which would stay in a shared session.
                if (!begins(statement)) {
                    return true;
                }
                shared = session(other) == session || session(connection) != session;
                statement.execute("rollback");
            }
            return shared;
        } catch (SQLException noOther) {
            return false;
        }
    }

    /** Starts a transaction; returns false for a pooler in statement mode, which closes the connection. */
    private static boolean begins(Statement statement) {
        try {
            statement.execute("begin");
            return true;
        } catch (SQLException noTransactions) {
            return false;
        }
    }

    /**
     * The pid of the session. Not with a prepared statement: the driver would keep it in the session, which may belong
     * to another client.
     */
    private static int session(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select pg_backend_pid()")) {
            row.next();
            return row.getInt(1);
        }
    }
}
