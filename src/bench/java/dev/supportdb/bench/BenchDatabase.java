package dev.supportdb.bench;

import dev.supportdb.domain.DerivedValueRecount;
import dev.supportdb.run.TargetDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Properties;

/**
 * A database of the bench's server.
 *
 * @param url JDBC URL, without user and password
 */
record BenchDatabase(String name, String url, String username, String password) {

    /** A new connection, in auto-commit mode, that other sessions see under this name. */
    Connection connect(String application) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", username);
        properties.setProperty("password", password);
        properties.setProperty("ApplicationName", application);
        return DriverManager.getConnection(url, properties);
    }

    /** Runs statement after statement, each in a transaction of its own, in one session. */
    void execute(String... statements) throws SQLException {
        try (Connection connection = connect("bench"); Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The number a query returns; 0 stands for NULL too. */
    double number(String sql) throws SQLException {
        try (Connection connection = connect("bench");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getDouble(1);
        }
    }

    /** The number of rows with a wrong value; ten stands for ten or more. */
    int wrongRows(DerivedValueRecount recount) throws SQLException {
        try (Connection connection = connect("bench")) {
            return recount.wrongRows(connection).size();
        }
    }

    /** The server's clock. */
    Instant clock() throws SQLException {
        try (Connection connection = connect("bench")) {
            return clock(connection);
        }
    }

    /** The server's clock, in a session that is there. */
    static Instant clock(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select clock_timestamp()")) {
            row.next();
            return row.getObject(1, OffsetDateTime.class).toInstant();
        }
    }

    /** The database as a target of a migration. */
    TargetDatabase target() {
        return new TargetDatabase(url, username, password, "changelog/db.changelog-master.yaml", "test", "!vector",
                Map.of());
    }
}
