package dev.supportdb.cli;

import dev.supportdb.support.TestDatabase;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A command as a person runs it, and what it said. */
public record CommandRun(int exitCode, String output) {

    /**
     * Runs a command in its own process.
     *
     * @param databaseUrl may be empty, for that of the environment
     */
    static CommandRun of(String databaseUrl, String... arguments) throws IOException, InterruptedException {
        return of(start(databaseUrl, arguments));
    }

    /** Runs a command in another project's folder, for one that needs no database. */
    static CommandRun in(Path folder, String... arguments) throws IOException, InterruptedException {
        return in(folder, Map.of(), arguments);
    }

    static CommandRun in(Path folder, Map<String, String> variables, String... arguments)
            throws IOException, InterruptedException {
        return of(startIn(folder, variables, arguments));
    }

    /** Starts a command in a folder, for a test that acts while it runs. */
    static Process startIn(Path folder, Map<String, String> variables, String... arguments) throws IOException {
        ProcessBuilder builder = builder("", arguments).directory(folder.toFile());
        builder.environment().putAll(variables);
        return builder.start();
    }

    /** Runs a command in this process that uses no database. */
    static CommandRun offline(String... arguments) {
        return here(Map.of(), arguments);
    }

    /** Runs a command in this process, which is quicker; one at a time. */
    static CommandRun on(TestDatabase database, String... arguments) {
        return here(Map.of("DATABASE_URL", url(database)), arguments);
    }

    static CommandRun here(Map<String, String> variables, String... arguments) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        PrintStream out = System.out;
        PrintStream err = System.err;
        try (PrintStream both = new PrintStream(output, true, StandardCharsets.UTF_8)) {
            System.setOut(both);
            System.setErr(both);
            int exitCode = Main.run(variables, arguments);
            return new CommandRun(exitCode, output.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    public static CommandRun of(Process process) throws IOException, InterruptedException {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new CommandRun(process.waitFor(), output);
    }

    /** Starts a command, for a test that reads its output while it runs. */
    static Process start(String databaseUrl, String... arguments) throws IOException {
        return builder(databaseUrl, arguments).start();
    }

    /** Starts a command with more variables. */
    static Process start(String databaseUrl, Map<String, String> variables, String... arguments) throws IOException {
        ProcessBuilder builder = builder(databaseUrl, arguments);
        builder.environment().putAll(variables);
        return builder.start();
    }

    private static ProcessBuilder builder(String databaseUrl, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData",
                "-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("DATABASE_URL", databaseUrl);
        builder.environment().keySet().removeAll(List.of("DB_USERNAME", "DB_PASSWORD"));
        return builder;
    }

    /** Returns the URL with user and password. */
    static String url(TestDatabase database) {
        return "postgresql://%s:%s@%s".formatted(encode(database.username()), encode(database.password()),
                database.url().replace("jdbc:postgresql://", ""));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
