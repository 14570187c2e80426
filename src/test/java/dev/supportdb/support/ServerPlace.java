package dev.supportdb.support;

import dev.supportdb.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;

/** A new folder and a free port, for a server that lives no longer than the tests. */
public record ServerPlace(Path folder, int port) {

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
