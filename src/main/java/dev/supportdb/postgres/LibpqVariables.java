package dev.supportdb.postgres;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.postgresql.Driver;

/**
 * The environment variables by which PostgreSQL's own programs learn a password and how to encrypt: the JDBC driver
 * reads none of them but {@code PGPASSFILE}. What a URL says goes before them, what they say before the driver's
 * defaults. The password file itself, {@code ~/.pgpass}, the driver reads where no password is given.
 */
public final class LibpqVariables {

    private static final String PASSWORD = "PGPASSWORD";

    /** By the property of the driver that says the same. */
    private static final Map<String, String> SSL = Map.of("sslmode", "PGSSLMODE", "sslrootcert", "PGSSLROOTCERT",
            "sslcert", "PGSSLCERT", "sslkey", "PGSSLKEY");

    private LibpqVariables() {
    }

    /**
     * Completes the properties of a connection, where they do not say it themselves.
     *
     * @param environment the variables of the process; one that is set to nothing counts as not set
     */
    public static void addTo(Properties properties, Map<String, String> environment) {
        SSL.forEach((property, variable) -> add(property, variable, properties, environment));
        add("password", PASSWORD, properties, environment);
    }

    /**
     * A password that goes with a connection: of {@code PGPASSWORD}, else of the password file.
     *
     * @param url         JDBC URL
     * @param username    null for the driver's default
     * @param environment the variables of the process
     */
    public static Optional<String> password(String url, String username, Map<String, String> environment) {
        Properties properties = new Properties();
        if (username != null) {
            properties.setProperty("user", username);
        }
        addTo(properties, environment);
        return Optional.ofNullable(Driver.parseURL(url, properties))
                .map(known -> known.getProperty("password"));
    }

    private static void add(String property, String variable, Properties properties, Map<String, String> environment) {
        String value = environment.getOrDefault(variable, "");
        if (!value.isEmpty()) {
            properties.putIfAbsent(property, value);
        }
    }

    /**
     * Opens a connection with these variables of the process.
     *
     * @param url      JDBC URL
     * @param username null for the driver's default
     * @param password null for that of the environment
     */
    public static Connection connect(String url, String username, String password) throws SQLException {
        Properties properties = new Properties();
        if (username != null) {
            properties.setProperty("user", username);
        }
        if (password != null) {
            properties.setProperty("password", password);
        }
        addTo(properties, System.getenv());
        return DriverManager.getConnection(url, properties);
    }
}
