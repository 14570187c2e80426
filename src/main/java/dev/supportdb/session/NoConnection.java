package dev.supportdb.session;

import java.sql.SQLException;
import java.util.Properties;
import liquibase.exception.DatabaseException;

/** No connection to work on; nothing has been done. */
public final class NoConnection extends DatabaseException {

    private static final long serialVersionUID = 1L;

    NoConnection(String message) {
        super(message);
    }

    NoConnection(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * A connection that was opened without Liquibase, and failed; explained in the same words.
     *
     * @param url      JDBC URL
     * @param username null for the driver's default
     */
    public static NoConnection to(String url, String username, SQLException failure) {
        Properties properties = new Properties();
        if (username != null) {
            properties.setProperty("user", username);
        }
        try {
            return new NoConnection(new ConnectionFailure(ServerUrl.of(url), properties, System.getenv())
                    .explain(failure), failure);
        } catch (DatabaseException unreadable) {
            return new NoConnection(unreadable.getMessage(), failure);
        }
    }

    /** Liquibase puts it into the messages of two others. */
    @Override
    public String toString() {
        return getMessage();
    }
}
