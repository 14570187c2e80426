package dev.supportdb.embedded;

import dev.supportdb.postgres.Sql;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A PostgreSQL server on 127.0.0.1 that lives in one folder and outlives the JVM that starts it. It is meant for
 * development and tests: user and password are {@value #USER}.
 */
public final class EmbeddedPostgres {

    /** The superuser's name, which is also the password. */
    public static final String USER = "postgres";

    /** The port it has where nobody asks for another: not PostgreSQL's own, which is often taken. */
    public static final int PORT = 15432;

    private static final List<String> DATABASES = List.of("support", "analytics");

    private final Path folder;
    private final Path data;
    private final int port;
    private final List<String> settings;
    private final PostmasterPidFile pidFile;

    /**
     * @param folder holds programs, data and log; made when missing
     * @param port the port on 127.0.0.1
     * @param settings more settings of the server, such as {@code fsync=off}, for as long as it runs
     */
    public EmbeddedPostgres(Path folder, int port, String... settings) {
        this.folder = folder.toAbsolutePath().normalize();
        this.data = this.folder.resolve("data");
        this.port = port;
        this.settings = List.of(settings);
        this.pidFile = new PostmasterPidFile(data);
    }

    /** The JDBC URL of one of its databases, without user and password. */
    public String url(String database) {
        return "jdbc:postgresql://127.0.0.1:%d/%s".formatted(port, database);
    }

    /** The server's log. */
    public Path log() {
        return data.resolve("server.log");
    }

    /**
     * Says which release this is and which one has newer security fixes: "17.11, without the security fixes of 17.12".
     * Empty when none is known.
     *
     * @throws IOException when the programs cannot be unpacked or run
     */
    public Optional<String> missingFixes() throws IOException {
        Files.createDirectories(folder);
        PostgresRelease release = release(ServerBinaries.unpack(folder));
        return release.newer().map(newer -> "%s, without the security fixes of %s".formatted(release, newer));
    }

    private static PostgresRelease release(Path programs) throws IOException {
        return PostgresRelease.of(ProgramRunner.run(List.of(programs.resolve("bin/postgres").toString(), "--version")));
    }

    /** Whether the server runs, on whatever port. */
    public boolean isRunning() throws IOException {
        return pidFile.server().isPresent();
    }

    /**
     * Makes the server run, with the databases {@code support} and {@code analytics} in it.
     *
     * @return false when it was running already
     * @throws IOException when it cannot run, saying why and what to do
     */
    public boolean start() throws IOException {
        requireReadable();
        if (isRunning()) {
            if (pidFile.port() == port) {
                return false;
            }
            stop();
        }
        requirePort();
        Files.createDirectories(folder);
        Path programs = ServerBinaries.unpack(folder);
        if (Files.exists(data)) {
            requireSameMajor(programs);
        } else {
            initialise(programs);
        }
        pidFile.clear();
        launch(programs);
        createDatabases();
        return true;
    }

    /**
     * Stops the server; open connections are closed.
     *
     * @return false when it was not running
     */
    public boolean stop() throws IOException {
        requireReadable();
        if (!isRunning()) {
            return false;
        }
        run(OperatingSystemAccount.of(data), ServerBinaries.unpack(folder), "pg_ctl", "stop", "-D", data.toString(),
                "-m", "fast", "-w");
        return true;
    }

    /** Stops the server and deletes its folder: data, log and programs. */
    public void reset() throws IOException {
        stop();
        FolderTree.delete(folder);
    }

    private void initialise(Path programs) throws IOException {
        Path unfinished = folder.resolve("data.new");
        FolderTree.delete(unfinished);
        OperatingSystemAccount account = OperatingSystemAccount.of(unfinished);
        requireAccess(account, programs);
        Files.createDirectory(unfinished);
        account.own(unfinished);
        Path password = Files.writeString(folder.resolve("password"), USER);
        account.own(password);
        run(account, programs, "initdb", "-D", unfinished.toString(), "--username", USER,
                "--pwfile", password.toString(), "--auth", "scram-sha-256", "--encoding", "UTF8",
                "--locale", System.getProperty("os.name").startsWith("Mac") ? "en_US.UTF-8" : "C.UTF-8");
        Files.delete(password);
        // Renamed at the end: a folder of that name is complete, whatever was interrupted before.
        Files.move(unfinished, data);
    }

    private void launch(Path programs) throws IOException {
        List<String> options = new ArrayList<>(List.of(
                "port=" + port, "listen_addresses=127.0.0.1", "unix_socket_directories="));
        options.addAll(settings);
        long logged = Files.exists(log()) ? Files.size(log()) : 0;
        try {
            run(OperatingSystemAccount.of(data), programs, "pg_ctl", "start", "-D", data.toString(), "-l",
                    log().toString(), "-w", "-t", "60", "-o", "-c " + String.join(" -c ", options));
        } catch (IOException e) {
            throw new IOException("The embedded PostgreSQL did not start: %s%nIts log is %s"
                    .formatted(complaint(logged).orElse(e.getMessage()), log()), e);
        }
    }

    private void run(OperatingSystemAccount account, Path programs, String program, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(programs.resolve("bin").resolve(program).toString()));
        command.addAll(List.of(arguments));
        ProgramRunner.run(account.running(command));
    }

    /** The last reason the server gives in what it has logged after so many bytes. */
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

    private void createDatabases() throws IOException {
        try (Connection connection = DriverManager.getConnection(url("postgres"), USER, USER)) {
            for (String database : DATABASES) {
                if (!Sql.exists(connection, "select from pg_database where datname = ?", database)) {
                    Sql.execute(connection, "create database " + database);
                }
            }
        } catch (SQLException e) {
            throw new IOException("The embedded PostgreSQL runs but cannot be used: " + e.getMessage(), e);
        }
    }

    private void requireAccess(OperatingSystemAccount account, Path programs) throws IOException {
        try {
            run(account, programs, "postgres", "--version");
        } catch (IOException e) {
            throw new IOException("""
                    The embedded PostgreSQL cannot be run: %s%n\
                    As root, put the project where every user may read it, or set DATABASE_URL to a PostgreSQL of \
                    your own""".formatted(e.getMessage()), e);
        }
    }

    private void requireReadable() throws IOException {
        if (Files.exists(data) && !Files.isReadable(data)) {
            throw new IOException("%s belongs to the user %s: run this command as that user, or delete the folder"
                    .formatted(data, Files.getOwner(data)));
        }
    }

    private void requirePort() throws IOException {
        try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
            free.getLocalPort();
        } catch (IOException e) {
            throw new IOException("""
                    Port %d on 127.0.0.1 is taken by another program, so the embedded PostgreSQL cannot start: \
                    stop that program (it may be the server of another copy of this project: "make down" there), \
                    or set DATABASE_URL to a PostgreSQL of your own""".formatted(port), e);
        }
    }

    private void requireSameMajor(Path programs) throws IOException {
        String theirs = Files.readString(data.resolve("PG_VERSION")).strip();
        String ours = String.valueOf(release(programs).major());
        if (!theirs.equals(ours)) {
            throw new IOException("""
                    %s was made by PostgreSQL %s and this is %s, which cannot read it: \
                    start over with "make reset" (its data is lost), or set postgres.version back to %s.x in pom.xml"""
                    .formatted(data, theirs, ours, theirs));
        }
    }
}
