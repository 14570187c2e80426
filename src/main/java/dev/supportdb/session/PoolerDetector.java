package dev.supportdb.session;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;

/**
 * Finds a connection pooler in transaction mode, which gives each transaction to whichever session is free: there the
 * lock of a run would soon be nobody's or everybody's, and its settings would stay behind for others.
 */
final class PoolerDetector {

    /** As many as it takes to meet each other, also where applications have the same sessions in turn. */
    private static final int LOOKS = 20;

    interface Opening {
        Connection open() throws SQLException;
    }

    private PoolerDetector() {
    }

    /**
     * False in doubt: a lock that is lost is noticed later, too.
     *
     * @param connection in auto-commit mode; nothing is changed in its session
     * @param more       makes another connection of the kind
     */
    static boolean isInTransactionMode(Connection connection, Opening more) throws SQLException {
        int session = session(connection);
        // The number that a server gives a client at its start is that of the session. A pooler makes one up.
        if (connection.unwrap(PGConnection.class).getBackendPID() == session) {
            return false;
        }
        try (Connection other = more.open(); Statement statement = other.createStatement()) {
            boolean shared = false;
            // While the other one has a transaction, the first is given what is left, unless others are quicker.
            for (int look = 0; look < LOOKS && !shared; look++) {
                // Not by setAutoCommit: the driver would prepare "begin", which lasts in the session of someone else.
                statement.execute("begin");
                shared = session(other) == session || session(connection) != session;
                statement.execute("rollback");
            }
            return shared;
        } catch (SQLException noOther) {
            return false;
        }
    }

    private static int session(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select pg_backend_pid()")) {
            row.next();
            return row.getInt(1);
        }
    }
}
