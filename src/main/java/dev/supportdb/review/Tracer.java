package dev.supportdb.review;

import dev.supportdb.backfill.Backfill;
import dev.supportdb.postgres.Sql;
import dev.supportdb.preflight.ChangesetSubset;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.verify.RollbackObserver;
import dev.supportdb.verify.SampleData;
import dev.supportdb.verify.ScratchDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import liquibase.Contexts;
import liquibase.Scope;
import liquibase.change.Change;
import liquibase.change.core.RawSQLChange;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.ChangeSet.ExecType;
import liquibase.changelog.visitor.ChangeExecListener;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.LiquibaseException;
import liquibase.resource.ResourceAccessor;

/**
 * Runs changesets on a scratch database, forward, back and forward again, with rows in the tables, and judges each by
 * what the server did.
 */
public final class Tracer {

    /** The divisor for the rows of the smaller of two runs. */
    private static final int LESS = 3;

    /** The SQLSTATE of an unsafe use of a new enum value. */
    private static final String NEW_LABEL = "55P04";

    private final TargetDatabase server;
    private final Path root;
    private final long rows;
    private final Duration limit;
    private final Consumer<String> progress;

    /**
     * @param server   a database of the server for the scratch database, with the changelog and the filters of a target
     * @param root     the folder the changelog's path starts from
     * @param rows     the number of rows for each table
     * @param limit    the longest time that a lock may block others
     * @param progress receives the changeset at hand, with a counter
     */
    public Tracer(TargetDatabase server, Path root, long rows, Duration limit, Consumer<String> progress) {
        this.server = server;
        this.root = root;
        this.rows = rows;
        this.limit = limit;
        this.progress = progress;
    }

    /** Selects the changesets to measure, on a database in the state where they begin. */
    public interface Part {
        Collection<ChangeSet> of(TargetDatabase scratch) throws LiquibaseException;
    }

    /**
     * Measures the changesets. The scratch database is dropped afterwards in any case.
     *
     * @param there  the changesets that have run before
     * @param traced the changesets to measure
     * @param like   a database whose users' objects are added; null for none
     * @throws CommandExecutionException if the state before cannot be built
     */
    public Trace run(Collection<ChangeSet> there, Collection<ChangeSet> traced, TargetDatabase like)
            throws SQLException, LiquibaseException, IOException {
        return run(after(there, traced, like), scratch -> traced, false);
    }

    /**
     * Measures the changesets from the given state.
     *
     * @param sqlAlone whether the changesets are plain SQL without a rollback, which another tool runs: forward alone,
     *                 without Liquibase and the checks before its runs
     */
    public Trace run(StartingState start, Part part, boolean sqlAlone)
            throws SQLException, LiquibaseException, IOException {
        if (sqlAlone) {
            return measure(start, part, false, Notation.SQL, (all, target, run, session) -> runSql(all, run, session))
                    .trace();
        }
        // Restoring a copy again takes longer than running each changeset alone.
        Measurement together = start.isCopy() ? null : measure(start, part, false, Notation.YAML, this::together);
        return together != null && together.isProven() ? together.trace()
                : measure(start, part, !start.isCopy(), Notation.YAML, this::eachAlone).trace();
    }

    /** Runs changesets forward, back and forward again. Returns the reason of a failure, or null. */
    private interface Way {
        String run(Collection<ChangeSet> traced, TargetDatabase target, MeasuredRun run, SessionWatch session)
                throws SQLException, CommandExecutionException;
    }

    /** @param isProven whether all ran, and each was rolled back and ran again from the right state */
    private record Measurement(Trace trace, boolean isProven) {}

    /**
     * Measures on a new scratch database.
     *
     * @param namesRows whether to report which rows were not restored
     */
    private Measurement measure(StartingState start, Part part, boolean namesRows, Notation notation, Way way)
            throws SQLException, LiquibaseException, IOException {
        try (ScratchDatabase scratch = ScratchDatabase.beside(server, "trace");
                Connection connection = scratch.connect();
                SessionWatch session = new SessionWatch(scratch)) {
            TargetDatabase target = target(scratch, start, rows);
            progress.accept("the state before");
            StartingState.Basis basis = start.make(target, connection, rows);
            Collection<ChangeSet> traced = part.of(target);
            RollbackObserver proof = namesRows ? new RollbackObserver(connection, start.data())
                    : RollbackObserver.withoutRows(connection, start.data());
            MeasuredRun measured = new MeasuredRun(scratch, connection, session, proof, traced.size(), progress,
                    start.isCopy());
            measured.madeBefore(basis.makers());
            String failure;
            try {
                failure = way.run(traced, target, measured, session);
            } catch (CommandExecutionException e) {
                failure = start.isCopy() ? measured.last() + ": " + WithoutValues.reason(e) : reason(e);
            }
            Trace trace = new Trace(Sql.text(connection, "show server_version"), basis.sentence(),
                    judged(measured, start.isCopy(), notation), basis.empty(), failure);
            return new Measurement(trace, failure == null && proof.isProven());
        }
    }

    /**
     * Runs all forward, all back and all forward again: as good as one by one if it proves all of them, and much
     * faster.
     */
    private String together(Collection<ChangeSet> traced, TargetDatabase target, MeasuredRun run, SessionWatch session)
            throws CommandExecutionException {
        LiquibaseRunner migration = migration(target, run::say, run, session).withoutPauses();
        LiquibaseRunner forward = migration.only(ChangesetSubset.ofChangeSets(traced));
        forward.update();
        int ran = run.proof().changesets().size();
        if (ran > 0) {
            // In a database in use, the statistics are up to date by the time of a rollback.
            run.analyze();
            migration.rollback(ran);
            forward.update();
        }
        return null;
    }

    /** Runs changesets one by one, so that a failure is the changeset's own and differences can be reported by row. */
    private String eachAlone(Collection<ChangeSet> traced, TargetDatabase target, MeasuredRun run,
            SessionWatch session) throws CommandExecutionException {
        LiquibaseRunner migration = migration(target, run::say, run, session).withoutPauses();
        run.proof().eachAlone(migration.only(ChangesetSubset.ofChangeSets(traced)), migration, run::failed);
        return null;
    }

    /** Runs plain SQL. Returns the reason of a failure, or null. */
    private static String runSql(Collection<ChangeSet> traced, ChangeExecListener listener, SessionWatch session)
            throws SQLException {
        try (Connection connection = session.connect()) {
            // The lock timeout of every run of this project. Other tools should set one for this SQL, too.
            Sql.execute(connection, "set lock_timeout = '100ms'");
            for (ChangeSet changeSet : traced) {
                listener.willRun(changeSet, null, null, null);
                connection.setAutoCommit(!changeSet.isRunInTransaction());
                try {
                    for (Change change : changeSet.getChanges()) {
                        Sql.execute(connection, ((RawSQLChange) change).getSql());
                    }
                    connection.setAutoCommit(true);
                } catch (SQLException e) {
                    return changeSet.getId() + ": " + e.getMessage();
                }
                listener.ran(changeSet, null, null, ExecType.EXECUTED);
            }
            return null;
        }
    }

    /** Adds advice to the server's message about an enum value that was added in the same transaction. */
    private static String reason(CommandExecutionException failure) {
        Throwable innermost = failure;
        while (innermost.getCause() != null) {
            innermost = innermost.getCause();
        }
        boolean newLabel = innermost instanceof SQLException sql && NEW_LABEL.equals(sql.getSQLState());
        return LiquibaseRunner.reason(failure) + (newLabel ? "\nA label of an enum can be used once its transaction "
                + "has ended: add it in a changeset of its own, before this one." : "");
    }

    /**
     * Returns the trace with a forecast for each changeset, from two more runs: one with a third of the rows, and one
     * with all of them.
     *
     * @param sqlAlone as for {@link #run(StartingState, Part, boolean)}
     */
    public Trace withForecasts(Trace trace, StartingState start, Collection<ChangeSet> traced, boolean sqlAlone,
            TableSizes sizes) throws SQLException, CommandExecutionException, IOException {
        // A changeset that failed is not run again.
        List<ChangeSet> measured = trace.failure() == null ? List.copyOf(traced)
                : trace.changesets().stream().map(ChangesetTrace::changeSet).toList();
        SizedTrace few = sized(start, measured, sqlAlone, Math.max(1, rows / LESS), true);
        SizedTrace more = sized(start, measured, sqlAlone, rows, true);
        Forecasts forecasts = new Forecasts(few, more, sizes);
        return trace.with(changeset -> changeset.with(
                forecasts.of(MeasuredRun.name(changeset.changeSet()), changeset.inUse())));
    }

    /**
     * Runs all changesets forward on a database of this size, and then all of them back if requested.
     *
     * @param like as for {@link #run}
     */
    public SizedTrace sized(Collection<ChangeSet> there, Collection<ChangeSet> traced, TargetDatabase like, long rows,
            boolean back) throws SQLException, CommandExecutionException, IOException {
        return sized(after(there, traced, like), traced, false, rows, back);
    }

    private SizedTrace sized(StartingState start, Collection<ChangeSet> traced, boolean sqlAlone, long rows,
            boolean back) throws SQLException, CommandExecutionException, IOException {
        try (ScratchDatabase scratch = ScratchDatabase.beside(server, "trace");
                Connection connection = scratch.connect();
                SessionWatch session = new SessionWatch(scratch)) {
            TargetDatabase target = target(scratch, start, rows);
            start.make(target, connection, rows);
            Consumer<String> at = step ->
                    progress.accept(String.format(Locale.ROOT, "%,d rows  %s", rows, step));
            SizedRun run = new SizedRun(connection, session, start.data(), at);
            if (sqlAlone) {
                String failure = runSql(traced, run, session);
                if (failure != null) {
                    throw new CommandExecutionException(failure);
                }
                run.ended();
                return run.trace();
            }
            LiquibaseRunner migration = migration(target, at, run, session);
            migration.only(ChangesetSubset.ofChangeSets(traced)).update();
            run.ended();
            if (back) {
                undo(run, migration);
            }
            return run.trace();
        }
    }

    /** Rolls back as far as possible. The reason for a stop is a finding of the trace. */
    private static void undo(SizedRun run, LiquibaseRunner migration) {
        try {
            run.back(migration);
        } catch (CommandExecutionException notBack) {
            // The remaining changesets get no forecast for the way back.
        }
    }

    /**
     * Returns the state after some changesets of the changelog, with the demo data and generated rows.
     *
     * @param traced the changesets to measure next
     * @param like   a database whose users' objects are added; null for none
     */
    public StartingState after(Collection<ChangeSet> there, Collection<ChangeSet> traced, TargetDatabase like) {
        return new StartingState() {
            @Override
            public Basis make(TargetDatabase scratch, Connection connection, long rows)
                    throws SQLException, CommandExecutionException, IOException {
                return afterChangesets(there, traced, like, scratch, connection, rows);
            }

            @Override
            public SampleData data() {
                return SampleData.DEMO;
            }
        };
    }

    private StartingState.Basis afterChangesets(Collection<ChangeSet> there, Collection<ChangeSet> traced,
            TargetDatabase like, TargetDatabase scratch, Connection connection, long rows)
            throws SQLException, CommandExecutionException, IOException {
        Consumer<String> at = step ->
                progress.accept(String.format(Locale.ROOT, "the state before, with %,d rows: %s", rows, step));
        RowsOnTheWay filling = new RowsOnTheWay(connection, rows, traced, at);
        new LiquibaseRunner(scratch, root, backfillsOnly(at), filling).only(ChangesetSubset.ofChangeSets(there))
                .update();
        String users = like == null ? "without what users add" : usersObjects(like, scratch);
        Map<String, String> empty = filling.fillRest();
        at.accept("statistics and a digest of them");
        Sql.execute(connection, "analyze");
        return new StartingState.Basis(String.format(Locale.ROOT,
                "the schema that the changelog makes, %s; up to %,d rows in a table", users, rows), empty,
                filling.makers());
    }

    private TargetDatabase target(ScratchDatabase scratch, StartingState start, long rows) {
        return scratch.target(start.data() == SampleData.DEMO ? contexts() : server.contexts(), server.labels(), rows);
    }

    private LiquibaseRunner migration(TargetDatabase target, Consumer<String> say, ChangeExecListener listener,
            SessionWatch session) {
        return new LiquibaseRunner(target, root, backfillsOnly(say), listener).discarding().inSameOrder()
                .over(session::connect);
    }

    /** Passes on the lines of backfills and leaves out Liquibase's own. */
    private static Consumer<String> backfillsOnly(Consumer<String> say) {
        return line -> {
            if (line.contains(" rows of ")) {
                say.accept(line.strip());
            }
        };
    }

    /** The contexts of the target, and that of the demo data. */
    private String contexts() {
        String sample = SampleData.DEMO.contexts();
        return new Contexts(server.contexts()).getContexts().contains(sample) ? server.contexts()
                : server.contexts() + "," + sample;
    }

    private static String usersObjects(TargetDatabase like, TargetDatabase scratch)
            throws SQLException, IOException {
        try (Connection connection = scratch.connect()) {
            return new UsersObjects(like).copyTo(connection);
        }
    }

    private List<ChangesetTrace> judged(MeasuredRun measured, boolean copy, Notation notation) throws IOException {
        ResourceAccessor files = (ResourceAccessor) LiquibaseRunner.scope(root, line -> { })
                .get(Scope.Attr.resourceAccessor.name());
        List<ChangesetTrace> judged = new ArrayList<>();
        for (MeasuredRun.Measured one : measured.all()) {
            if (!SampleData.isDemo(one.changeSet())) {
                ChangesetTrace trace = new Judge(measured, limit, files, notation).of(one);
                judged.add(copy ? trace.with(trace.findings().stream().map(WithoutValues::finding).toList()) : trace);
            }
        }
        return judged;
    }

    static boolean isBackfill(ChangeSet changeSet) {
        return Backfill.in(changeSet).findAny().isPresent();
    }
}
