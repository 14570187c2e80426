package dev.supportdb.support;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.TimeZone;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes databases for tests, all on the one server of this JVM. A database is never shared:
 * <pre>{@code
 * try (TestDatabase database = Databases.empty()) {
 *     database.execute("create table t (id int)");
 * }
 * }</pre>
 */
public final class Databases {

    static {
        // The driver makes the JVM's time zone the session's. Not UTC, so that a time that should carry its zone and
        // does not is seen to be wrong.
        TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Chatham"));
    }

    private static final Server SERVER = Server.choose();
    private static final AtomicInteger COUNT = new AtomicInteger();

    private Databases() {
    }

    /** A new database with nothing in it. */
    public static TestDatabase empty() throws SQLException {
        return cloneOf("template0");
    }

    static TestDatabase cloneOf(String template) throws SQLException {
        String name = "test_%d_%d".formatted(ProcessHandle.current().pid(), COUNT.incrementAndGet());
        execute("create database %s template %s".formatted(name, template));
        return new TestDatabase(name, SERVER.urlOf(name), SERVER.username(), SERVER.password());
    }

    static void drop(String name) throws SQLException {
        execute("drop database if exists " + name + " with (force)");
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(SERVER.url(), SERVER.username(), SERVER.password());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
