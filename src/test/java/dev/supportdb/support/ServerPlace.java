package dev.supportdb.support;

import dev.supportdb.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A new folder and a free port, for a server that lives no longer than the tests. */
public record ServerPlace(Path folder, int port) {

    public static ServerPlace find() throws IOException {
        // Open to all: where the tests run as root, the server runs as another user.
        Path folder = Files.createTempDirectory("support-db-tests-",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        return new ServerPlace(folder, freePort());
    }

    /** One that nobody listened on a moment ago. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** The server there, which is yet to be started. */
    public EmbeddedPostgres server(String... settings) {
        return new EmbeddedPostgres(folder, port, settings);
    }
}
