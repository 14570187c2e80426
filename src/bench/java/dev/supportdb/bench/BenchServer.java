package dev.supportdb.bench;

import dev.supportdb.embedded.EmbeddedPostgres;
import dev.supportdb.support.ServerPlace;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The server everything is measured on: the one of {@code TEST_DATABASE_URL}, whose user must be a superuser, else an
 * embedded one of its own. Nothing is left of either.
 */
final class BenchServer implements AutoCloseable {

    private static final Path FOLDER = Path.of("target/bench/server");

    /** The settings of a server of some size. The built-in values are for machines of long ago. */
    private static final String[] SETTINGS = {"shared_buffers=1GB", "max_wal_size=4GB"};

    /** The settings without which a server is fast in a way that nobody would run it. */
    private static final List<String> REQUIRED = List.of("fsync", "synchronous_commit", "autovacuum");

    private final BenchDatabase admin;

    /** The embedded server; null if another server was given. */
    private final EmbeddedPostgres embedded;
    private final Set<String> databases = new LinkedHashSet<>();
    private int count;

    private BenchServer(BenchDatabase admin, EmbeddedPostgres embedded) {
        this.admin = admin;
        this.embedded = embedded;
    }

    static BenchServer choose() throws IOException, SQLException {
        BenchServer server = System.getenv().getOrDefault("TEST_DATABASE_URL", "").isBlank() ? embedded() : given();
        // Also stops the server after Ctrl-C.
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        server.requireSettings();
        return server;
    }

    private static BenchServer given() {
        Map<String, String> environment = System.getenv();
        return new BenchServer(new BenchDatabase(null, environment.get("TEST_DATABASE_URL"),
                environment.getOrDefault("TEST_DATABASE_USERNAME", System.getProperty("user.name")),
                environment.getOrDefault("TEST_DATABASE_PASSWORD", "")), null);
    }

    private static BenchServer embedded() throws IOException {
        EmbeddedPostgres postgres = new EmbeddedPostgres(FOLDER, ServerPlace.freePort(), SETTINGS);
        // A killed benchmark may have left its server running.
        postgres.reset();
        postgres.start();
        return new BenchServer(new BenchDatabase(null, postgres.url("postgres"), EmbeddedPostgres.SUPERUSER,
                postgres.password(EmbeddedPostgres.SUPERUSER)), postgres);
    }

    private void requireSettings() throws SQLException {
        Map<String, String> settings = settings();
        for (String setting : REQUIRED) {
            if (!settings.get(setting).equals("on")) {
                throw new SQLException("The server has %s = %s, with which no figure means anything: set it to on"
                        .formatted(setting, settings.get(setting)));
            }
        }
    }

    /** The settings of the server that a reader must know to judge a figure. */
    Map<String, String> settings() throws SQLException {
        Map<String, String> settings = new LinkedHashMap<>();
        try (Connection connection = admin.connect("bench"); Statement statement = connection.createStatement()) {
            for (String name : List.of("server_version", "fsync", "synchronous_commit", "autovacuum",
                    "shared_buffers", "max_wal_size")) {
                try (ResultSet row = statement.executeQuery("show " + name)) {
                    row.next();
                    settings.put(name, row.getString(1));
                }
            }
        }
        return settings;
    }

    /** A new database without anything in it. */
    BenchDatabase empty() throws SQLException {
        return create("template0 encoding 'UTF8' locale 'C'");
    }

    /** A copy of a database, file by file, with all of it on disk: what is measured next does not pay for it. */
    BenchDatabase cloneOf(BenchDatabase template) throws SQLException {
        BenchDatabase clone = create(template.name() + " strategy file_copy");
        admin.execute("checkpoint");
        return clone;
    }

    private BenchDatabase create(String template) throws SQLException {
        String name = "bench_%d_%d".formatted(ProcessHandle.current().pid(), ++count);
        admin.execute("create database %s template %s".formatted(name, template));
        databases.add(name);
        return new BenchDatabase(name, admin.url().replaceFirst("^(jdbc:postgresql://[^/]+/)[^?]*", "$1" + name),
                admin.username(), admin.password());
    }

    void drop(BenchDatabase database) throws SQLException {
        admin.execute("drop database " + database.name() + " with (force)");
        databases.remove(database.name());
    }

    /** Closes the server, once: an interruption calls this a second time. */
    @Override
    public synchronized void close() {
        try {
            if (embedded != null) {
                embedded.reset();
                return;
            }
            for (String name : List.copyOf(databases)) {
                admin.execute("drop database if exists " + name + " with (force)");
            }
        } catch (IOException | SQLException e) {
            System.err.println("The bench leaves something behind: " + e.getMessage());
        }
    }
}
