package dev.supportdb.support;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A server of the system's packages, which bring {@code pg_dump} along; the embedded one has none. It may be crashed,
 * for nobody else is on it, and is gone when closed.
 *
 * @param programs the folder of its programs
 */
public record PackagedServer(Path programs, Path folder, int port) implements AutoCloseable {

    private static final String SUPERUSER = "postgres";
    private static final String COUNTING = "shared_preload_libraries = 'pg_stat_statements'";

    /** The programs of the newest one on this machine; empty where there is none. */
    public static Optional<Path> installed() {
        return IntStream.iterate(18, version -> version >= 15, version -> version - 1).boxed()
                .flatMap(version -> Stream.of("/usr/lib/postgresql/%d/bin", "/usr/pgsql-%d/bin",
                        "/opt/homebrew/opt/postgresql@%d/bin").map(usual -> Path.of(usual.formatted(version))))
                .filter(programs -> Stream.of("initdb", "pg_ctl", "pg_dump", "pg_restore")
                        .allMatch(program -> Files.isExecutable(programs.resolve(program))))
                .findFirst();
    }

    public static PackagedServer start() throws IOException {
        ServerPlace place = ServerPlace.find();
        PackagedServer server = new PackagedServer(installed().orElseThrow(), place.folder(), place.port());
        if (isRoot()) {
            Files.setOwner(place.folder(),
                    place.folder().getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
        }
        server.run("initdb", "-D", server.data(), "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C", "-N");
        Files.writeString(Path.of(server.data(), "postgresql.auto.conf"), """
                port = %d
                listen_addresses = '127.0.0.1'
                unix_socket_directories = ''
                fsync = off
                max_prepared_transactions = 2
                %s
                """.formatted(place.port(), server.countsStatements() ? COUNTING : ""));
        server.resume();
        return server;
    }

    /** Returns whether it can count statements: on some systems the extension is in another package. */
    public boolean countsStatements() {
        return Files.exists(programs.resolveSibling("lib").resolve("pg_stat_statements.so"));
    }

    /** Starts it, after it was crashed. */
    public void resume() throws IOException {
        run("pg_ctl", "start", "-w", "-D", data(), "-l", folder.resolve("log").toString());
    }

    /** Ends it as a loss of power would. */
    public void crash() throws IOException {
        run("pg_ctl", "stop", "-w", "-D", data(), "-m", "immediate");
    }

    public TestDatabase create(String name) throws SQLException {
        any().execute("create database " + name);
        return database(name);
    }

    /** A copy of one to which nobody is connected. */
    public TestDatabase copy(TestDatabase template, String name) throws SQLException {
        any().execute("create database %s template %s".formatted(name, template.name()));
        return database(name);
    }

    public TestDatabase database(String name) {
        return new TestDatabase(name, "jdbc:postgresql://127.0.0.1:%d/%s".formatted(port, name), SUPERUSER, "unused");
    }

    public void drop(TestDatabase database) throws SQLException {
        database.letGo();
        any().execute("drop database " + database.name() + " with (force)");
    }

    /** The one that is always there. */
    public TestDatabase any() {
        return database("postgres");
    }

    private String data() {
        return folder.resolve("data").toString();
    }

    private static boolean isRoot() {
        return new UnixSystem().getUid() == 0;
    }

    /** PostgreSQL refuses to run as root. */
    private void run(String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        if (isRoot()) {
            command.addAll(List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"));
        }
        command.add(programs.resolve(program).toString());
        command.addAll(List.of(arguments));
        Path said = Files.createTempFile("packaged-server", ".log");
        try {
            // Output goes to a file, because the started server would keep a pipe open.
            if (new ProcessBuilder(command).directory(Path.of("/").toFile()).redirectErrorStream(true)
                    .redirectOutput(said.toFile()).start().waitFor() != 0) {
                throw new IOException(Files.readString(said, StandardCharsets.UTF_8));
            }
        } catch (InterruptedException e) {
            throw new InterruptedIOException();
        } finally {
            Files.delete(said);
        }
    }

    @Override
    public void close() throws IOException, SQLException {
        any().letGo();
        run("pg_ctl", "stop", "-w", "-D", data(), "-m", "immediate");
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
