package dev.supportdb.session;

import java.sql.Driver;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;

/**
 * A connection whose user name and password come from {@code DB_USERNAME} and {@code DB_PASSWORD} when its URL is that
 * of {@code DATABASE_URL}, so that no secret has to be on a command line, in a file or in a Maven property.
 *
 * <p>Where no connection can be had, says what is wrong and what to do about it.
 */
public final class EnvironmentConnection extends JdbcConnection {

    private final Map<String, String> environment;

    /** For Liquibase, which finds the class as a service. */
    public EnvironmentConnection() {
        this(System.getenv());
    }

    EnvironmentConnection(Map<String, String> environment) {
        this.environment = environment;
    }

    /** Above the 101 of the commercial extension, which the Maven plugin of the 4.33 line carries along. */
    @Override
    public int getPriority() {
        return 1000;
    }

    @Override
    public void open(String url, Driver driver, Properties properties) throws DatabaseException {
        ServerUrl server = ServerUrl.of(url);
        boolean named = server.isSameAs(environment.get("DATABASE_URL"));
        if (named) {
            take("DB_USERNAME", "user", properties);
            take("DB_PASSWORD", "password", properties);
        }
        boolean passwordFromEnvironment = named && environment.containsKey("DB_PASSWORD");
        try {
            super.open(url, driver, properties);
        } catch (DatabaseException e) {
            if (e.getCause() instanceof SQLException refused) {
                String user = properties.getProperty("user", System.getProperty("user.name"));
                ConnectionFailure failure = new ConnectionFailure(server, user, passwordFromEnvironment);
                throw new DatabaseException(failure.explain(refused), refused);
            }
            throw e;
        }
    }

    private void take(String variable, String property, Properties properties) {
        String value = environment.get(variable);
        if (value != null) {
            properties.setProperty(property, value);
        }
    }
}
