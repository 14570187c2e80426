package dev.supportdb.support;

import dev.supportdb.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** A new folder and a free port, for a server that lives no longer than the tests. */
public record ServerPlace(Path folder, int port) {

    /**
     * Waits until this JVM has ended, however it did, and gives its shutdown hooks ten seconds; then it ends a server
     * that is left, and deletes the folder.
     */
    private static final String AFTER_THIS_JVM = """
            trap '' INT
            read -r _
            pid=$0/data/postmaster.pid
            tries=0
            while [ -e "$pid" ] && [ "$tries" -lt 50 ]; do sleep 0.2; tries=$((tries + 1)); done
            [ ! -e "$pid" ] || { kill -QUIT "$(head -n 1 "$pid")"; sleep 1; }
            rm -rf "$0"
            """;

    /** Their standard input ends with this JVM. */
    private static final List<Process> GUARDS = new ArrayList<>();

    /**
     * A database of a started server for its superuser: from then on a login costs next to nothing. There are thousands
     * of them, and the client hashes its password 4,096 times for each, unless the server, 16 or later, keeps it
     * otherwise.
     */
    public static TestDatabase withCheapLogins(EmbeddedPostgres server) throws IOException, SQLException {
        String password = server.password(EmbeddedPostgres.SUPERUSER);
        TestDatabase database =
                new TestDatabase("postgres", server.url("postgres"), EmbeddedPostgres.SUPERUSER, password);
        database.execute("""
                select set_config(name, '1', false) from pg_settings where name = 'scram_iterations';
                alter role postgres password '%s'
                """.formatted(password));
        return database;
    }

    public static ServerPlace find() throws IOException {
        // Open to all, because the server runs as another user if the tests run as root.
        Path folder = Files.createTempDirectory("support-db-tests-",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Process guard = new ProcessBuilder("sh", "-c", AFTER_THIS_JVM, folder.toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        synchronized (GUARDS) {
            GUARDS.add(guard);
        }
        return new ServerPlace(folder, freePort());
    }

    /** Returns a port on which nobody listened a moment ago. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** The server there, which is yet to be started. */
    public EmbeddedPostgres server(String... settings) throws IOException {
        return new EmbeddedPostgres(folder, port, settings);
    }
}
