package dev.supportdb.chaos;

import com.sun.security.auth.module.UnixSystem;
import dev.supportdb.support.PackagedServer;
import dev.supportdb.support.ServerPlace;
import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Two servers, of which one follows the other until it takes its place, and the other way round. They need more of
 * PostgreSQL's programs than the embedded server brings: {@code pg_basebackup} and {@code pg_rewind}.
 */
final class StreamingPair implements DatabaseCopies, AutoCloseable {

    private static final String USER = "postgres";

    /**
     * Settings for {@code pg_rewind}: with hints in the log it knows what the old primary has and the new one lacks.
     */
    private static final String SETTINGS = """
            listen_addresses = '127.0.0.1'
            unix_socket_directories = ''
            fsync = %s
            wal_log_hints = on
            wal_keep_size = 2GB
            wal_retrieve_retry_interval = 100ms
            """;

    private record Node(Path folder, int port) {

        String data() {
            return folder.resolve("data").toString();
        }

        String connection() {
            return "host=127.0.0.1 port=%d user=%s dbname=postgres".formatted(port, USER);
        }

        TestDatabase database() {
            return new TestDatabase("postgres", "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(port), USER, USER);
        }
    }

    private final Path programs;
    private Node primary;
    private Node standby;
    private int copies;

    private StreamingPair(Path programs) throws IOException {
        this.programs = programs;
        this.primary = node();
        this.standby = node();
    }

    /** The folder with the programs; empty where this machine has none. */
    static Optional<Path> programs() {
        return PackagedServer.installed().filter(folder -> Stream.of("pg_basebackup", "pg_rewind")
                .allMatch(program -> Files.isExecutable(folder.resolve(program))));
    }

    static StreamingPair start(Path programs, boolean fsync) throws Exception {
        StreamingPair pair = new StreamingPair(programs);
        pair.run("initdb", "-D", pair.primary.data(), "-U", USER, "-A", "trust", "--no-sync");
        Path settings = Path.of(pair.primary.data(), "postgresql.conf");
        Files.writeString(settings, Files.readString(settings) + SETTINGS.formatted(fsync ? "on" : "off"));
        pair.start(pair.primary);
        pair.run("pg_basebackup", "-D", pair.standby.data(), "-d", pair.primary.connection(), "-R", "-c", "fast",
                "--no-sync");
        pair.start(pair.standby);
        pair.awaitStandby();
        return pair;
    }

    private static Node node() throws IOException {
        ServerPlace place = ServerPlace.find();
        if (isRoot()) {
            execute(List.of("chown", "nobody", place.folder().toString()));
        }
        return new Node(place.folder(), place.port());
    }

    private static boolean isRoot() {
        return new UnixSystem().getUid() == 0;
    }

    private void run(String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        if (isRoot()) {
            command.addAll(List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"));
        }
        command.add(programs.resolve(program).toString());
        command.addAll(List.of(arguments));
        execute(command);
    }

    private static void execute(List<String> command) throws IOException {
        Path output = Files.createTempFile("support-db-pair-", ".log");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        if (process.onExit().join().exitValue() != 0) {
            throw new IOException(String.join(" ", command) + ": " + Files.readString(output));
        }
        Files.delete(output);
    }

    /** The port is no setting of the folder: {@code pg_rewind} copies those. */
    private void start(Node node) throws IOException {
        run("pg_ctl", "-D", node.data(), "-l", node.folder().resolve("log").toString(), "-o", "-p " + node.port(),
                "-w", "start");
    }

    private void awaitStandby() throws SQLException {
        primary.database().awaitThat("exists (select from pg_stat_replication where state = 'streaming' "
                + "and replay_lsn >= pg_current_wal_lsn())");
    }

    /** Returns a database on the current primary; the driver would remember for ten seconds which was the standby. */
    TestDatabase database(String name) {
        return new TestDatabase(name, ("jdbc:postgresql://127.0.0.1:%d,127.0.0.1:%d/%s"
                + "?targetServerType=primary&hostRecheckSeconds=0")
                .formatted(Math.min(primary.port(), standby.port()), Math.max(primary.port(), standby.port()), name),
                USER, USER);
    }

    TestDatabase create(String name, String template) throws SQLException {
        database("postgres").execute("create database %s template %s".formatted(name, template));
        return database(name);
    }

    @Override
    public TestDatabase copyOf(TestDatabase original) throws SQLException {
        original.letGo();
        return create("trial_" + ++copies, original.name());
    }

    @Override
    public void drop(TestDatabase database) throws SQLException {
        database.letGo();
        database("postgres").execute("drop database " + database.name() + " with (force)");
    }

    String description() throws SQLException {
        return "PostgreSQL " + database("postgres").text("select current_setting('server_version')");
    }

    /** Disconnects the standby: later writes are lost when it takes over. */
    void disconnectStandby() throws SQLException {
        standby.database().execute("alter system set primary_conninfo = ''");
        standby.database().execute("select pg_reload_conf()");
        standby.database().awaitThat("not exists (select from pg_stat_wal_receiver)");
    }

    /** Reconnects the standby, which then receives everything that it has missed. */
    void reconnectStandby() throws SQLException {
        standby.database().execute("alter system reset primary_conninfo");
        standby.database().execute("alter system set primary_conninfo = '%s'".formatted(primary.connection()));
        standby.database().execute("select pg_reload_conf()");
        awaitStandby();
    }

    /**
     * The primary ends at once, and the standby takes its place.
     *
     * @return how many bytes of the log were lost, at least
     */
    long failOver() throws Exception {
        String end = primary.database().text("select pg_current_wal_insert_lsn()");
        primary.database().letGo();
        database("postgres").letGo();
        run("pg_ctl", "-D", primary.data(), "-m", "immediate", "-w", "stop");
        long lost = standby.database().count("""
                select pg_wal_lsn_diff('%s', greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()))
                """.formatted(end));
        run("pg_ctl", "-D", standby.data(), "-w", "promote");
        Node old = primary;
        primary = standby;
        standby = old;
        return Math.max(0, lost);
    }

    /** The old primary becomes the standby of the new one. */
    void rejoin() throws Exception {
        // pg_rewind reads the new timeline from the control file, which only a checkpoint updates.
        primary.database().execute("checkpoint");
        run("pg_rewind", "-D", standby.data(), "--source-server", primary.connection(), "-R", "--no-sync");
        start(standby);
        awaitStandby();
    }

    @Override
    public void close() throws IOException, SQLException {
        primary.database().letGo();
        standby.database().letGo();
        for (Node node : List.of(standby, primary)) {
            if (Files.exists(Path.of(node.data(), "postmaster.pid"))) {
                run("pg_ctl", "-D", node.data(), "-m", "immediate", "-w", "stop");
            }
            execute(List.of("rm", "-rf", node.folder().toString()));
        }
    }
}
