package dev.supportdb.cli;

import dev.supportdb.deploy.Fleet;
import dev.supportdb.deploy.FleetResult;
import dev.supportdb.deploy.FleetState;
import dev.supportdb.deploy.FleetTarget;
import dev.supportdb.postgres.ExitHook;
import dev.supportdb.postgres.Json;
import dev.supportdb.postgres.NumberSetting;
import dev.supportdb.postgres.Plural;
import dev.supportdb.postgres.PrintableText;
import dev.supportdb.postgres.TerminalLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The options that select several databases, and the output about them. */
final class FleetOptions {

    /** Converts a number of targets. */
    static final class Count implements ITypeConverter<Integer> {

        @Override
        public Integer convert(String text) {
            return whole("The number", 10_000, text);
        }
    }

    /** Converts a time for one target, at most a day. */
    static final class Seconds implements ITypeConverter<Integer> {

        @Override
        public Integer convert(String text) {
            return whole("The time", 86_400, text);
        }
    }

    private static Integer whole(String name, int most, String text) {
        try {
            return NumberSetting.whole(name, 1, most).convert(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    interface Work {
        List<FleetResult> of(Fleet fleet, List<FleetTarget> targets) throws IOException;
    }

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd_HHmmss");

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Parameters(paramLabel = "FILE", arity = "1..*",
            description = "files of settings such as contexts/staging.properties, or a folder of them; the passwords "
                    + "come from DB_PASSWORD or a password file")
    private List<Path> places;

    @Option(names = "--parallel", paramLabel = "N", defaultValue = "4", converter = Count.class,
            description = "number of databases at once (default: ${DEFAULT-VALUE}); a review measures one at a time")
    private int parallel;

    @Option(names = "--time-limit", paramLabel = "SECONDS", converter = Seconds.class,
            description = "time limit for one database; then its process is ended, and the same command resumes")
    private Integer timeLimit;

    @Option(names = "--json", description = "as JSON, for a program")
    private boolean json;

    private int canary;
    private int stopAfter = Integer.MAX_VALUE;

    FleetOptions withCanary(int canaries, int failures) {
        canary = canaries;
        stopAfter = failures;
        return this;
    }

    private List<FleetTarget> targets() throws IOException {
        if (System.getenv("DATABASE_URL") != null && !System.getenv("DATABASE_URL").isBlank()) {
            throw new ParameterException(command.commandLine(),
                    "DATABASE_URL names one database for all of them. Unset it: each file has its own url.");
        }
        try {
            return FleetTarget.of(places);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }

    /** Runs the work, prints a table, and returns the worst exit code. */
    int run(Work work) throws IOException {
        Path logs = CallingFolder.ofProject("logs").resolve("fleet_" + TIME.format(LocalDateTime.now(ZoneOffset.UTC)));
        List<FleetTarget> targets = targets();
        CountDownLatch done = new CountDownLatch(1);
        try (Progress progress = new Progress(targets, logs, json)) {
            Fleet fleet = new Fleet(new Fleet.Settings(launcher(), logs, parallel, canary, stopAfter,
                    timeLimit == null ? Duration.ZERO : Duration.ofSeconds(timeLimit)), progress);
            ExitHook atExit = new ExitHook(() -> {
                fleet.stop();
                progress.stopping();
                try {
                    done.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            try {
                List<FleetResult> results = work.of(fleet, targets);
                summary(results, logs);
                return results.stream().map(FleetResult::state).max(Comparator.naturalOrder()).orElseThrow()
                        .exitCode();
            } finally {
                done.countDown();
                atExit.remove();
            }
        }
    }

    /** The command line of this program, for a new process. */
    private static List<String> launcher() {
        return List.of(ProcessHandle.current().info().command().orElseThrow(), "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC", "-XX:-UsePerfData", "-cp", System.getProperty("java.class.path"),
                Main.class.getName());
    }

    private void summary(List<FleetResult> results, Path logs) {
        if (json) {
            System.out.println(Json.of(Map.of("logs", logs.toString(),
                    "targets", results.stream().map(FleetOptions::asMap).toList())));
            return;
        }
        Map<FleetState, Map<String, Long>> states = new TreeMap<>(results.stream().collect(Collectors.groupingBy(
                FleetResult::state, Collectors.groupingBy(FleetResult::version, TreeMap::new, Collectors.counting()))));
        System.out.println();
        List<List<String>> rows = new ArrayList<>();
        states.forEach((state, versions) -> versions.forEach((version, count) ->
                rows.add(List.of(count.toString(), state.words(), version))));
        Console.table(rows, column -> column == 0);
        System.out.println("What each said is in " + logs);
    }

    private static Map<String, Object> asMap(FleetResult result) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("target", result.target());
        map.put("state", result.state().words());
        map.put("version", result.version());
        map.put("pending", result.pending());
        map.put("seconds", result.took().toMillis() / 1e3);
        map.put("reason", result.reason());
        if (result.review() != null) {
            map.put("findings", result.review().findings());
            map.put("ms", result.review().millis());
            map.put("lowMs", result.review().low());
            map.put("highMs", result.review().high());
            map.put("page", result.review().page().toString());
        }
        return map;
    }

    /** Writes a line for each finished target to the terminal and to a log, and a counter to the terminal. */
    private static final class Progress implements Fleet.Listener, AutoCloseable {

        private final Path log;
        private final boolean silent;
        private final int targets;
        private final int width;
        private final Set<String> running = new TreeSet<>();
        private final TerminalLine line = new TerminalLine();
        private int ended;

        Progress(List<FleetTarget> targets, Path logs, boolean silent) throws IOException {
            Files.createDirectories(logs);
            this.log = logs.resolve("fleet.jsonl");
            this.silent = silent;
            this.targets = targets.size();
            this.width = targets.stream().mapToInt(target -> target.name().length()).max().orElse(1);
        }

        @Override
        public synchronized void begins(String target) {
            running.add(target);
            show();
        }

        @Override
        public synchronized void waits(String target) {
            running.remove(target);
            show();
        }

        /** Prints to standard error after a Ctrl-C, so that JSON output stays valid. */
        synchronized void stopping() {
            if (ended < targets) {
                line.before(System.err::println).accept("Stopping: %s, and no other is started."
                        .formatted(running.isEmpty() ? "none is under way"
                                : "under way, to the end of its changeset: " + String.join(", ", running)));
            }
        }

        @Override
        public synchronized void ended(FleetResult result) {
            running.remove(result.target());
            ended++;
            if (!silent) {
                line.before(System.out::println).accept(String.format(Locale.ROOT,
                        "%-" + width + "s  %-14s %6.1f s  %s", result.target(), result.state().words(),
                        result.took().toMillis() / 1e3, PrintableText.line(result.reason().isEmpty()
                                ? result.version() + (result.pending() > 0 ? ", %s pending"
                                        .formatted(Plural.of(result.pending(), "changeset")) : "")
                                : result.reason())).stripTrailing());
            }
            try {
                Files.writeString(log, Json.of(asMap(result)) + "\n", StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND);
            } catch (IOException e) {
                System.err.println("%s cannot be written: %s".formatted(log, e.getMessage()));
            }
            show();
        }

        private void show() {
            if (ended == targets) {
                line.close();
            } else if (!silent && TerminalLine.isThere()) {
                line.show("%d of %d ended, under way: %s".formatted(ended, targets, String.join(", ", running)));
            }
        }

        @Override
        public void close() {
            line.close();
        }
    }
}
