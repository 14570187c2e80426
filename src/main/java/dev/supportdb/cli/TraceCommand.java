package dev.supportdb.cli;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.NameParser;
import dev.supportdb.changelog.PositionRange;
import dev.supportdb.review.Trace;
import dev.supportdb.review.Tracer;
import dev.supportdb.run.DatabaseState;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.verify.SampleData;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import liquibase.changelog.ChangeSet;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The measurement of changesets, before they meet a database in use. */
@Command(name = "trace", exitCodeOnExecutionException = ExitCode.MISUSED, mixinStandardHelpOptions = true,
        description = {"Measure the locks, rows and losses of changesets on a scratch database.",
            "Runs what is pending, each forward, back and forward again, with rows in the tables. The target is only "
                + "asked for its history."},
        footer = {"Exits with 0 when all of them are fine, with 1 when somebody has to decide, with 2 when one could "
                + "not be run. A comment in the changelog accepts a finding:",
            "  # trace: allow blocking: the table has twelve rows"})
final class TraceCommand implements Callable<Integer> {

    /** What is there, and what is to be traced. */
    private record Part(List<ChangeSet> there, List<ChangeSet> traced) {}

    @Mixin
    private EnvironmentOptions environment;

    @Mixin
    private ScratchServerOptions scratch;

    @Parameters(paramLabel = "FROM:TO", arity = "0..2",
            description = "trace what lies between two names instead, without a look at the target: 008:016, or :016 "
                    + "from an empty database")
    private List<String> typed = List.of();

    @Option(names = "--rows", defaultValue = "100000", paramLabel = "ROWS",
            description = "how many rows a table has (default: ${DEFAULT-VALUE})")
    private long rows;

    @Option(names = "--max-lock", defaultValue = "1000", paramLabel = "MS",
            description = "the longest that a lock may stop others, in milliseconds (default: ${DEFAULT-VALUE})")
    private long limit;

    @Option(names = "--json", description = "as JSON, for a program")
    private boolean json;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws IOException, SQLException, LiquibaseException {
        if (rows < 1) {
            throw misuse("Nothing can be measured on " + rows + " rows: give at least one.");
        }
        if (limit < 1) {
            throw misuse("--max-lock is a number of milliseconds, at least one, not " + limit);
        }
        NameRange range = typed.isEmpty() ? null : range();
        // A start says so, which is no JSON.
        TargetDatabase target = (json ? environment.settings() : environment.settingsOfRunningServer()).target();
        Part part = range == null ? pending(target) : between(range);
        if (part.traced().isEmpty()) {
            System.out.println(json ? Json.of(List.of()) : "Nothing to trace. %s traces what lies between two names."
                    .formatted(environment.command("trace", "008:016")));
            return ExitCode.DONE;
        }
        TargetDatabase like = range == null ? target : null;
        Trace trace;
        try (ProgressLine progress = new ProgressLine()) {
            trace = new Tracer(scratch.server(target), Path.of(""), rows, Duration.ofMillis(limit),
                    text -> progress.show("Tracing   " + text)).run(part.there(), part.traced(), like);
        }
        if (json) {
            System.out.println(TraceReport.json(trace));
        } else {
            TraceReport.print(trace);
        }
        return trace.failure() != null ? ExitCode.MISUSED : trace.toDecide() > 0 ? ExitCode.REFUSED : ExitCode.DONE;
    }

    private ParameterException misuse(String why) {
        return new ParameterException(command.commandLine(), why);
    }

    private NameRange range() {
        try {
            return NameRange.of(typed);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }

    /** Demo data that comes before what the target has run last is there as well. */
    private Part pending(TargetDatabase target) throws LiquibaseException {
        DatabaseState state = DatabaseState.of(target, Path.of(""));
        if (state.pending().isEmpty()) {
            return new Part(List.of(), List.of());
        }
        List<ChangeSet> all = state.changelog().features().stream()
                .flatMap(feature -> feature.changeSets().stream()).toList();
        List<ChangeSet> there = new ArrayList<>(all.stream()
                .filter(changeSet -> state.ran(changeSet).isPresent()).toList());
        int last = all.lastIndexOf(there.isEmpty() ? null : there.get(there.size() - 1));
        List<ChangeSet> traced = new ArrayList<>();
        for (ChangeSet changeSet : all) {
            boolean demo = SampleData.isDemo(changeSet);
            if (demo && !there.contains(changeSet) && all.indexOf(changeSet) < last) {
                there.add(changeSet);
            } else if (demo && !there.contains(changeSet) || state.pending().contains(changeSet)) {
                traced.add(changeSet);
            }
        }
        return new Part(there, traced);
    }

    private Part between(NameRange range) throws IOException, LiquibaseException {
        Changelog changelog = environment.changelog();
        NameParser names = new NameParser(changelog);
        try {
            List<ChangeSet> there = new PositionRange(changelog, SqlRange.places(names, range.from(), "base")).state();
            List<ChangeSet> traced = new ArrayList<>(
                    new PositionRange(changelog, SqlRange.places(names, range.to(), "heads")).stateAfter(there));
            traced.removeAll(there);
            return new Part(there, traced);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }
}
