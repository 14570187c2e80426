package dev.supportdb.session;

import dev.supportdb.postgres.EmbeddedLogins;
import dev.supportdb.postgres.PrintableText;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.postgresql.Driver;

/**
 * Explains to a user why a connection failed. Never contains a password.
 *
 * @param properties  the properties that the driver was given
 * @param environment the variables of the process
 */
record ConnectionFailure(ServerUrl url, Properties properties, Map<String, String> environment) {

    /**
     * Explains the SQLSTATE (PostgreSQL documentation, appendix A). The text starts on a new line, since Liquibase puts
     * the names of some exceptions before it.
     */
    String explain(SQLException failure) {
        Properties used = Driver.parseURL(url.text(), properties);
        return "\n" + PrintableText.of(new EncryptionFailure(failure, url.server(), used).explain()
                .orElseGet(() -> byState(failure, used)));
    }

    private String byState(SQLException failure, Properties used) {
        String state = failure.getSQLState() == null ? "" : failure.getSQLState();
        if (Set.of("08001", "08006").contains(state)
                && used.getProperty("targetServerType", "any").matches("primary|master")) {
            return """
                    None of the servers at %s is a primary that answers: a failover is under way, or the URL lacks the \
                    new primary. Wait for the failover, or add the new primary; then run the same command again. %s"""
                    .formatted(url.text(), ServerUrl.READ_FROM);
        }
        if (state.equals("08001") && failure.getCause() != null) {
            return "%s %s".formatted(unreachable(failure.getCause()), ServerUrl.READ_FROM);
        }
        return switch (state) {
            case "28P01" -> "The server at %s refuses the password of user %s: it is wrong or has expired. %s"
                    .formatted(url.server(), user(), wherePassword());
            case "08004" -> "The server at %s wants a password of user %s, and none was given. %s"
                    .formatted(url.server(), user(), wherePassword());
            case "28000" -> notLetIn(failure.getMessage());
            case "3D000" -> "The server at %s has no database '%s'. Create it, or correct the URL. %s"
                    .formatted(url.server(), url.database(), ServerUrl.READ_FROM);
            case "42501" -> "User %s may not connect. As the database's owner run: grant connect on database %s to %s;"
                    .formatted(user(), url.database(), user());
            default -> "Cannot connect to %s as user %s: %s".formatted(url.text(), user(), failure.getMessage());
        };
    }

    private String user() {
        return properties.getProperty("user", System.getProperty("user.name"));
    }

    private String unreachable(Throwable cause) {
        if (cause instanceof UnknownHostException) {
            return "There is no such host: %s. Correct the URL.".formatted(url.server());
        }
        return "No PostgreSQL server answers at %s. %s".formatted(url.server(), EmbeddedLogins.isServer(url.text())
                ? "`make up` starts the embedded one; for another, correct the URL."
                : "Check that it runs and can be reached from here, or correct the URL.");
    }

    /**
     * Explains a refused login. The server has one SQLSTATE for several reasons; the file name pg_hba.conf is the same
     * in every language.
     */
    private String notLetIn(String message) {
        String refusal = "The server at %s does not let user %s into database %s".formatted(
                url.server(), user(), url.database());
        if (message.contains("pg_hba.conf")) {
            return """
                    %s from this machine, or only by an encrypted connection (%s). Set sslmode=require in the URL; if \
                    that does not help, ask the administrator of the server to add a line to its pg_hba.conf."""
                    .formatted(refusal, message);
        }
        if (message.contains("certificate")) {
            return """
                    %s without a client certificate (%s). Name the files of the certificate and of its key: \
                    sslcert and sslkey in the URL, or PGSSLCERT and PGSSLKEY in the environment."""
                    .formatted(refusal, message);
        }
        return "%s: %s".formatted(refusal, message);
    }

    private String wherePassword() {
        String used = properties.getProperty("password", "");
        for (String variable : new String[] {"DB_PASSWORD", "PGPASSWORD"}) {
            if (!used.isEmpty() && used.equals(environment.get(variable))) {
                return "It was read from %s.".formatted(variable);
            }
        }
        return "It is read from DB_PASSWORD when that is set, else from contexts/<env>.properties, PGPASSWORD or "
                + "~/.pgpass.";
    }
}
