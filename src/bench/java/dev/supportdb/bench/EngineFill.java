package dev.supportdb.bench;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * The changeset of a fill as people run it: by Liquibase, in a process with little memory. Its time is that of its row
 * in the table {@code backfills}; what the process takes to start and to read the changelog is told apart.
 *
 * @param settings of the run, such as {@code workers=2}; without any it is as it comes
 */
record EngineFill(String name, StartingState start, List<String> settings) implements FillStrategy {

    static final String HEAP = "-Xmx64m";

    private static final Duration POLL = Duration.ofMillis(50);

    static final String PROCESS = "process, s";
    static final String MEMORY = "memory of the process, MB";

    EngineFill(String name, StartingState start, String... settings) {
        this(name, start, List.of(settings));
    }

    /** A fill that never pauses: how fast it can be. */
    static EngineFill unhindered(String name, StartingState start, int workers) {
        return new EngineFill(name, start, "workers=" + workers, "rest=0");
    }

    @Override
    public Filled fill(BenchDatabase database) throws SQLException, IOException {
        long begin = System.nanoTime();
        String output = run(database);
        Map<String, Double> more = new LinkedHashMap<>();
        more.put(PROCESS, (System.nanoTime() - begin) / 1e9);
        output.lines().filter(line -> line.startsWith(EngineProcess.MEMORY)).findFirst()
                .map(line -> Double.parseDouble(line.substring(EngineProcess.MEMORY.length())) / 1024)
                .ifPresent(memory -> more.put(MEMORY, memory));
        try (Connection connection = database.connect("bench");
                PreparedStatement query = connection.prepareStatement(
                        "select started_at, finished_at from backfills where name = ?")) {
            query.setString(1, start.backfill);
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return new Filled(instant(row, 1), instant(row, 2), more);
            }
        }
    }

    /** Begins it and kills it (SIGKILL) when it has done half of the rows, with a batch under way. */
    void breakOff(BenchDatabase database) throws SQLException, IOException {
        Process process = builder(database).redirectOutput(Redirect.DISCARD).start();
        String half = """
                select count(*) from backfills where name = '%s' and 2 * done_key > lower_key + upper_key
                """.formatted(start.backfill);
        while (database.number(half) == 0) {
            if (!process.isAlive()) {
                throw new IOException(name + " ended with exit code " + process.exitValue() + " before it was killed");
            }
            LockSupport.parkNanos(POLL.toNanos());
        }
        process.destroyForcibly().onExit().join();
    }

    private ProcessBuilder builder(BenchDatabase database) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), HEAP));
        command.addAll(List.of(Files.readString(Path.of(".mvn/jvm.config")).strip().split("\\s+")));
        settings.forEach(setting -> command.add("-Dsupportdb.backfill." + setting));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), EngineProcess.class.getName(),
                database.url(), database.username()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put(EngineProcess.PASSWORD, database.password());
        return builder;
    }

    private String run(BenchDatabase database) throws IOException {
        Process process = builder(database).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(name + " has failed:\n" + output);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
        return output;
    }

    private static Instant instant(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
