package dev.supportdb.deploy;

import dev.supportdb.postgres.ChildProgram;
import dev.supportdb.postgres.DatabaseUrl;
import dev.supportdb.postgres.ExitHook;
import dev.supportdb.postgres.LibpqVariables;
import dev.supportdb.postgres.PostgresPrograms;
import dev.supportdb.postgres.PrintableText;
import dev.supportdb.postgres.Sql;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.verify.ScratchDatabase;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.LiquibaseException;

/**
 * A backup that counts only once it is proven.
 *
 * <p>The dump, the facts and the digest all come from one exported snapshot, so the comparison is exact while the
 * application keeps writing. After any failure, no folder has the name of a finished backup, and the database is
 * unchanged.
 */
public final class Backup {

    /** The database to back up, the server for the proof, and how and where the backup is made. */
    public record Settings(TargetDatabase target, TargetDatabase scratchServer, Path folder, Proof proof, int jobs,
            Map<String, String> environment) {}

    /** How a backup is made. */
    public enum Way { PG_DUMP, TEMPLATE, COMMAND }

    /** The time that the dump waits for a table with an exclusive lock. */
    private static final Duration LOCK_WAIT = Duration.ofMinutes(5);

    /** How often the deletion of an unfinished backup is tried, ten times a second. */
    private static final int TRIES = 100;

    private final Settings settings;
    private final Consumer<String> say;
    private final Instant started = Instant.now();

    /** @param say receives a line for each thing that was done */
    public Backup(Settings settings, Consumer<String> say) {
        this.settings = settings;
        this.say = say;
    }

    /**
     * Makes a backup with {@code pg_dump}.
     *
     * @throws IOException if the programs are missing, or the dump or the proof fails
     * @throws LiquibaseException if another run migrates, there is no connection, or no scratch database can be made
     */
    public BackupFolder dump() throws IOException, SQLException, LiquibaseException {
        try (SnapshotSession session = SnapshotSession.open(settings.target())) {
            PostgresPrograms programs = PostgresPrograms.of(session.major(), settings.environment());
            Optional<String> refusal = DumpRights.refusal(session.connection());
            if (refusal.isPresent()) {
                throw new CommandExecutionException(refusal.get());
            }
            Properties properties = properties(session.connection(), Way.PG_DUMP, programs.toString());
            return unfinished(backup -> {
                BackupContents contents = dump(backup, session, programs);
                Files.writeString(backup.create(BackupFolder.DATABASE), session.outsideOfDumps());
                // A snapshot prevents the server from removing dead rows, so it ends before the proof starts.
                session.end();
                contents.write(backup.create(BackupFolder.CONTENTS));
                said("dumped %s, %s".formatted(contents.summary(), size(backup.bytes())));
                store(backup, properties, prove(backup, contents, programs, properties));
            });
        }
    }

    /**
     * Copies the database within its server, file by file, which requires that nobody is connected to it: for a
     * developer's server, which has no {@code pg_dump}.
     */
    public BackupFolder copy() throws IOException, SQLException, LiquibaseException {
        TargetDatabase target = settings.target();
        TargetDatabase server = elsewhere(target);
        Properties properties;
        BackupContents contents;
        try (Connection connection = connect(target)) {
            properties = properties(connection, Way.TEMPLATE, "create database");
            contents = BackupContents.of(connection);
        }
        return unfinished(backup -> {
            contents.write(backup.create(BackupFolder.CONTENTS));
            try (ScratchDatabase copy = ScratchDatabase.copyOf(properties.getProperty("database"), server,
                    "support_copy")) {
                String difference;
                try (Connection copied = copy.connect()) {
                    difference = contents.differenceTo(BackupContents.of(copied));
                }
                if (!difference.isEmpty()) {
                    throw new IOException("The database has changed while it was copied:\n" + difference);
                }
                String name = "pre_migration_" + backup.time();
                properties.setProperty("copy", name);
                said("copied %s to the database %s: the same".formatted(contents.summary(), name));
                store(backup, properties, "full");
                copy.keepAs(name);
            }
        });
    }

    /**
     * Runs a program of the team that makes a backup, and another that proves it.
     *
     * @param command for a shell; the last line it prints is what the team calls the backup
     * @param proof   for a shell, with that name in {@code SUPPORTDB_BACKUP}; null if it is believed without
     */
    public BackupFolder by(String command, String proof) throws IOException, SQLException, LiquibaseException {
        TargetDatabase target = settings.target();
        Map<String, String> variables =
                new HashMap<>(LibpqVariables.of(target.url(), target.username(), target.password()));
        try (SnapshotSession session = SnapshotSession.open(target)) {
            Properties properties = properties(session.connection(), Way.COMMAND, command);
            return unfinished(backup -> {
                Files.writeString(backup.create(BackupFolder.DATABASE), session.outsideOfDumps());
                session.contents().until(session.positions()).write(backup.create(BackupFolder.CONTENTS));
                session.end();
                variables.put("SUPPORTDB_BACKUP_FOLDER", backup.path().toAbsolutePath().toString());
                String name = ran("--backup-command", command, variables);
                said("made by the command: " + PrintableText.line(name));
                properties.setProperty("name", name);
                if (proof != null) {
                    variables.put("SUPPORTDB_BACKUP", name);
                    said("proven by the command: " + PrintableText.line(ran("--proof-command", proof, variables)));
                }
                store(backup, properties, proof == null ? "none" : "command");
            });
        }
    }

    /** Runs the command and returns the last line of its output. */
    private static String ran(String option, String command, Map<String, String> variables) throws IOException {
        try {
            return ChildProgram.run(List.of("sh", "-c", command), variables).lines()
                    .filter(line -> !line.isBlank()).reduce((line, next) -> next)
                    .orElseThrow(() -> new IOException("It ended with 0 and printed no name"));
        } catch (IOException e) {
            throw new IOException("The command of %s failed:\n  %s".formatted(option,
                    e.getMessage().replace("\n", "\n  ")), e);
        }
    }

    static Connection connect(TargetDatabase target) throws SQLException {
        Connection connection = target.connect();
        Sql.setNoTimeouts(connection);
        return connection;
    }

    /** Another database of the same server, because a database in use cannot be copied. */
    static TargetDatabase elsewhere(TargetDatabase target) {
        return target.at(DatabaseUrl.of(target.url(), "The URL").withDatabase("postgres").jdbc(), target.username(),
                target.password());
    }

    private interface Making {
        void of(BackupFolder backup) throws IOException, SQLException, LiquibaseException;
    }

    /** Makes a backup in a folder that is deleted on failure, and also on Ctrl-C. */
    private BackupFolder unfinished(Making making) throws IOException, SQLException, LiquibaseException {
        BackupFolder backup = BackupFolder.begin(settings.folder());
        ExitHook atExit = new ExitHook(() -> discard(backup));
        try {
            making.of(backup);
            return backup.finish();
        } catch (IOException | SQLException | LiquibaseException | RuntimeException e) {
            discard(backup);
            throw e;
        } finally {
            atExit.remove();
        }
    }

    /** Deletes the folder. Retries, because programs that still write to it are being stopped at the same time. */
    private static void discard(BackupFolder backup) {
        for (int tries = 0; Files.exists(backup.path()); tries++) {
            try {
                backup.delete();
            } catch (IOException e) {
                if (tries == TRIES) {
                    System.err.println("The unfinished backup " + backup + " is left behind: " + e.getMessage());
                    return;
                }
                LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
            }
        }
    }

    /** Makes the dump and the digest at the same time, from the same snapshot. */
    private BackupContents dump(BackupFolder backup, SnapshotSession session, PostgresPrograms programs)
            throws IOException, SQLException {
        TargetDatabase target = settings.target();
        BackupContents contents;
        try (ChildProgram dump = programs.start("pg_dump",
                LibpqVariables.of(target.url(), target.username(), target.password()),
                List.of("--format=directory", "--file=" + backup.dump(), "--jobs=" + settings.jobs(),
                        "--snapshot=" + session.snapshot(), "--lock-wait-timeout=" + LOCK_WAIT.toMillis()))) {
            contents = session.contents();
            try {
                dump.finish();
            } catch (IOException e) {
                throw new IOException("pg_dump failed:\n  " + e.getMessage().replace("\n", "\n  "), e);
            }
        }
        return contents.until(session.positions());
    }

    private String prove(BackupFolder backup, BackupContents contents, PostgresPrograms programs,
            Properties properties) throws IOException, SQLException, LiquibaseException {
        RestoreProof proof = new RestoreProof(programs, settings.jobs());
        String database = properties.getProperty("database");
        Proof.Kind kind = settings.proof().kind();
        if (kind == Proof.Kind.RECENT) {
            BackupFolder recent = recent(properties);
            kind = recent == null ? Proof.Kind.FULL : Proof.Kind.LIST;
            said(recent == null ? "no backup of this database was restored within that time, so this one is"
                    : recent + " was restored within that time, so this one is only read");
        }
        Instant start = Instant.now();
        if (kind == Proof.Kind.LIST) {
            proof.list(backup, contents, database);
            said("read from end to end in %s; not restored".formatted(since(start)));
            return "list";
        }
        TargetDatabase server = settings.scratchServer();
        try (Connection connection = connect(server)) {
            requireMajor(connection, properties, "The scratch server");
            try (StubRoles stubs = new StubRoles(connection);
                    ScratchDatabase scratch =
                            ScratchDatabase.like(properties.getProperty("create"), server, "support_proof")) {
                stubs.create(contents.roles(), scratch.name());
                proof.restore(backup, contents, scratch);
            }
        }
        said("restored into a scratch database in %s: the same".formatted(since(start)));
        return "full";
    }

    /** Refuses another major version, which describes some objects differently. */
    static void requireMajor(Connection connection, Properties properties, String server)
            throws IOException, SQLException {
        String major = major(connection);
        if (!major.equals(properties.getProperty("major"))) {
            throw new IOException("%s is PostgreSQL %s, and the backup is of %s: only the same version proves it"
                    .formatted(server, major, properties.getProperty("major")));
        }
    }

    private static String major(Connection connection) throws SQLException {
        return Integer.toString(connection.getMetaData().getDatabaseMajorVersion());
    }

    /** The newest backup of this database that was restored recently enough; null if there is none. */
    private BackupFolder recent(Properties these) throws IOException {
        for (BackupFolder backup : BackupFolder.in(settings.folder(), these)) {
            Properties its = backup.properties();
            if (its.getProperty("proof", "").equals("full")
                    && Instant.parse(its.getProperty("made")).isAfter(started.minus(settings.proof().age()))) {
                return backup;
            }
        }
        return null;
    }

    private Properties properties(Connection connection, Way way, String by) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("database", Sql.text(connection, "select current_database()"));
        properties.setProperty("server", Sql.text(connection, """
                select format('%s:%s', coalesce(host(inet_server_addr()), 'local'), current_setting('port'))
                """));
        properties.setProperty("version", Sql.text(connection, "show server_version"));
        properties.setProperty("major", major(connection));
        properties.setProperty("create", ScratchDatabase.settings(connection));
        properties.setProperty("way", way.name().toLowerCase(Locale.ROOT));
        properties.setProperty("by", by);
        say.accept(PrintableText.line("Backup    %s, PostgreSQL %s, by %s".formatted(
                properties.getProperty("database"), properties.getProperty("version"), by)));
        return properties;
    }

    private void store(BackupFolder backup, Properties properties, String proof) throws IOException {
        properties.setProperty("proof", proof);
        properties.setProperty("made", started.truncatedTo(ChronoUnit.SECONDS).toString());
        try (OutputStream file = Files.newOutputStream(backup.create(BackupFolder.PROPERTIES))) {
            properties.store(file, "A backup of support-db");
        }
        backup.writeSums();
    }

    private void said(String line) {
        say.accept("          " + line);
    }

    private static String since(Instant start) {
        return String.format(Locale.ROOT, "%.1f s", Duration.between(start, Instant.now()).toMillis() / 1e3);
    }

    private static String size(long bytes) {
        return bytes < 1 << 20 ? String.format(Locale.ROOT, "%,d kB", Math.max(1, bytes >> 10))
                : String.format(Locale.ROOT, "%,d MB", bytes >> 20);
    }
}
