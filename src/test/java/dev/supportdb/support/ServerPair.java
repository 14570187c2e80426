package dev.supportdb.support;

import dev.supportdb.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;

/** A primary, and a standby that follows it by a replication slot; each is a server of its own. */
public final class ServerPair implements AutoCloseable {

    /** The name of the standby, and of its slot. */
    public static final String STANDBY = "standby_b";

    private static final String NAME = EmbeddedPostgres.SUPERUSER;
    private static final String[] SETTINGS = {"fsync=off", "wal_level=logical",
            "wal_retrieve_retry_interval=100ms"};

    private final ServerPlace primaryPlace = ServerPlace.find();
    private final ServerPlace standbyPlace = ServerPlace.find();
    private final EmbeddedPostgres primary = primaryPlace.server(SETTINGS);
    private final EmbeddedPostgres standby = standbyPlace.server(SETTINGS);

    private ServerPair() throws IOException {
    }

    /** The standby begins as a copy of the primary's folder. */
    public static ServerPair start() throws Exception {
        ServerPair pair = new ServerPair();
        pair.primary.start();
        pair.onPrimary("postgres").execute("select pg_create_physical_replication_slot('%s', true)".formatted(STANDBY));
        pair.onPrimary("postgres").letGo();
        pair.primary.stop();
        run("cp", "-a", pair.primaryPlace.folder() + "/.", pair.standbyPlace.folder().toString());
        Path data = pair.standbyPlace.folder().resolve("data");
        Files.writeString(data.resolve("postgresql.auto.conf"), """
                primary_conninfo = 'host=127.0.0.1 port=%d user=%s password=%s application_name=%4$s'
                primary_slot_name = '%4$s'
                """.formatted(pair.primaryPort(), NAME, pair.primary.password(NAME), STANDBY),
                StandardOpenOption.APPEND);
        Files.createFile(data.resolve("standby.signal"));
        run("rm", "-rf", data.resolve("pg_replslot").resolve(STANDBY).toString());
        pair.primary.start();
        pair.startStandby();
        return pair;
    }

    private static void run(String... command) throws IOException, InterruptedException {
        if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
            throw new IOException(String.join(" ", command));
        }
    }

    public int primaryPort() {
        return primaryPlace.port();
    }

    public int standbyPort() {
        return standbyPlace.port();
    }

    public String password() throws IOException {
        return primary.password(NAME);
    }

    /** A database there, for the superuser. */
    public TestDatabase onPrimary(String database) throws IOException {
        return new TestDatabase(database, primary.url(database), NAME, password());
    }

    /** Returns a database on the standby. */
    public TestDatabase onStandby(String database) throws IOException {
        return new TestDatabase(database, standby.url(database), NAME, password());
    }

    /** Returns a database on the one that accepts writes; the driver would remember for ten seconds which did not. */
    public TestDatabase onEither(String database) throws IOException {
        return new TestDatabase(database, ("jdbc:postgresql://127.0.0.1:%d,127.0.0.1:%d/%s"
                + "?targetServerType=primary&hostRecheckSeconds=0")
                .formatted(primaryPort(), standbyPort(), database), NAME, password());
    }

    /** Sets a setting of the primary, until it is set again; empty for its default. */
    public void set(String setting, String value) throws IOException, SQLException {
        TestDatabase database = onPrimary("postgres");
        database.execute(value.isEmpty() ? "alter system reset " + setting
                : "alter system set %s = '%s'".formatted(setting, value));
        database.execute("select pg_reload_conf()");
    }

    /** Returns when it follows the primary and has all that is there. */
    public void startStandby() throws IOException, SQLException {
        standby.start();
        awaitStandby();
    }

    /** Returns when the standby has all that the primary has now. */
    public void awaitStandby() throws IOException, SQLException {
        onPrimary("postgres").awaitThat("""
                exists (select from pg_stat_replication where application_name = '%s' and state = 'streaming'
                    and replay_lsn >= pg_current_wal_lsn())""".formatted(STANDBY));
    }

    /** Stops the standby at once. */
    public void stopStandby() throws IOException, InterruptedException {
        quit(standbyPlace);
    }

    private static void quit(ServerPlace place) throws IOException, InterruptedException {
        String pid = Files.readAllLines(place.folder().resolve("data/postmaster.pid")).get(0).strip();
        ProcessHandle server = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
        run("kill", "-QUIT", pid);
        server.onExit().join();
    }

    /** The primary ends at once, and the standby takes its place. */
    public void failOver() throws Exception {
        quit(primaryPlace);
        onStandby("postgres").execute("select pg_promote()");
    }

    @Override
    public void close() throws IOException {
        standby.reset();
        primary.reset();
    }
}
