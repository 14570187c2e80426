package dev.supportdb.session;

import dev.supportdb.postgres.AnalyticsVariables;
import dev.supportdb.postgres.ConnectionSource;
import dev.supportdb.postgres.DatabaseUrl;
import dev.supportdb.postgres.EmbeddedLogins;
import dev.supportdb.postgres.LibpqVariables;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;

/**
 * A connection whose user name and password come from {@code DB_USERNAME} and {@code DB_PASSWORD}, so that no secret
 * has to be on a command line, in a file or in a Maven property.
 *
 * <p>They are for the URL of {@code DATABASE_URL}. Where that is not set, the password is for whoever connects as
 * {@code DB_USERNAME} (which the pom puts over the file's) or without a password: another database that a goal compares
 * with, under a user of its own, keeps what it was given. What neither says comes from {@link LibpqVariables} and the
 * password file; for the URL of {@code DATABASE_URL} these go before a password of the environment's file, which is for
 * the server that stands there. For the URL of the second database {@link AnalyticsVariables} go before these. The port and
 * passwords of the embedded server are where {@link EmbeddedLogins} has them.
 *
 * <p>When a connection fails, the message says why and what to do.
 */
public final class EnvironmentConnection extends JdbcConnection implements ConnectionSource {

    private Map<String, String> environment;

    private final Path embeddedFolder;

    /** Opens further connections like this one; null until this one is opened. */
    private PoolerDetector.ConnectionOpener opener;

    /** For Liquibase, which finds the class as a service. */
    public EnvironmentConnection() {
        this(System.getenv(), EmbeddedLogins.folder());
    }

    /** @param environment in which a variable that is set to nothing counts as not set: CI systems hand on such */
    EnvironmentConnection(Map<String, String> environment, Path embeddedFolder) {
        this.environment = new HashMap<>(environment);
        this.environment.values().removeIf(String::isBlank);
        this.embeddedFolder = embeddedFolder;
    }

    /** Above the 101 of the commercial extension, which the Maven plugin of the 4.33 line carries along. */
    @Override
    public int getPriority() {
        return 1000;
    }

    @Override
    public void open(String given, Driver driver, Properties properties) throws DatabaseException {
        // The Maven plugin's ways to say that there is none, the latter that of the 4.33 line.
        properties.remove("password", "");
        properties.remove("password", "null");
        if (ServerUrl.of(given).isSameAs(AnalyticsVariables.url(environment))) {
            environment = AnalyticsVariables.in(environment);
        }
        Optional<EmbeddedLogins> embedded = embedded(given, properties);
        String url = embedded.map(logins -> logins.url(given)).orElse(given);
        ServerUrl server = ServerUrl.of(url);
        if (server.isSameAs(environment.get("DATABASE_URL"))) {
            take("DB_USERNAME", "user", properties);
            if (!take("DB_PASSWORD", "password", properties) && !hasPassword(environment.get("DATABASE_URL"))) {
                LibpqVariables.password(url, properties.getProperty("user"), environment)
                        .ifPresent(password -> properties.setProperty("password", password));
            }
        } else if (!environment.containsKey("DATABASE_URL") && wantsPassword(properties)) {
            take("DB_PASSWORD", "password", properties);
        }
        LibpqVariables.addTo(properties, environment);
        embedded.map(logins -> logins.password(properties.getProperty("user")))
                .ifPresent(password -> properties.putIfAbsent("password", password));
        Properties same = (Properties) properties.clone();
        opener = () -> driver.connect(url, same);
        try {
            super.open(url, driver, properties);
        } catch (DatabaseException e) {
            if (e.getCause() instanceof SQLException refused) {
                throw new NoConnection(new ConnectionFailure(server, same, environment).explain(refused), refused);
            }
            throw e;
        }
        refusePooler();
    }

    /** Refuses a pooler in transaction mode before anything is set in a session that may soon be another's. */
    private void refusePooler() throws DatabaseException {
        boolean transactionMode;
        try {
            transactionMode = PoolerDetector.isInTransactionMode(getUnderlyingConnection(), opener);
        } catch (SQLException e) {
            throw new DatabaseException(e.getMessage(), e);
        }
        if (transactionMode) {
            close();
            throw new NoConnection("""

                    A connection pooler in transaction mode stands before the server: a session is this run's now \
                    and another's a moment later, so that no lock and no setting holds. \
                    Connect to the server itself, or to a pool in session mode. %s""".formatted(ServerUrl.READ_FROM));
        }
    }

    @Override
    public Connection reopen() throws SQLException {
        Connection connection = opener.open();
        SessionSettings.apply(connection);
        return connection;
    }

    /** What the embedded server has for whom no password was given, unless the environment names another server. */
    private Optional<EmbeddedLogins> embedded(String url, Properties properties) throws DatabaseException {
        try {
            return properties.containsKey("password") || ServerUrl.of(url).isSameAs(environment.get("DATABASE_URL"))
                    ? Optional.empty() : EmbeddedLogins.find(url, embeddedFolder);
        } catch (IOException e) {
            throw new NoConnection("\n" + e.getMessage(), e);
        }
    }

    private boolean wantsPassword(Properties properties) {
        return !properties.containsKey("password")
                || properties.getProperty("user", "").equals(environment.get("DB_USERNAME"));
    }

    private static boolean hasPassword(String url) {
        return DatabaseUrl.find(url).filter(parts -> parts.password() != null).isPresent();
    }

    private boolean take(String variable, String property, Properties properties) {
        String value = environment.get(variable);
        if (value != null) {
            properties.setProperty(property, value);
        }
        return value != null;
    }
}
