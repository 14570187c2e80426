package dev.supportdb.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** psql, as who has reviewed a script runs it: stopping at the first error, without a transaction around it. */
public final class PsqlScript {

    private PsqlScript() {
    }

    public static boolean isInstalled() {
        try {
            return new ProcessBuilder("psql", "--version").redirectErrorStream(true).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Runs a script as a person would who has only read it: it says itself when to stop. */
    public static void run(TestDatabase database, String script) throws IOException, InterruptedException {
        Result result = exit(database, script);
        assertThat(result.code()).as(result.log()).isZero();
    }

    public record Result(int code, String log) {}

    public static Result exit(TestDatabase database, String script) throws IOException, InterruptedException {
        Running running = start(database, script);
        int code = running.process().waitFor();
        return new Result(code, running.end());
    }

    /** psql at work. */
    public record Running(Process process, Path file, Path log) {

        /** Kills psql as {@code kill -9} does: its session on the server is not told. */
        public void kill() throws IOException, InterruptedException {
            process.destroyForcibly().waitFor();
            end();
        }

        private String end() throws IOException {
            String said = Files.readString(log);
            Files.delete(file);
            Files.delete(log);
            return said;
        }
    }

    public static Running start(TestDatabase database, String script) throws IOException {
        Path file = Files.createTempFile("script", ".sql");
        Path log = Files.createTempFile("psql", ".log");
        Files.writeString(file, script);
        ProcessBuilder psql = new ProcessBuilder("psql", "-X", "-q", "-f", file.toString(),
                "-U", database.username(), database.url().replaceFirst("^jdbc:", "").replaceFirst("[?].*", ""));
        psql.environment().put("PGPASSWORD", database.password());
        // A time zone that nothing else uses: the effect of a script must not depend on it.
        psql.environment().put("PGTZ", "America/St_Johns");
        return new Running(psql.redirectErrorStream(true).redirectOutput(log.toFile()).start(), file, log);
    }
}
