package dev.supportdb.cli;

import dev.supportdb.postgres.Json;
import dev.supportdb.review.TableSizes;
import dev.supportdb.review.Trace;
import dev.supportdb.review.TraceJson;
import dev.supportdb.run.TargetDatabase;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures changesets before they run in a database in use. */
@Command(name = "trace", exitCodeOnExecutionException = ExitCode.MISUSED, mixinStandardHelpOptions = true,
        description = {"Measure the locks, rows and losses of changesets on a scratch database.",
            "Runs each pending changeset forward, back and forward again, with rows in the tables. Of the target, only "
                + "the history is read."},
        footer = {"Exits with 0 if all of them are fine, with 1 if a person has to decide, with 2 if one could not be "
                + "run. A comment in the changelog accepts a finding:",
            "  # trace: allow blocking: the table has twelve rows"})
final class TraceCommand implements Callable<Integer> {

    @Mixin
    private MeasureOptions measure;

    @Option(names = "--sizes-query", description = "print the query that makes such a file with psql, and exit")
    private boolean sizesQuery;

    @Option(names = "--json", description = "as JSON, for a program")
    private boolean json;

    @Override
    public Integer call() throws IOException, SQLException, LiquibaseException {
        if (sizesQuery) {
            System.out.println(TableSizes.QUERY);
            return ExitCode.DONE;
        }
        measure.check();
        EnvironmentOptions environment = measure.environment();
        // Starting the embedded server prints a line, which would not be JSON.
        TargetDatabase target = (json ? environment.settings() : environment.settingsOfRunningServer()).target();
        MeasuredPart part = measure.part(target);
        if (part.traced().isEmpty()) {
            System.out.println(json ? Json.of(List.of())
                    : "Nothing to trace. %s traces the changesets between two names."
                            .formatted(environment.command("trace", "008:016")));
            return ExitCode.DONE;
        }
        Trace trace = measure.trace(part, target, "Tracing   ");
        if (json) {
            System.out.println(Json.of(TraceJson.of(trace)));
        } else {
            TraceReport.print(trace);
        }
        return trace.failure() != null ? ExitCode.MISUSED : trace.toDecide() > 0 ? ExitCode.REFUSED : ExitCode.DONE;
    }
}
