package dev.supportdb.bench;

import dev.supportdb.run.LiquibaseRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import liquibase.changelog.visitor.DefaultChangeExecListener;

/** The next changeset of the changelog, in a process of its own: URL, user; the password is in the environment. */
final class EngineProcess {

    static final String PASSWORD = "BENCH_PASSWORD";

    /** The text before the most memory that the process ever had, in kB. */
    static final String MEMORY = "memory ";

    /** Linux's status file of this process. */
    private static final Path STATUS = Path.of("/proc/self/status");

    private EngineProcess() {
    }

    public static void main(String[] arguments) throws Exception {
        BenchDatabase database =
                new BenchDatabase(null, arguments[0], arguments[1], System.getenv(PASSWORD));
        new LiquibaseRunner(database.target(), Path.of(""), System.out::println, new DefaultChangeExecListener())
                .update(1);
        sayMemory();
    }

    private static void sayMemory() throws IOException {
        if (Files.exists(STATUS)) {
            try (Stream<String> lines = Files.lines(STATUS)) {
                lines.filter(line -> line.startsWith("VmHWM:"))
                        .forEach(line -> System.out.println(MEMORY + line.replaceAll("\\D", "")));
            }
        }
    }
}
