package dev.supportdb.cli;

import dev.supportdb.review.TableSizes;
import dev.supportdb.review.Trace;
import dev.supportdb.review.Tracer;
import dev.supportdb.run.TargetDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The options for which changesets to measure, and on how many rows. */
final class MeasureOptions {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Mixin
    private EnvironmentOptions environment;

    @Mixin
    private ScratchServerOptions scratch;

    @Mixin
    private SizesOptions sizes;

    @Parameters(paramLabel = "FROM:TO", arity = "0..2",
            description = "the changesets between two names instead, without reading the target: 008:016, or :016 from "
                    + "an empty database")
    private List<String> typed = List.of();

    @Option(names = "--rows", defaultValue = "100000", paramLabel = "ROWS",
            description = "number of rows in each table (default: ${DEFAULT-VALUE})")
    private long rows;

    @Option(names = "--max-lock", defaultValue = "1000", paramLabel = "MS",
            description = "the longest time that a lock may block others, in milliseconds (default: ${DEFAULT-VALUE})")
    private long limit;

    /** Refuses invalid options and reads the file of sizes, before any connection. */
    void check() {
        if (rows < 1) {
            throw misuse("Nothing can be measured on " + rows + " rows: give at least one.", null);
        }
        if (limit < 1) {
            throw misuse("--max-lock must be at least one millisecond, not " + limit, null);
        }
        if (isRange()) {
            range();
        }
        sizes.read();
    }

    EnvironmentOptions environment() {
        return environment;
    }

    ScratchServerOptions scratch() {
        return scratch;
    }

    SizesOptions sizes() {
        return sizes;
    }

    /** Returns whether two names were typed, so that the target database is not read. */
    boolean isRange() {
        return !typed.isEmpty();
    }

    MeasuredPart part(TargetDatabase target) throws IOException, LiquibaseException {
        return isRange() ? MeasuredPart.between(environment, range(), command.commandLine())
                : MeasuredPart.pending(target);
    }

    NameRange range() {
        try {
            return NameRange.of(typed);
        } catch (IllegalArgumentException e) {
            throw misuse(e.getMessage(), e);
        }
    }

    /** Creates a tracer that shows its subject in the progress line. */
    Tracer tracer(TargetDatabase server, Path root, String doing, ProgressLine progress) {
        return new Tracer(server, root, rows, Duration.ofMillis(limit), text -> progress.show(doing + text));
    }

    /** Measures a part, and forecasts its times where sizes are wanted. */
    Trace trace(MeasuredPart part, TargetDatabase target, String doing)
            throws IOException, SQLException, LiquibaseException {
        TargetDatabase like = isRange() ? null : target;
        TableSizes wanted = sizes.of(target);
        try (ProgressLine progress = new ProgressLine()) {
            Tracer tracer = tracer(scratch.server(target), Path.of(""), doing, progress);
            Trace trace = tracer.run(part.there(), part.traced(), like);
            return wanted == null ? trace
                    : tracer.withForecasts(trace, tracer.after(part.there(), part.traced(), like), part.traced(),
                            false, wanted);
        }
    }

    private ParameterException misuse(String why, Exception cause) {
        return new ParameterException(command.commandLine(), why, cause);
    }
}
