package dev.supportdb.chaos;

import dev.supportdb.support.ServerPlace;
import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.postgresql.Driver;

/** A connection pooler in front of a database, from the moment this is made until it is closed. */
final class PgBouncer implements AutoCloseable {

    private static final String PROGRAM = "pgbouncer";

    private final TestDatabase pooled;
    private final Process process;

    static boolean isInstalled() throws InterruptedException {
        try {
            return new ProcessBuilder(PROGRAM, "--version").redirectErrorStream(true).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** @param mode session or transaction */
    PgBouncer(TestDatabase database, String mode, Path folder) throws IOException {
        int port = ServerPlace.freePort();
        Path settings = Files.writeString(folder.resolve(mode + ".ini"), """
                [databases]
                %s = %s user=%s password=%s
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %d
                unix_socket_dir =
                auth_type = any
                pool_mode = %s
                ignore_startup_parameters = extra_float_digits
                """.formatted(database.name(), server(database.url()), database.username(), database.password(),
                        port, mode));
        List<String> command = new ArrayList<>(List.of(PROGRAM, settings.toString()));
        if (System.getProperty("user.name").equals("root")) {
            // PgBouncer refuses to run as root.
            command.addAll(List.of("--user", "nobody"));
        }
        process = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(folder.resolve(mode + ".log").toFile()).start();
        pooled = database.through(port);
        awaitAnswer(folder.resolve(mode + ".log"));
    }

    private static String server(String url) {
        Properties parts = Driver.parseURL(url, new Properties());
        return "host=%s port=%s".formatted(parts.getProperty("PGHOST"), parts.getProperty("PGPORT"));
    }

    private void awaitAnswer(Path log) throws IOException {
        while (true) {
            try {
                pooled.connect().close();
                return;
            } catch (SQLException notYet) {
                if (!process.isAlive()) {
                    throw new IOException(PROGRAM + " does not start:\n" + Files.readString(log), notYet);
                }
            }
        }
    }

    /** The database, by way of the pooler. */
    TestDatabase pooled() {
        return pooled;
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
