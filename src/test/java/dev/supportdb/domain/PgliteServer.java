package dev.supportdb.domain;

import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.support.ServerPlace;
import dev.supportdb.support.TestDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * PGlite: a PostgreSQL that Node runs, with the extension vector, as a server on a port of this machine. It has one
 * database, and it is gone when it is closed. What it needs is installed into {@code target/} at first use.
 */
final class PgliteServer implements AutoCloseable {

    private static final Path LOCK = Path.of("src/test/pglite/package-lock.json");
    private static final Path FOLDER = Path.of("target/pglite");

    private final Process server;
    private final TestDatabase database;

    private PgliteServer(Process server, int port) {
        this.server = server;
        // All connections share one session, so statements must not be prepared under names.
        this.database = new TestDatabase("postgres",
                "jdbc:postgresql://127.0.0.1:" + port + "/postgres?prepareThreshold=0", "postgres", "postgres");
    }

    /** Skips the test where Node is missing or the packages cannot be had. */
    static PgliteServer start() throws IOException, InterruptedException {
        install();
        int port = ServerPlace.freePort();
        Process server = new ProcessBuilder("node", "node_modules/.bin/pglite-server", "-h", "127.0.0.1",
                "-p", Integer.toString(port), "-m", "8", "-e", "@electric-sql/pglite-pgvector:vector")
                .directory(FOLDER.toFile()).redirectErrorStream(true).start();
        BufferedReader output = server.inputReader();
        String line = output.readLine();
        while (line != null && !line.contains("listening")) {
            line = output.readLine();
        }
        Thread rest = new Thread(() -> discard(output));
        rest.setDaemon(true);
        rest.start();
        return new PgliteServer(server, port);
    }

    /** Discards later output, which nobody reads, but which must not fill the pipe. */
    private static void discard(BufferedReader output) {
        try {
            output.transferTo(Writer.nullWriter());
        } catch (IOException closed) {
            // The stream ends with the server.
        }
    }

    TestDatabase database() {
        return database;
    }

    @Override
    public void close() {
        server.destroy();
        server.onExit().join();
    }

    private static void install() throws IOException, InterruptedException {
        Path installed = FOLDER.resolve("node_modules/.package-lock.json");
        Path lock = FOLDER.resolve(LOCK.getFileName());
        if (Files.exists(installed) && Files.mismatch(LOCK, lock) == -1) {
            return;
        }
        assumeThat(runs("node", "--version") && runs("npm", "--version"))
                .as("Node and npm, to run PGlite, since this server does not offer the extension vector").isTrue();
        Files.createDirectories(FOLDER);
        for (String file : new String[] {"package.json", "package-lock.json"}) {
            Files.deleteIfExists(FOLDER.resolve(file));
            Files.copy(LOCK.resolveSibling(file), FOLDER.resolve(file));
        }
        assumeThat(runs("npm", "ci", "--no-audit", "--no-fund")).as("npm can install PGlite").isTrue();
    }

    private static boolean runs(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true)
                    .directory(Files.exists(FOLDER) ? FOLDER.toFile() : null).start();
            process.getInputStream().transferTo(OutputStream.nullOutputStream());
            return process.waitFor() == 0;
        } catch (IOException notThere) {
            return false;
        }
    }
}
