package dev.supportdb.postgres;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
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

    /** The libpq variables for TLS, by the driver property of the same meaning. */
    private static final Map<String, String> SSL = Map.of("sslmode", "PGSSLMODE", "sslrootcert", "PGSSLROOTCERT",
            "sslcert", "PGSSLCERT", "sslkey", "PGSSLKEY");

    /** The other libpq variables, by driver property; programs have no arguments for them. */
    private static final Map<String, String> CONNECTION = Map.ofEntries(Map.entry("PGHOST", "PGHOST"),
            Map.entry("PGPORT", "PGPORT"), Map.entry("PGDBNAME", "PGDATABASE"), Map.entry("user", "PGUSER"),
            Map.entry("password", PASSWORD), Map.entry("options", "PGOPTIONS"),
            Map.entry("connectTimeout", "PGCONNECT_TIMEOUT"), Map.entry("channelBinding", "PGCHANNELBINDING"),
            Map.entry("gssEncMode", "PGGSSENCMODE"),
            Map.entry("requireAuth", "PGREQUIREAUTH"), Map.entry("sslmode", "PGSSLMODE"),
            Map.entry("sslrootcert", "PGSSLROOTCERT"), Map.entry("sslcert", "PGSSLCERT"),
            Map.entry("sslkey", "PGSSLKEY"));

    private LibpqVariables() {
    }

    /**
     * The variables by which one of PostgreSQL's own programs makes the connection that {@link #connect} makes, with
     * the same encryption. They hold the password, which no argument may.
     *
     * @param url      JDBC URL
     * @param username null for the driver's default
     * @param password null for that of the environment
     */
    public static Map<String, String> of(String url, String username, String password) {
        Properties known = Driver.parseURL(url, given(username, password));
        Map<String, String> variables = new HashMap<>();
        CONNECTION.forEach((property, variable) -> {
            if (known.getProperty(property) != null) {
                variables.put(variable, known.getProperty(property));
            }
        });
        if (List.of("", "true").contains(known.getProperty("ssl", "false"))) {
            variables.putIfAbsent("PGSSLMODE", "verify-full");
        }
        if (known.getProperty("sslfactory", "").endsWith(".DefaultJavaSSLFactory")) {
            variables.put("PGSSLROOTCERT", "system");
        }
        return variables;
    }

    private static Properties given(String username, String password) {
        Properties properties = new Properties();
        if (username != null) {
            properties.setProperty("user", username);
        }
        if (password != null) {
            properties.setProperty("password", password);
        }
        addTo(properties, System.getenv());
        return properties;
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
        return DriverManager.getConnection(url, given(username, password));
    }
}
