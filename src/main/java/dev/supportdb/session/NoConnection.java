package dev.supportdb.session;

import java.sql.SQLException;
import java.util.Properties;
import liquibase.exception.DatabaseException;

/** Thrown if no connection can be opened; nothing has been done. */
public final class NoConnection extends DatabaseException {

    private static final long serialVersionUID = 1L;

    NoConnection(String message) {
        super(message);
    }

    NoConnection(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * Returns the exception for a failed connection that was opened without Liquibase, with the same explanation.
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

    /**
     * Returns the message without the class name, because Liquibase puts it into the messages of two other exceptions.
     */
    @Override
    public String toString() {
        return getMessage();
    }
}
