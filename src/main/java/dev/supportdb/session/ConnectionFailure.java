package dev.supportdb.session;

import dev.supportdb.postgres.EmbeddedLogins;
import java.net.UnknownHostException;
import java.sql.SQLException;

/**
 * Explains to a user why a connection failed. Never names a password.
 *
 * @param passwordFromEnvironment whether the password that was tried is that of {@code DB_PASSWORD}
 */
record ConnectionFailure(ServerUrl url, String user, boolean passwordFromEnvironment) {

    /**
     * Explains the SQL state (PostgreSQL documentation, appendix A). The text begins on a new line, since Liquibase
     * puts the names of some exceptions before it.
     */
    String explain(SQLException failure) {
        String state = failure.getSQLState() == null ? "" : failure.getSQLState();
        return "\n" + switch (state) {
            case "08001" -> "%s %s".formatted(unreachable(failure.getCause()), ServerUrl.READ_FROM);
            case "28P01" -> "The server at %s refuses the password of user %s. %s"
                    .formatted(url.server(), user, wherePassword());
            case "08004" -> "The server at %s wants a password of user %s, and none was given. %s"
                    .formatted(url.server(), user, wherePassword());
            case "28000" -> "The server at %s does not let user %s in.".formatted(url.server(), user);
            case "3D000" -> "The server at %s has no database '%s'. Create it, or correct the URL. %s"
                    .formatted(url.server(), url.database(), ServerUrl.READ_FROM);
            case "42501" -> "User %s may not connect. As the database's owner run: grant connect on database %s to %s;"
                    .formatted(user, url.database(), user);
            default -> "Cannot connect to %s as user %s: %s".formatted(url.text(), user, failure.getMessage());
        };
    }

    private String unreachable(Throwable cause) {
        if (cause instanceof UnknownHostException) {
            return "There is no such host: %s. Correct the URL.".formatted(url.server());
        }
        return "No PostgreSQL server answers at %s. %s".formatted(url.server(), EmbeddedLogins.isServer(url.text())
                ? "`make up` starts the embedded one; for another, correct the URL."
                : "See that it runs and can be reached from here, or correct the URL.");
    }

    private String wherePassword() {
        return passwordFromEnvironment
                ? "It was read from DB_PASSWORD."
                : "It is read from DB_PASSWORD when that is set, else from contexts/<env>.properties.";
    }
}
