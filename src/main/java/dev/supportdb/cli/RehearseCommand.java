package dev.supportdb.cli;

import dev.supportdb.postgres.DatabaseUrl;
import dev.supportdb.review.DatabaseCopy;
import dev.supportdb.review.Trace;
import dev.supportdb.review.Tracer;
import dev.supportdb.review.pack.ChangesetSql;
import dev.supportdb.review.pack.Review;
import dev.supportdb.run.OfflineSql;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.verify.Rehearsal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Callable;
import liquibase.changelog.visitor.DefaultChangeExecListener;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs the whole changelog on data of real size, before a deployment. */
@Command(name = "rehearse", exitCodeOnExecutionException = ExitCode.MISUSED, mixinStandardHelpOptions = true,
        description = {"Go forward, back and forward again on a scratch database, and check every value.",
            "With --dump, or with REHEARSE_URL in the environment, it runs on a copy of that database: the changesets "
                + "pending there are measured, and target/review/ has only counts, keys, sizes and names of its rows."})
final class RehearseCommand implements Callable<Integer> {

    /** A variable and not an option, because the URL may contain a password. */
    private static final String URL = "REHEARSE_URL";

    @Mixin
    private EnvironmentOptions environment;

    @Mixin
    private ScratchServerOptions scratch;

    @Option(names = "--rows", defaultValue = "100000", paramLabel = "TICKETS",
            description = "the size of the demo data (default: ${DEFAULT-VALUE})")
    private long rows;

    @Option(names = "--max-seconds", paramLabel = "SECONDS",
            description = "fail if the first run of all changesets takes longer")
    private Double most;

    @Option(names = "--dump", paramLabel = "FILE",
            description = "rehearse on a copy: a dump of a database, as pg_dump writes it, as a custom archive or as "
                    + "SQL")
    private Path dump;

    @Option(names = "--max-lock", defaultValue = "1000", paramLabel = "MS",
            description = "on a copy, the longest time that a lock may block others, in milliseconds (default: "
                    + "${DEFAULT-VALUE})")
    private long longest;

    @Option(names = "--out", paramLabel = "FOLDER",
            description = "on a copy, where the files go (default: ${DEFAULT-VALUE})")
    private Path folder = CallingFolder.ofProject("target/review");

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws IOException, SQLException, LiquibaseException {
        DatabaseCopy copy = copy();
        if (copy != null) {
            return onCopy(copy);
        }
        ConnectionSettings settings = environment.settings();
        refuse(most != null && !(most > 0), "--max-seconds must be a number of seconds above 0, not " + most);
        refuse(rows < 1, "There is nothing to rehearse on " + rows + " rows: give at least one.");
        refuse(!settings.target().changelog().equals(Rehearsal.CHANGELOG),
                "A rehearsal is of %s, and the environment %s has %s: choose another one.".formatted(
                        Rehearsal.CHANGELOG, settings.environment(), settings.target().changelog()));
        Duration limit = most == null ? null : Duration.ofMillis(Math.round(most * 1000));
        return new Rehearsal(scratch.runningServer(environment), rows, limit, System.out).run() ? 0 : 1;
    }

    /** The database to copy; null for none. */
    private DatabaseCopy copy() {
        String url = System.getenv(URL);
        boolean named = url != null && !url.isBlank();
        refuse(dump != null && named, "There are a --dump and a " + URL + ": give only one of them.");
        if (dump == null && !named) {
            return null;
        }
        refuse(command.commandLine().getParseResult().hasMatchedOption("--rows"),
                "--rows is for a rehearsal without a copy, which has its own rows.");
        refuse(most != null, "--max-seconds is for a rehearsal without a copy.");
        refuse(longest < 1, "--max-lock must be at least one millisecond, not " + longest);
        refuse(dump != null && !Files.isRegularFile(dump), "There is no file %s: a dump is one file, by pg_dump "
                .formatted(dump) + "--format=custom or as plain SQL.");
        try {
            return new DatabaseCopy(dump, named ? DatabaseUrl.of(url, URL) : null);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }

    private int onCopy(DatabaseCopy copy) throws IOException, SQLException, LiquibaseException {
        TargetDatabase server = scratch.runningServer(environment);
        MeasuredPart[] part = new MeasuredPart[1];
        Trace trace;
        try (ProgressLine progress = new ProgressLine()) {
            trace = new Tracer(server, Path.of(""), 1, Duration.ofMillis(longest),
                    text -> progress.show("Measuring " + text)).run(copy, made -> {
                        part[0] = MeasuredPart.pending(made);
                        return part[0].reviewed();
                    }, false);
        }
        if (part[0].reviewed().isEmpty()) {
            System.out.println("Nothing to rehearse: nothing is pending on the copy.");
            return ExitCode.DONE;
        }
        OfflineSql offline = new OfflineSql(server, Path.of(""), part[0].changelog(), new DefaultChangeExecListener());
        return ReviewCommand.write(new Review("a copy", environment.command("rehearse", TypedWords.of(command)),
                environment::command, Review.Rows.COPIED, true, null, trace, part[0].changelog(),
                ChangesetSql.of(offline, part[0].there(), part[0].reviewed())), folder);
    }

    private void refuse(boolean misused, String why) {
        if (misused) {
            throw new ParameterException(command.commandLine(), why);
        }
    }
}
