package dev.supportdb.support;

import dev.supportdb.postgres.Sql;
import dev.supportdb.schema.Snapshot;
import dev.supportdb.verify.SampleData;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A database of a test's own, dropped when closed, whoever is still connected to it.
 *
 * @param url JDBC URL, without user and password
 */
public record TestDatabase(String name, String url, String username, String password) implements AutoCloseable {

    /** The one connection of each that waits for the next question. */
    private static final Map<TestDatabase, Connection> IDLE = new ConcurrentHashMap<>();

    /** A new connection, in auto-commit mode. */
    public Connection connect() throws SQLException {
        return DriverManager.getConnection(url, username, password);
    }

    /** This database through a proxy on this machine that does not encrypt. */
    public TestDatabase through(int port) {
        return new TestDatabase(name, url.replaceFirst("//[^/]+/", "//127.0.0.1:" + port + "/")
                + (url.contains("?") ? "&" : "?") + "sslmode=disable", username, password);
    }

    /** Runs a script: one statement or more, separated by semicolons. */
    public void execute(String sql) throws SQLException {
        over(connection -> {
            Sql.execute(connection, sql);
            return null;
        });
    }

    /** The number a query returns; 0 stands for NULL too. */
    public long count(String sql) throws SQLException {
        return over(connection -> Sql.number(connection, sql));
    }

    /** The first column of the only row a query returns, as text; may be null. */
    public String text(String sql) throws SQLException {
        return over(connection -> Sql.text(connection, sql));
    }

    /** The first column of all rows a query returns, as text, in their order. */
    public List<String> texts(String sql) throws SQLException {
        return over(connection -> Sql.texts(connection, sql));
    }

    /** Returns when a condition holds, which is asked on one connection; fails after five minutes. */
    public void awaitThat(String condition) throws SQLException {
        over(connection -> {
            Eventually.until(() -> Sql.isTrue(connection, "select " + condition),
                    () -> "did not come true: " + condition);
            return null;
        });
    }

    /** Schema and data as they are now. */
    public Snapshot snapshot() throws SQLException {
        return over(Snapshot::of);
    }

    /** Writes the rows of a data set for which there is a place by now. */
    public void fill(SampleData data) throws SQLException {
        over(connection -> {
            data.fill(connection);
            return data;
        });
    }

    private interface Use<T> {
        T of(Connection connection) throws SQLException;
    }

    /** Uses an idle connection as if it were new, because opening one takes the server longer than most queries. */
    private <T> T over(Use<T> use) throws SQLException {
        Connection idle = IDLE.remove(this);
        Connection connection = idle != null && idle.isValid(0) ? idle : connect();
        try {
            return use.of(connection);
        } finally {
            keep(connection);
        }
    }

    private void keep(Connection connection) throws SQLException {
        try {
            Sql.execute(connection, "discard all");
        } catch (SQLException notAsNew) {
            connection.close();
            return;
        }
        if (IDLE.putIfAbsent(this, connection) != null) {
            connection.close();
        }
    }

    /** Leaves nobody connected but whoever has called {@link #connect}. */
    public void letGo() throws SQLException {
        Connection connection = IDLE.remove(this);
        if (connection != null) {
            connection.close();
        }
    }

    @Override
    public void close() throws SQLException {
        letGo();
        Databases.drop(name);
    }
}
