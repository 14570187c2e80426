package dev.supportdb.chaos;

import dev.supportdb.embedded.EmbeddedPostgres;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.ServerPlace;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.verify.SampleData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import liquibase.exception.CommandExecutionException;

/**
 * A server that may be crashed, for nobody else is on it, and on it the database that every trial starts from: legacy
 * data before the first backfill.
 */
final class ChaosServer implements DatabaseCopies {

    private static final String TEMPLATE = "chaos";

    private final Campaign campaign;
    private final MigrationState legacy;
    private final MigrationState nothing;
    private final ServerPlace place;
    private final EmbeddedPostgres postgres;
    private TestDatabase superuser;
    private int copies;
    private ReferenceRun wayToTheHead;
    private ReferenceRun shortWay;
    private ReferenceRun wholeWay;

    private ChaosServer(Campaign campaign) throws IOException {
        this.campaign = campaign;
        legacy = MigrationState.before("005_ticket_priority_enum").withTickets(campaign.tickets());
        nothing = MigrationState.before("000_backfill_tables").withTickets(campaign.fewTickets());
        place = ServerPlace.find();
        // fsync=off is enough for a small campaign: only a crash of the machine would lose what the server has written.
        postgres = place.server(campaign.isWhole() ? "fsync=on" : "fsync=off");
    }

    /** A new one, gone when the JVM ends. */
    static ChaosServer open(Campaign campaign) throws IOException, SQLException, CommandExecutionException {
        ChaosServer lab = new ChaosServer(campaign);
        Runtime.getRuntime().addShutdownHook(new Thread(lab::remove));
        lab.start();
        lab.prepare();
        return lab;
    }

    Campaign campaign() {
        return campaign;
    }

    /** The state of the database that every trial starts from. */
    MigrationState legacy() {
        return legacy;
    }

    private void prepare() throws IOException, SQLException, CommandExecutionException {
        superuser = ServerPlace.withCheapLogins(postgres);
        TestDatabase template = create(TEMPLATE, "template0");
        new LiquibaseRunner(legacy.of(template)).updateTo(legacy.tag());
        template.fill(SampleData.DEMO);
        template.execute(WriteCounter.TABLES);
        template.execute(WriteCounter.TRIGGERS);
        template.execute("vacuum analyze");
    }

    /** The way to the head and back. */
    synchronized ReferenceRun wayToTheHead() throws SQLException, CommandExecutionException {
        if (wayToTheHead == null) {
            wayToTheHead = ReferenceRun.of(this, legacy, database(TEMPLATE), ReferenceRun.TO_THE_HEAD);
        }
        return wayToTheHead;
    }

    /** A way that a trial can go in seconds: one feature, with backfills in both directions. */
    synchronized ReferenceRun shortWay() throws SQLException, CommandExecutionException {
        if (shortWay == null) {
            shortWay = ReferenceRun.of(this, legacy, database(TEMPLATE), ReferenceRun.THROUGH_ONE_FEATURE);
        }
        return shortWay;
    }

    /** The way of an empty database to the head and back, of so few rows that little of its time goes to them. */
    synchronized ReferenceRun wholeWay() throws SQLException, CommandExecutionException {
        if (wholeWay == null) {
            TestDatabase empty = create("chaos_empty", "template0");
            new LiquibaseRunner(nothing.of(empty)).updateTo(nothing.tag());
            empty.execute(WriteCounter.TABLES);
            wholeWay = ReferenceRun.of(this, nothing, empty, ReferenceRun.ALL_OF_IT);
        }
        return wholeWay;
    }

    /** A new database in the state before the first backfill. */
    TestDatabase copy() throws SQLException {
        return copyOf(database(TEMPLATE));
    }

    @Override
    public TestDatabase copyOf(TestDatabase original) throws SQLException {
        original.letGo();
        // Copying files avoids writing everything to the WAL.
        return create("trial_" + ++copies, original.name() + " strategy file_copy");
    }

    private TestDatabase create(String name, String template) throws SQLException {
        database("postgres").execute("create database %s template %s".formatted(name, template));
        return database(name);
    }

    @Override
    public void drop(TestDatabase database) throws SQLException {
        database.letGo();
        database("postgres").execute("drop database " + database.name() + " with (force)");
    }

    private TestDatabase database(String name) {
        return new TestDatabase(name, postgres.url(name), superuser.username(), superuser.password());
    }

    /** The description for people. */
    String description() throws SQLException {
        return "PostgreSQL " + database("postgres").text("""
                select concat_ws(', ', current_setting('server_version'), 'fsync ' || current_setting('fsync'))
                """);
    }

    int port() {
        return place.port();
    }

    void start() throws IOException {
        postgres.start();
    }

    /** Starts a server that can make no file larger than so many bytes, as if there were no more room on the disk. */
    void startOnSmallDisk(long bytes) throws IOException, InterruptedException {
        // A shell sets the limit, in blocks of 512 bytes, and its child processes inherit it.
        Process process = new ProcessBuilder("sh", "-c", "ulimit -f %d && exec \"$0\" \"$@\"".formatted(bytes / 512),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp", System.getProperty("java.class.path"), ChaosServer.class.getName(),
                place.folder().toString(), Integer.toString(place.port())).inheritIO().start();
        if (process.waitFor() != 0) {
            throw new IOException("The server does not start where no file may be larger than " + bytes + " bytes");
        }
    }

    public static void main(String[] args) throws IOException {
        new EmbeddedPostgres(Path.of(args[0]), Integer.parseInt(args[1])).start();
    }

    void stop() throws IOException {
        postgres.stop();
    }

    /**
     * The server ends at once, without writing anything any more, and has to recover when it starts again.
     *
     * @param signal QUIT stops it immediately, with all its processes; KILL leaves those to notice that it is gone
     */
    void crash(String signal) throws IOException, InterruptedException {
        String pid = Files.readAllLines(place.folder().resolve("data/postmaster.pid")).get(0).strip();
        ProcessHandle server = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
        if (new ProcessBuilder(List.of("kill", "-" + signal, pid)).inheritIO().start().waitFor() != 0) {
            throw new IOException("The server cannot be crashed");
        }
        server.onExit().join();
    }

    private void remove() {
        try {
            postgres.reset();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
