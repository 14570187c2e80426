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
 * The environment variables from which PostgreSQL's programs read a password and the encryption; the JDBC driver reads
 * only {@code PGPASSFILE} of them. A URL takes precedence over them, and they take precedence over the driver's
 * defaults. The driver itself reads the password file {@code ~/.pgpass} if no password is given.
 */
public final class LibpqVariables {

    private static final String PASSWORD = "PGPASSWORD";

    /** The libpq variables for TLS, by the driver property of the same meaning. */
    private static final Map<String, String> SSL = Map.of("sslmode", "PGSSLMODE", "sslrootcert", "PGSSLROOTCERT",
            "sslcert", "PGSSLCERT", "sslkey", "PGSSLKEY");

    /** The other libpq variables, by driver property. */
    private static final Map<String, String> OTHERS = Map.of("PGHOST", "PGHOST", "PGPORT", "PGPORT",
            "PGDBNAME", "PGDATABASE", "user", "PGUSER", "password", PASSWORD, "options", "PGOPTIONS",
            "connectTimeout", "PGCONNECT_TIMEOUT", "channelBinding", "PGCHANNELBINDING",
            "gssEncMode", "PGGSSENCMODE", "requireAuth", "PGREQUIREAUTH");

    private LibpqVariables() {
    }

    /**
     * Returns the variables with which PostgreSQL's programs make the same connection as {@link #connect}, with the
     * same encryption. They contain the password, which no argument may.
     *
     * @param url      JDBC URL
     * @param username null for the driver's default
     * @param password null for that of the environment
     */
    public static Map<String, String> of(String url, String username, String password) {
        Properties known = Driver.parseURL(url, given(username, password));
        Map<String, String> variables = new HashMap<>();
        for (Map<String, String> names : List.of(SSL, OTHERS)) {
            names.forEach((property, variable) -> {
                if (known.getProperty(property) != null) {
                    variables.put(variable, known.getProperty(property));
                }
            });
        }
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
     * Adds missing properties of a connection.
     *
     * @param environment the variables of the process; one that is set to nothing counts as not set
     */
    public static void addTo(Properties properties, Map<String, String> environment) {
        SSL.forEach((property, variable) -> add(property, variable, properties, environment));
        add("password", PASSWORD, properties, environment);
    }

    /**
     * Returns the password for a connection: from {@code PGPASSWORD}, else from the password file.
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
