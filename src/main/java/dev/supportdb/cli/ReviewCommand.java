package dev.supportdb.cli;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.review.PlainSql;
import dev.supportdb.review.SchemaFile;
import dev.supportdb.review.Trace;
import dev.supportdb.review.Tracer;
import dev.supportdb.review.pack.ChangesetSql;
import dev.supportdb.review.pack.Review;
import dev.supportdb.review.pack.ReviewPack;
import dev.supportdb.run.OfflineSql;
import dev.supportdb.run.TargetDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.visitor.DefaultChangeExecListener;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Writes the review pack, by which people decide on a deployment: measurements and everything known, in one place. */
@Command(name = "review", exitCodeOnExecutionException = ExitCode.MISUSED, mixinStandardHelpOptions = true,
        description = {"Measure what is pending and write target/review/index.html, review.md and review.json.",
            "Runs each changeset forward, back and forward again on a scratch database with rows in it. Of the target, "
                + "only the history is read."},
        footer = "Exits with 0 if there is nothing to decide, with 1 if a changeset blocks, loses or is not proven, "
                + "and the changelog does not accept it, with 2 if a changeset could not be run, or an update is "
                + "refused.")
final class ReviewCommand implements Callable<Integer> {

    /** The changelog generated from plain SQL. */
    private static final String CHANGELOG = "sql.yaml";

    private static final String NO_LOCK_TIMEOUT = "The SQL does not limit how long a statement waits for a lock, "
            + "and while one waits, all later statements on its table wait as well. Begin it with: "
            + "set lock_timeout = '2s';";

    private static final String EDITED = "These have run there, and were edited in the files since. Restore "
            + "their text, and write the change as a new changeset:\n  ";

    @Mixin
    private MeasureOptions measure;

    @Option(names = "--to", paramLabel = "NAME", description = "only what is pending up to a name, such as 016")
    private String to;

    @Option(names = "--sql", paramLabel = "FILE",
            description = "the SQL of any tool instead of the changelog; - is the standard input")
    private Path sql;

    @Option(names = "--schema", paramLabel = "FILE",
            description = "with --sql: the schema it runs on, by pg_dump --schema-only; without, an empty database")
    private Path schema;

    @Option(names = "--out", paramLabel = "FOLDER",
            description = "where the files go (default: ${DEFAULT-VALUE})")
    private Path folder = CallingFolder.ofProject("target/review");

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws IOException, SQLException, LiquibaseException {
        SizesOptions sizes = measure.sizes();
        boolean isRange = measure.isRange();
        refuse(to != null && isRange, "--to is for pending changesets: give a range or --to, not both.");
        refuse(sql != null && (to != null || isRange), "--sql is reviewed as a whole: it takes no names.");
        refuse(sql != null && !isInput() && !Files.isRegularFile(sql), "There is no file " + sql);
        refuse(schema != null && sql == null, "--schema is for --sql=FILE, which runs on it: give that as well.");
        refuse(schema != null && !Files.isReadable(schema), "There is no file %s to read. To create it:%n  "
                .formatted(schema) + "pg_dump --schema-only --no-owner --file=%s \"$URL\"".formatted(schema));
        refuse(sql != null && sizes.areOfTarget(),
                "--sizes=target is for pending changesets: with --sql, name a file.");
        refuse(sql != null && schema == null && sizes.isGiven(),
                "--sizes is for existing tables: give their --schema as well.");
        measure.check();
        if (sql != null) {
            return plain();
        }
        EnvironmentOptions environment = measure.environment();
        TargetDatabase target = environment.settingsOfRunningServer().target();
        MeasuredPart all = measure.part(target);
        MeasuredPart part = to == null ? all : all.upTo(to, command.commandLine());
        String subject = isRange ? measure.range().words() : target.toString();
        String again = environment.command("review", TypedWords.of(command));
        if (part.reviewed().isEmpty() || !part.edited().isEmpty()) {
            if (part.edited().isEmpty()) {
                System.out.println("Nothing to review. %s reviews the changesets between two names."
                        .formatted(environment.command("review", "008:016")));
            }
            // Otherwise the files of an earlier run would pass for those of this one.
            return write(new Review(subject, again, environment::command, Review.Rows.GENERATED, true, null,
                    Trace.ofNothing(part.edited().isEmpty() ? null : EDITED + String.join("\n  ", part.edited())),
                    part.changelog(), new ChangesetSql(Map.of(), Map.of())), folder);
        }
        Trace trace = measure.trace(part, target, "Measuring ");
        OfflineSql offline = new OfflineSql(target, Path.of(""), part.changelog(), new DefaultChangeExecListener());
        return write(new Review(subject, again, environment::command, Review.Rows.GENERATED, true, null, trace,
                part.changelog(), ChangesetSql.of(offline, part.there(), part.reviewed())), folder);
    }

    /** Reviews the SQL of another tool, on any schema. */
    private int plain() throws IOException, SQLException, LiquibaseException {
        EnvironmentOptions environment = measure.environment();
        SizesOptions sizes = measure.sizes();
        TargetDatabase server = measure.scratch().server(environment.settingsOfRunningServer().target());
        // Fails if there is no server before it waits for SQL on standard input.
        server.connect().close();
        PlainSql plain = plainSql();
        Path temporary = Files.createTempDirectory("review");
        Path file = temporary.resolve(CHANGELOG);
        try {
            plain.writeTo(file);
            TargetDatabase target = new TargetDatabase(server.url(), server.username(), server.password(), CHANGELOG,
                    "test", null, Map.of());
            Changelog changelog = Changelog.read(temporary, CHANGELOG, Map.of());
            List<ChangeSet> steps = changelog.features().get(0).changeSets();
            Trace trace;
            try (ProgressLine progress = new ProgressLine()) {
                Tracer tracer = measure.tracer(target, temporary, "Measuring ", progress);
                SchemaFile start = new SchemaFile(schema);
                trace = tracer.run(start, there -> steps, true);
                if (sizes.file() != null) {
                    trace = tracer.withForecasts(trace, start, steps, true, sizes.file());
                }
            }
            Map<String, String> texts = new HashMap<>();
            for (int i = 0; i < steps.size(); i++) {
                texts.put(steps.get(i).toString(false), plain.steps().get(i).sql());
            }
            return write(new Review(isInput() ? "SQL" : sql.toString(), environment.command("review",
                    TypedWords.of(command)), environment::command, Review.Rows.GENERATED, false,
                    plain.hasLockTimeout() ? null : NO_LOCK_TIMEOUT, trace, changelog, new ChangesetSql(texts, Map.of())), folder);
        } finally {
            Files.deleteIfExists(file);
            Files.delete(temporary);
        }
    }

    private boolean isInput() {
        return sql.equals(CallingFolder.INPUT);
    }

    private PlainSql plainSql() throws IOException {
        try (BufferedReader script = isInput()
                ? new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
                : Files.newBufferedReader(sql)) {
            return PlainSql.of(script);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        } catch (IOException e) {
            throw new ParameterException(command.commandLine(), "The SQL in %s cannot be read as UTF-8: %s"
                    .formatted(sql, e.getMessage()), e);
        }
    }

    static int write(Review review, Path folder) throws IOException {
        ReviewPack pack = new ReviewPack(review);
        pack.write(folder);
        System.out.println("Verdict   " + pack.verdict());
        System.out.printf("Pack      %s, review.md, review.json%n", folder.resolve("index.html"));
        return review.trace().failure() != null ? ExitCode.MISUSED
                : review.trace().toDecide() > 0 ? ExitCode.REFUSED : ExitCode.DONE;
    }

    private void refuse(boolean misused, String why) {
        if (misused) {
            throw new ParameterException(command.commandLine(), why);
        }
    }
}
