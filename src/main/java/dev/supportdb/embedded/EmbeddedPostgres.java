package dev.supportdb.embedded;

import dev.supportdb.postgres.EmbeddedLogins;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * A PostgreSQL server on 127.0.0.1, in one folder, that keeps running after the JVM that starts it. It is meant for
 * development and tests: its databases {@code support} and {@code analytics} belong to {@value #OWNER}, who may create
 * further databases and is no superuser. The passwords are created with the data ({@link EmbeddedLogins}).
 *
 * <p>Commands that start, stop or delete the server at the same time wait for each other.
 */
public final class EmbeddedPostgres {

    public static final String SUPERUSER = "postgres";
    public static final String OWNER = "support_owner";

    /** Statements for single-user mode, which reads one per line. The owner may create scratch databases. */
    private static final String ROLE_AND_DATABASES = """
            create role %1$s login createdb password '%2$s'
            create database support owner %1$s strategy file_copy
            create database analytics owner %1$s strategy file_copy
            """;

    /**
     * Characters that a path must not contain: initdb and pg_ctl put paths in double quotes into a shell command,
     * without escaping them.
     */
    private static final Pattern UNUSABLE = Pattern.compile("[\"$`\\\\\n]");

    private final ServerFolder folder;
    private final Path data;
    private final OptionalInt asked;
    private final List<String> settings;
    private final PostmasterPidFile pidFile;
    private int port;

    /**
     * Describes a server on the given port.
     *
     * @param folder contains programs, data, log and passwords; created if it is missing
     * @param port the port on 127.0.0.1
     * @param settings more settings of the server, such as {@code fsync=off}, for as long as it runs
     * @throws IOException when the folder cannot be looked at
     */
    public EmbeddedPostgres(Path folder, int port, String... settings) throws IOException {
        this(folder, OptionalInt.of(port), settings);
    }

    /**
     * Describes a server on the port that is asked for, else on the port where it runs or last ran, else on the usual
     * one.
     *
     * @throws IOException when the folder cannot be looked at
     */
    public EmbeddedPostgres(Path folder, OptionalInt asked, String... settings) throws IOException {
        this.asked = asked;
        this.port = asked.orElse(EmbeddedLogins.PORT);
        this.folder = ServerFolder.of(folder);
        this.data = this.folder.real().resolve("data");
        this.settings = List.of(settings);
        this.pidFile = new PostmasterPidFile(data);
    }

    /** The port, once the server has been started. */
    public int port() {
        return port;
    }

    /** The JDBC URL of one of its databases, without user and password. */
    public String url(String database) {
        return "jdbc:postgresql://127.0.0.1:%d/%s".formatted(port, database);
    }

    /** The password of {@link #SUPERUSER} or {@link #OWNER}, once the server has been started. */
    public String password(String role) throws IOException {
        return EmbeddedLogins.read(folder.real()).map(logins -> logins.password(role))
                .orElseThrow(() -> new IOException("There is no server in " + folder.real()));
    }

    /** The folder of the server, with links resolved. */
    public Path folder() {
        return folder.real();
    }

    /** The server's log. */
    public Path log() {
        return data.resolve("server.log");
    }

    /**
     * Returns the release and the one with newer security fixes: "17.11, without the security fixes of 17.12". Empty if
     * none is known.
     *
     * @throws IOException when the programs cannot be run
     */
    public Optional<String> missingFixes() throws IOException {
        PostgresRelease release = release(ServerBinaries.unpack(folder.real()));
        return release.newer().map(newer -> "%s, without the security fixes of %s".formatted(release, newer));
    }

    private static PostgresRelease release(Path programs) throws IOException {
        return PostgresRelease.of(ProgramRunner.run(List.of(programs.resolve("bin/postgres").toString(), "--version")));
    }

    /** Returns whether the server runs, on whatever port. */
    public boolean isRunning() throws IOException {
        return pidFile.server().isPresent();
    }

    /**
     * Starts the server if it does not run. Uses or removes what a killed command has left.
     *
     * @return false when it was running already
     * @throws IOException when it cannot run, saying why and what to do
     */
    public boolean start() throws IOException {
        return locked(lock -> startLocked());
    }

    private interface Action {
        boolean run(FolderLock lock) throws IOException;
    }

    /** Runs an action while no other command runs one, and adds to a failure what to do. */
    private boolean locked(Action action) throws IOException {
        requireUsable();
        try (FolderLock lock = FolderLock.of(folder.real())) {
            return action.run(lock);
        } catch (IOException e) {
            throw explained(e);
        } finally {
            folder.tidy();
        }
    }

    private boolean startLocked() throws IOException {
        Optional<EmbeddedLogins> logins = EmbeddedLogins.read(folder.real());
        if (Files.exists(data) && logins.isEmpty()) {
            throw new IOException("""
                    There are no passwords for the server in %s: an earlier version of this project created it, with a \
                    superuser whose password is published, or the passwords were deleted. "make reset" deletes the \
                    server and its data, then "make up" creates a new one""".formatted(data));
        }
        port = asked.orElse(logins.orElse(EmbeddedLogins.NONE).port());
        pidFile.settle();
        if (isRunning() && pidFile.port() == port) {
            return false;
        }
        requirePort();
        pidFile.stop();
        folder.prepare();
        Path programs = ServerBinaries.unpack(folder.real());
        EmbeddedLogins known;
        if (Files.exists(data)) {
            requireSameMajor(programs);
            known = logins.get();
        } else {
            known = initialise(programs);
        }
        new EmbeddedLogins(port, known.passwords()).write(folder.real());
        pidFile.clear();
        launch(programs);
        return true;
    }

    /**
     * Stops the server; open connections are closed.
     *
     * @return false when it was not running
     */
    public boolean stop() throws IOException {
        return Files.exists(folder.real()) && locked(lock -> {
            pidFile.settle();
            return pidFile.stop();
        });
    }

    /** Stops the server and deletes its folder: data, log, passwords and programs. */
    public void reset() throws IOException {
        if (!Files.exists(folder.real())) {
            folder.tidy();
            return;
        }
        locked(lock -> {
            pidFile.settle();
            pidFile.stop();
            new PostmasterPidFile(unfinished()).settle();
            lock.empty();
            return true;
        });
    }

    private Path unfinished() {
        return folder.real().resolve("data.new");
    }

    /**
     * Initialises a data folder and renames it at the end, so a folder with the final name always has its role and
     * databases, even after an interruption.
     */
    private EmbeddedLogins initialise(Path programs) throws IOException {
        Path unfinished = unfinished();
        new PostmasterPidFile(unfinished).settle();
        FolderTree.delete(unfinished);
        OperatingSystemAccount account = OperatingSystemAccount.of(unfinished);
        requireAccess(account, programs);
        Files.createDirectory(unfinished);
        account.own(unfinished);
        EmbeddedLogins logins = new EmbeddedLogins(port, Map.of(SUPERUSER, randomPassword(), OWNER, randomPassword()));
        Path password = folder.real().resolve("password");
        FolderTree.delete(password);
        Files.createFile(password, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(password, logins.password(SUPERUSER));
        account.own(password);
        run(account, "", programs, "initdb", "--no-sync", "-D", unfinished.toString(), "--username", SUPERUSER,
                "--pwfile", password.toString(), "--auth", "scram-sha-256", "--encoding", "UTF8",
                "--locale", System.getProperty("os.name").startsWith("Mac") ? "en_US.UTF-8" : "C.UTF-8");
        Files.delete(password);
        // A failed statement must not be logged, because it may contain the password.
        run(account, ROLE_AND_DATABASES.formatted(OWNER, logins.password(OWNER)), programs, "postgres", "--single",
                "-F", "-D", unfinished.toString(), "-c", "exit_on_error=on", "-c", "log_min_error_statement=panic",
                "postgres");
        if (!settings.contains("fsync=off")) {
            run(account, "", programs, "initdb", "--sync-only", "-D", unfinished.toString());
        }
        logins.write(folder.real());
        Files.move(unfinished, data);
        return logins;
    }

    private static String randomPassword() {
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    private void launch(Path programs) throws IOException {
        List<String> options = new ArrayList<>(List.of(
                "port=" + port, "listen_addresses=127.0.0.1", "unix_socket_directories="));
        options.addAll(settings);
        long logged = Files.exists(log()) ? Files.size(log()) : 0;
        OperatingSystemAccount account = OperatingSystemAccount.of(data);
        // A copied folder may be readable for others; PostgreSQL would then refuse to start.
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
        try {
            run(account, "", programs, "pg_ctl", "start", "-D", data.toString(), "-l", log().toString(), "-w", "-t",
                    "60", "-o", "-c " + String.join(" -c ", options));
        } catch (IOException e) {
            throw new IOException("The embedded PostgreSQL did not start: %s%nIts log is %s"
                    .formatted(complaint(logged).orElse(e.getMessage()), log()), e);
        }
    }

    private static void run(OperatingSystemAccount account, String input, Path programs, String program,
            String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(programs.resolve("bin").resolve(program).toString()));
        command.addAll(List.of(arguments));
        ProgramRunner.run(account.running(command), input);
    }

    /** The last reason in the server's log after this many bytes. */
    private Optional<String> complaint(long logged) throws IOException {
        if (!Files.exists(log())) {
            return Optional.empty();
        }
        try (InputStream log = Files.newInputStream(log())) {
            log.skipNBytes(logged);
            return new String(log.readAllBytes(), StandardCharsets.UTF_8).lines()
                    .filter(line -> line.contains("FATAL:") || line.contains("PANIC:"))
                    .reduce((earlier, later) -> later);
        }
    }

    private void requireAccess(OperatingSystemAccount account, Path programs) throws IOException {
        try {
            run(account, "", programs, "postgres", "--version");
        } catch (IOException e) {
            throw new IOException("""
                    The embedded PostgreSQL cannot be run: %s%n\
                    As root, put the project where every user may read it, or set DATABASE_URL to a PostgreSQL of \
                    your own""".formatted(e.getMessage()), e);
        }
    }

    /** Checks early what PostgreSQL and the system would report later, and differently for each file. */
    private void requireUsable() throws IOException {
        if (UNUSABLE.matcher(folder.real().toString()).find()) {
            throw new IOException("""
                    The programs of PostgreSQL cannot work in %s, because its name contains one of " $ ` \\: move the \
                    project, or set DATABASE_URL to a PostgreSQL of your own""".formatted(folder.real()));
        }
        Path place = folder.real();
        while (!Files.exists(place)) {
            place = place.getParent();
        }
        if (Files.isWritable(place) && (Files.isReadable(data) || !Files.exists(data)) || !Files.exists(place)) {
            return;
        }
        String owner = Files.getOwner(place).getName();
        throw new IOException(owner.equals(System.getProperty("user.name"))
                ? "Cannot write to %s: its mode or its file system does not allow it. ".formatted(place)
                        + "The embedded PostgreSQL keeps its data there; or set DATABASE_URL to one of your own"
                : "%s belongs to the user %s: run this command as that user, or set DATABASE_URL to a PostgreSQL of your "
                        .formatted(place, owner) + "own");
    }

    private IOException explained(IOException failure) {
        String message = String.valueOf(failure.getMessage());
        if (message.contains("No space left on device") || message.contains("Disk quota exceeded")) {
            return new IOException("The disk of %s is full: the embedded PostgreSQL needs 200 MB there. "
                    .formatted(folder.real()) + "Free some space, then run the same command again", failure);
        }
        return failure instanceof AccessDeniedException || message.endsWith("Read-only file system")
                ? new IOException("User %2$s cannot read and write %1$s: correct its mode, or delete it"
                        .formatted(message.replaceFirst(": Read-only.*", ""), System.getProperty("user.name")), failure)
                : failure;
    }

    private void requirePort() throws IOException {
        PortListener listener = new PortListener(port);
        if (!listener.isFree()) {
            throw new IOException("""
                    Port %d on 127.0.0.1 is taken by %s, so the embedded PostgreSQL cannot start. Use another port: \
                    POSTGRES_PORT=%d make up; or stop that program (if it is the server of another copy of this \
                    project: "make down" there)"""
                    .formatted(port, listener.describe().orElse("another program"), listener.next()));
        }
    }

    private void requireSameMajor(Path programs) throws IOException {
        String theirs = Files.readString(data.resolve("PG_VERSION")).strip();
        String ours = String.valueOf(release(programs).major());
        if (!theirs.equals(ours)) {
            throw new IOException("""
                    %s was made by PostgreSQL %s and this is %s, which cannot read it: \
                    start over with "make reset" (deletes its data), or set postgres.version back to %s.x in pom.xml"""
                    .formatted(data, theirs, ours, theirs));
        }
    }
}
