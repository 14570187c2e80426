package dev.supportdb.session;

import dev.supportdb.postgres.AnalyticsVariables;
import dev.supportdb.postgres.ConnectionSource;
import dev.supportdb.postgres.DatabaseUrl;
import dev.supportdb.postgres.EmbeddedLogins;
import dev.supportdb.postgres.LibpqVariables;
import dev.supportdb.postgres.LostConnection;
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
 * <p>They apply to the URL of {@code DATABASE_URL}. If that is not set, the password applies to a connection as
 * {@code DB_USERNAME} (which the pom puts over the file's) or without a password: another database that a goal compares
 * with, under its own user, keeps its password. A value that neither of them sets comes from {@link LibpqVariables} and
 * the password file; for the URL of {@code DATABASE_URL} these take precedence over a password of the environment's
 * file, which is for the server named there. For the URL of the second database {@link AnalyticsVariables} take
 * precedence over these. The port and passwords of the embedded server come from {@link EmbeddedLogins}.
 *
 * <p>If a connection fails, the message says why and what to do.
 */
public final class EnvironmentConnection extends JdbcConnection implements ConnectionSource {

    private Map<String, String> environment;

    private final Path embeddedFolder;

    /** Opens further connections like this one; null until this one is opened. */
    private PoolerDetector.ConnectionOpener opener;

    /** The session settings of the run, for further connections. */
    private String settings = SessionSettings.underRules(SessionSettings.PUBLIC);

    /** Constructor for Liquibase, which finds the class as a service. */
    public EnvironmentConnection() {
        this(System.getenv(), EmbeddedLogins.folder());
    }

    /** @param environment empty variables count as not set, because CI systems pass them on */
    EnvironmentConnection(Map<String, String> environment, Path embeddedFolder) {
        this.environment = new HashMap<>(environment);
        this.environment.values().removeIf(String::isBlank);
        this.embeddedFolder = embeddedFolder;
    }

    /**
     * Returns a priority above 101, that of the commercial extension, which the Maven plugin of the 4.33 line includes.
     */
    @Override
    public int getPriority() {
        return 1000;
    }

    @Override
    public boolean supports(String url) {
        return SupportDatabase.isEnabled() && !SupportDatabase.isOtherJdbc(url);
    }

    @Override
    public void open(String given, Driver driver, Properties properties) throws DatabaseException {
        Optional<String> refusal = LiquibaseVersion.refusal();
        if (refusal.isPresent()) {
            throw new NoConnection(refusal.get());
        }
        // The Maven plugin passes these values if there is no password; Liquibase 4.33 passes the text "null".
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

    /** Refuses a pooler that shares sessions, before any setting is made in a session that others may get. */
    private void refusePooler() throws DatabaseException {
        boolean shared;
        try {
            shared = PoolerDetector.sharesSessions(getUnderlyingConnection(), opener);
        } catch (SQLException e) {
            throw new DatabaseException(e.getMessage(), e);
        }
        if (shared) {
            close();
            throw new NoConnection("""

                    This connection goes through a pooler in transaction or statement mode, where locks and settings \
                    are lost between transactions. Nothing has been changed. \
                    Connect to the server, or to a pool in session mode. %s""".formatted(ServerUrl.READ_FROM));
        }
    }

    /** Ignores a lost connection, because Liquibase would print a warning about it before the cause. */
    @Override
    public void close() throws DatabaseException {
        try {
            super.close();
        } catch (DatabaseException e) {
            if (!LostConnection.isCauseOf(e)) {
                throw e;
            }
        }
    }

    @Override
    public Connection reopen() throws SQLException {
        Connection connection = opener.open();
        SessionSettings.apply(connection, settings);
        return connection;
    }

    /** Sets the session settings of further connections. */
    void furtherWith(String settingsOfRun) {
        this.settings = settingsOfRun;
    }

    /** The logins of the embedded server if no password was given, unless the environment names another server. */
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
