package dev.supportdb.chaos;

import dev.supportdb.chaos.Report.Result;
import dev.supportdb.cli.TerminalOutput;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code make chaos}. A part that fails is said at once, and the others are tried all the same. */
@Command(name = "chaos", mixinStandardHelpOptions = true, sortOptions = false,
        description = "Interrupt migrations in every way, complete them with the same command, and check the result.")
final class Chaos implements Callable<Integer> {

    /** The page of a whole campaign belongs to the documentation; that of a smaller one only says what was seen. */
    private static final Path PAGE = Path.of("docs/reliability.md");
    private static final Path SMALL_PAGE = Path.of("target/chaos/reliability.md");

    /** Trials of one kind or a few that share their runs. */
    private interface Trials {
        List<Result> run() throws Exception;
    }

    @Option(names = "--rows", defaultValue = "100000", description = "Tickets. Default: ${DEFAULT-VALUE}.")
    private int rows;

    @Option(names = "--seed", description = "Repeats the random choices of an earlier run. Default: a new seed.")
    private long seed = new Random().nextLong();

    @Option(names = "--one-in", defaultValue = "1", description = "Make one in so many trials, some of each kind, and"
            + " write target/chaos/reliability.md instead of the page in docs. Default: ${DEFAULT-VALUE}, all of them.")
    private int oneIn;

    /** Kinds of objects, of which one may be chosen. */
    private static final String OTHERS = "objects of other people";

    /** Too long for a small campaign, unless they are asked for by name; the suite has samples of them. */
    private static final Set<String> LONG = Set.of(OTHERS, "several databases", "a standby is promoted");

    @Option(names = "--only", paramLabel = "PART", description = "Make this part alone, as the output names it, and"
            + " write target/chaos/reliability.md. With one of its kinds: 'objects of other people: KIND'.")
    private String only;

    @Spec
    private CommandSpec command;

    private Chaos() {
    }

    public static void main(String... arguments) {
        TerminalOutput.install();
        System.exit(new CommandLine(new Chaos()).setExpandAtFiles(false).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        if (rows < 1_000 || oneIn < 1) {
            throw new ParameterException(command.commandLine(), "Give 1000 rows or more, and one in 1 trial or more.");
        }
        Campaign campaign = new Campaign(rows, oneIn, seed);
        System.out.println(campaign.command() + " draws the same again");
        Path page = campaign.isWhole() && only == null ? PAGE : SMALL_PAGE;
        ChaosServer lab = ChaosServer.open(campaign);
        Report report = new Report(lab, page);
        List<String> failed = new ArrayList<>();
        Map<String, Trials> parts = parts(campaign, lab, kind());
        if (only == null && !campaign.isWhole()) {
            parts.keySet().removeAll(LONG);
        } else if (only != null) {
            parts.keySet().removeIf(part -> !part.equals(only) && !(part.equals(OTHERS) && kind() != null));
        }
        if (parts.isEmpty()) {
            throw new ParameterException(command.commandLine(), "There is no part '%s'.".formatted(only));
        }
        for (Map.Entry<String, Trials> part : parts.entrySet()) {
            long start = System.nanoTime();
            try {
                report.add(part.getValue().run());
                System.out.printf("%s: nothing wrong, %.0f s%n", part.getKey(), (System.nanoTime() - start) / 1e9);
            } catch (Exception | AssertionError e) {
                System.out.printf("%s: FAILED%n", part.getKey());
                e.printStackTrace(System.out);
                failed.add(part.getKey());
            }
        }
        System.out.println("All of it is in " + page);
        if (!failed.isEmpty()) {
            System.out.println("Failed: " + String.join(", ", failed));
        }
        return failed.isEmpty() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }

    private String kind() {
        return only != null && only.startsWith(OTHERS + ": ") ? only.substring(OTHERS.length() + 2) : null;
    }

    private static Map<String, Trials> parts(Campaign campaign, ChaosServer lab, String kind) throws Exception {
        Path folder = Files.createDirectories(Path.of("target/chaos"));
        Interruptions interruptions = new Interruptions(lab, folder);
        CancelAndPause interventions = new CancelAndPause(lab, folder);
        Map<String, Trials> parts = new LinkedHashMap<>();
        parts.put("in a backfill", interruptions::inBackfills);
        parts.put("at any time", interruptions::atAnyTime);
        parts.put("at a row of the history", () -> new HistoryRows(lab).breakOff());
        parts.put("in a phase of an index", new IndexBuilds(lab, folder)::breakOff);
        parts.put("no time", new Shortages(lab)::ofTime);
        parts.put("no room", new Shortages(lab)::ofRoom);
        parts.put("cancelled", interventions::cancel);
        parts.put("paused", interventions::pause);
        parts.put("ten at once", new Deployers(campaign, folder)::startAtOnce);
        parts.put("a table is kept", new Blockers(campaign)::keepTables);
        parts.put("rollback after writes", new RollbacksAfterWrites(campaign)::rollBack);
        parts.put("several databases", new Fleets(campaign, folder)::updateTwice);
        parts.put(OTHERS, () -> OtherPeoplesObjects.all(campaign, kind));
        if (PgBouncer.isInstalled()) {
            parts.put("through a pooler", new Poolers(campaign, folder)::inTransactionMode);
        } else {
            System.out.println("Skipped: pgbouncer is not installed. Install it with apt-get install pgbouncer");
        }
        Optional<Path> programs = StreamingPair.programs();
        if (programs.isPresent()) {
            parts.put("a standby is promoted", () -> new Promotions(campaign, folder).failOver(programs.get()));
        } else {
            System.out.println("Skipped: pg_rewind is not installed. Install it with apt-get install postgresql");
        }
        return parts;
    }
}
