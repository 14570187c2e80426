package dev.supportdb.postgres;

import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A program that this process starts, and that is stopped when this process ends, in any way. Only the owner may read
 * its output.
 */
public final class ChildProgram implements AutoCloseable {

    /**
     * A shell that ends the program when this process ends. Its standard input is a pipe from this process; when this
     * process exits or is killed, the pipe ends, and the shell stops the program with all its children, if it has a
     * session of its own.
     */
    private static final String UNTIL_THE_PARENT_ENDS = """
            umask 077
            exec 3<&0
            command -v setsid >/dev/null && set -- setsid "$@"
            "$@" </dev/null 3<&- &
            program=$!
            { read -r _ <&3; kill -- "-$program" || kill "$program"; } >/dev/null 2>&1 &
            watch=$!
            wait "$program"
            code=$?
            kill "$watch" 2>/dev/null
            exit "$code"
            """;

    /** Variables that children do not get: passwords, and settings that PostgreSQL's programs would use to connect. */
    private static final String NOT_FOR_CHILDREN =
            "PG(?!PASSFILE$).*|(ANALYTICS_)?(DATABASE_URL|DB_USERNAME|DB_PASSWORD)|SCRATCH_URL";

    private static final int SECONDS_TO_END = 20;

    private final Process process;
    private final ExitHook atExit;

    private ChildProgram(Process process) {
        this.process = process;
        this.atExit = new ExitHook(this::end);
    }

    /**
     * Starts a program that reads nothing.
     *
     * @param variables its environment, besides those of this process that contain no password
     * @throws IOException if there is no shell
     */
    public static ChildProgram start(List<String> command, Map<String, String> variables) throws IOException {
        List<String> all = new ArrayList<>(List.of("sh", "-c", UNTIL_THE_PARENT_ENDS, "sh"));
        all.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(all).redirectErrorStream(true)
                .directory(new File("").getAbsoluteFile());
        builder.environment().keySet().removeIf(name -> name.matches(NOT_FOR_CHILDREN));
        builder.environment().putAll(variables);
        // The output is parsed, which works in English only.
        builder.environment().put("LC_ALL", "C");
        return new ChildProgram(builder.start());
    }

    /** Runs a program to its end and returns its output; throws an {@link IOException} with the output if it fails. */
    public static String run(List<String> command, Map<String, String> variables) throws IOException {
        try (ChildProgram program = start(command, variables)) {
            return program.finish();
        }
    }

    /**
     * Waits for the end of the program and returns its output; throws an {@link IOException} with the output if it
     * failed.
     */
    public String finish() throws IOException {
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        try {
            int code = process.waitFor();
            if (code != 0) {
                throw new IOException(said.isEmpty() ? "It ended with " + code : said);
            }
            return said;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    /** Ends the program if it still runs. */
    @Override
    public void close() {
        end();
        atExit.remove();
    }

    private void end() {
        try {
            process.getOutputStream().close();
        } catch (IOException ended) {
            // The program has ended already.
        }
        List<ProcessHandle> started = process.descendants().toList();
        try {
            if (!process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            started.forEach(ProcessHandle::destroy);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
