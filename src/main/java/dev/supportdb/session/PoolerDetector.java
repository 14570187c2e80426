package dev.supportdb.session;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;

/**
 * Finds a connection pooler in transaction mode, which gives each transaction to any free session of the server, or in
 * statement mode, which takes none. There a run would lose its lock, and its settings would stay in sessions of others.
 */
final class PoolerDetector {

    /** Enough to find two connections in one session, even where applications use the same sessions. */
    private static final int TRIES = 20;

    interface ConnectionOpener {
        Connection open() throws SQLException;
    }

    private PoolerDetector() {
    }

    /**
     * Tells whether connections share sessions. False in doubt, since a lost lock is noticed later as well.
     *
     * @param connection in auto-commit mode; nothing is changed in its session
     * @param opener     opens another connection of the same kind
     */
    static boolean sharesSessions(Connection connection, ConnectionOpener opener) throws SQLException {
        int session = session(connection);
        // A server sends the pid of the session when a client connects. A pooler sends a pid of its own invention.
        if (connection.unwrap(PGConnection.class).getBackendPID() == session) {
            return false;
        }
        try (Connection other = opener.open(); Statement statement = other.createStatement()) {
            boolean shared = false;
            // While the other connection holds a server session for its transaction, a pooler gives this one another.
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

    /** False for a pooler in statement mode, which ends the connection. */
    private static boolean begins(Statement statement) {
        try {
            statement.execute("begin");
            return true;
        } catch (SQLException noTransactions) {
            return false;
        }
    }

    /** Not a prepared statement: the driver keeps one that repeats in the session, which may be someone else's. */
    private static int session(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select pg_backend_pid()")) {
            row.next();
            return row.getInt(1);
        }
    }
}
