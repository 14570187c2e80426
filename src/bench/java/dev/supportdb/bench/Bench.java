package dev.supportdb.bench;

import dev.supportdb.cli.TerminalOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** {@code make bench}. It says what it measures and never fails for it: machines differ, and figures with them. */
@Command(name = "bench", mixinStandardHelpOptions = true, sortOptions = false,
        description = "Measure backfills against plain SQL, on a server of its own or that of TEST_DATABASE_URL.")
final class Bench implements Callable<Integer> {

    private static final Path FOLDER = Path.of("target/bench");

    @Option(names = "--rows", defaultValue = "1000000",
            description = "Tickets; loops over rows get a tenth of them. Default: ${DEFAULT-VALUE}.")
    private long rows;

    @Option(names = "--rounds", defaultValue = "5", description = "Rounds of each part. Default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(names = "--only", split = ",", defaultValue = "speed,loop,slope,load,contacts,forecast",
            description = "The parts to measure. Default: ${DEFAULT-VALUE}; afternoon draws"
                    + " target/bench/busy-afternoon.svg.")
    private Set<Benchmark> parts;

    @Option(names = "--sizes", split = ",",
            description = "Tickets for the slope. Default: 0.1, 0.3, 1 and 3 times as many as --rows.")
    private List<Long> sizes;

    @Option(names = "--rate", defaultValue = "300",
            description = "Operations a second of the application. Default: ${DEFAULT-VALUE}.")
    private double rate;

    @Option(names = "--baseline", defaultValue = "30",
            description = "Seconds of the application before and after a fill. Default: ${DEFAULT-VALUE}.")
    private int baseline;

    @Option(names = "--seed", description = "Of what the application does. Default: a new one.")
    private long seed = new Random().nextLong();

    @Spec
    private CommandSpec command;

    private Bench() {
    }

    public static void main(String... arguments) {
        TerminalOutput.install();
        System.exit(new CommandLine(new Bench())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExpandAtFiles(false)
                .setExecutionExceptionHandler(Bench::failed)
                .execute(arguments));
    }

    /** Reports a failure: one of the server in a sentence, one of our own with its trace. */
    private static int failed(Exception failure, CommandLine command, ParseResult arguments) throws Exception {
        if (failure instanceof SQLException || failure instanceof IOException) {
            command.getErr().println(failure.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
        }
        throw failure;
    }

    @Override
    public Integer call() throws Exception {
        if (sizes == null) {
            sizes = List.of(rows / 10, 3 * rows / 10, rows, 3 * rows);
        }
        if (rows < 100 || sizes.size() < 2) {
            throw new ParameterException(command.commandLine(), "Give 100 rows or more, and two sizes or more.");
        }
        try (BenchServer server = BenchServer.choose()) {
            Map<String, Object> conditions = conditions(server);
            Results results = new Results();
            BenchReport report = new BenchReport(conditions, results);
            System.out.println(report.conditions());
            for (Benchmark part : Benchmark.values()) {
                if (parts.contains(part)) {
                    measure(part, server, results, conditions);
                }
            }
            System.out.print(report.text());
            System.out.println("\nAll of it is in " + write(report.json()));
        }
        return CommandLine.ExitCode.OK;
    }

    private Map<String, Object> conditions(BenchServer server) throws SQLException {
        Map<String, Object> conditions = new LinkedHashMap<>();
        conditions.put("at", LocalDateTime.now().truncatedTo(ChronoUnit.SECONDS).toString());
        conditions.putAll(server.settings());
        conditions.put("cores", Runtime.getRuntime().availableProcessors());
        conditions.put("java", System.getProperty("java.version"));
        conditions.put("rows", rows);
        conditions.put("rounds", rounds);
        conditions.put("sizes", sizes);
        conditions.put("rate", rate);
        conditions.put("baseline", baseline);
        conditions.put("seed", seed);
        return conditions;
    }

    private void measure(Benchmark part, BenchServer server, Results results, Map<String, Object> conditions)
            throws Exception {
        TrialRunner lab = new TrialRunner(server);
        switch (part) {
            case SPEED -> new SpeedBenchmark(lab, results).againstOneUpdate(rows, rounds);
            case LOOP -> new SpeedBenchmark(lab, results).againstLoop(rows / 10, rounds);
            case SLOPE -> ScalingBenchmark.measure(lab, results, sizes, rounds);
            case LOAD -> new LoadBenchmark(lab, results, rows, rate, Duration.ofSeconds(baseline), seed)
                    .measure(rounds);
            case FORECAST -> ForecastBenchmark.measure(server, results, rows);
            case AFTERNOON -> System.out.println("afternoon: drawn in " + Files.writeString(
                    Files.createDirectories(FOLDER).resolve("busy-afternoon.svg"),
                    new AfternoonPicture(new BusyAfternoon(lab, rows, rate, seed).observe(), conditions).svg()));
            case CONTACTS -> new SpeedBenchmark(lab, results).ofContacts(rows / 10, rounds);
        }
    }

    private static Path write(String json) throws IOException {
        String name = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH-mm-ss").format(LocalDateTime.now()) + ".json";
        return Files.writeString(Files.createDirectories(FOLDER).resolve(name), json + "\n");
    }
}
