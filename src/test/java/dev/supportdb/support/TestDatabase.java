package dev.supportdb.support;

import dev.supportdb.postgres.Sql;
import dev.supportdb.schema.Snapshot;
import dev.supportdb.verify.DataSet;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;

/**
 * A database of a test's own, dropped when closed, whoever is still connected to it.
 *
 * @param url JDBC URL, without user and password
 */
public record TestDatabase(String name, String url, String username, String password) implements AutoCloseable {

    /** A new connection, in auto-commit mode. */
    public Connection connect() throws SQLException {
        return DriverManager.getConnection(url, username, password);
    }

    /** The same, by way of a proxy on this machine that does not encrypt. */
    public TestDatabase through(int port) {
        return new TestDatabase(name, url.replaceFirst("//[^/]+/", "//127.0.0.1:" + port + "/")
                + (url.contains("?") ? "&" : "?") + "sslmode=disable", username, password);
    }

    /** Runs a script: one statement or more, separated by semicolons. */
    public void execute(String sql) throws SQLException {
        try (Connection connection = connect()) {
            Sql.execute(connection, sql);
        }
    }

    /** The number a query returns; 0 stands for NULL too. */
    public long count(String sql) throws SQLException {
        try (Connection connection = connect()) {
            return Sql.number(connection, sql);
        }
    }

    /** The first column of the only row a query returns, as text; may be null. */
    public String text(String sql) throws SQLException {
        try (Connection connection = connect()) {
            return Sql.text(connection, sql);
        }
    }

    /** The first column of all rows a query returns, as text, in their order. */
    public List<String> texts(String sql) throws SQLException {
        try (Connection connection = connect()) {
            return Sql.texts(connection, sql);
        }
    }

    /** Returns when a condition holds, which is asked on one connection; fails when that takes longer than a minute. */
    public void awaitThat(String condition) throws SQLException {
        try (Connection connection = connect()) {
            Eventually.until(() -> Sql.isTrue(connection, "select " + condition),
                    () -> "did not come true: " + condition);
        }
    }

    /** Schema and data as they are now. */
    public Snapshot snapshot() throws SQLException {
        try (Connection connection = connect()) {
            return Snapshot.of(connection);
        }
    }

    /** Writes the rows of a data set for which there is a place by now. */
    public void fill(DataSet data) throws SQLException {
        try (Connection connection = connect()) {
            data.fill(connection);
        }
    }

    @Override
    public void close() throws SQLException {
        Databases.drop(name);
    }
}
