package dev.supportdb.review;

import dev.supportdb.backfill.Backfill;
import dev.supportdb.postgres.Sql;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.schema.Snapshot;
import dev.supportdb.verify.RollbackObserver;
import dev.supportdb.verify.ScratchDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import liquibase.change.core.RawSQLChange;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.ChangeSet.ExecType;
import liquibase.changelog.ChangeSet.RunStatus;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;
import liquibase.exception.CommandExecutionException;

/** Measures changesets as Liquibase runs them, each forward, back and forward again. */
final class MeasuredRun extends AbstractChangeExecListener {

    /** The indexes, except those of the history, which the first run creates. */
    private static final String INDEXES = """
            select format('%I.%I', n.nspname, c.relname), pg_get_indexdef(c.oid)
            from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
            where n.nspname !~ '^pg_' and c.relname !~ '^databasechangelog'
            """;

    private static final String BACKFILL = """
            select rows_done, case when upper_key > lower_key then lower_key + 1 || ' to ' || upper_key end
            from backfills where name = ?
            """;

    /** The measurements of a changeset. Fields are null if the run did not get that far. */
    static final class Measured {

        private final ChangeSet changeSet;
        private PassTrace forward;
        private PassTrace back;
        private String notBack;
        private String notAgain;

        /** The definitions of its new indexes, by name without the schema public. */
        private final Map<String, String> indexes = new TreeMap<>();

        private Measured(ChangeSet changeSet) {
            this.changeSet = changeSet;
        }

        ChangeSet changeSet() {
            return changeSet;
        }

        PassTrace forward() {
            return forward;
        }

        PassTrace back() {
            return back;
        }

        /** The reason why the rollback failed, or the run after it. */
        String notBack() {
            return notBack;
        }

        /** The reason why it cannot run again after a failure at its end. */
        String notAgain() {
            return notAgain;
        }

        Map<String, String> indexes() {
            return indexes;
        }
    }

    private final ScratchDatabase scratch;
    private final Connection connection;
    private final SessionWatch session;
    private final RollbackObserver proof;
    private final int count;
    private final Consumer<String> progress;
    /** Whether the rows are those of a database in use. */
    private final boolean copy;
    private final Map<String, Measured> all = new LinkedHashMap<>();

    /** The file that created an object, by the object's name in the fingerprint. */
    private final Map<String, String> makers = new HashMap<>();

    /** The same for objects that existed before the run. */
    private final Map<String, String> earlier = new HashMap<>();
    private Map<String, String> indexes;
    private String atHand;

    MeasuredRun(ScratchDatabase scratch, Connection connection, SessionWatch session, RollbackObserver proof,
            int count, Consumer<String> progress, boolean copy) throws SQLException {
        this.scratch = scratch;
        this.connection = connection;
        this.session = session;
        this.proof = proof;
        this.count = count;
        this.progress = progress;
        this.copy = copy;
        this.indexes = indexes();
    }

    /** The changesets that have run, in order. */
    Collection<Measured> all() {
        return all.values().stream().filter(measured -> measured.forward != null).toList();
    }

    RollbackObserver proof() {
        return proof;
    }

    void analyze() {
        quietly(() -> Sql.execute(connection, "analyze"));
    }

    boolean isCopy() {
        return copy;
    }

    /** Records the objects that files have created before the run. */
    void madeBefore(Map<String, String> makersBefore) {
        earlier.putAll(makersBefore);
    }

    /** The objects that a file has created in this run, up to its end: nobody uses them yet. */
    Set<String> madeBy(ChangeSet changeSet) {
        return madeBy(changeSet, makers);
    }

    /** Returns these objects and those that an earlier phase of the file created. */
    Set<String> everMadeBy(ChangeSet changeSet) {
        Set<String> all = madeBy(changeSet, earlier);
        all.addAll(madeBy(changeSet));
        return all;
    }

    private static Set<String> madeBy(ChangeSet changeSet, Map<String, String> makers) {
        return makers.entrySet().stream().filter(made -> made.getValue().equals(changeSet.getFilePath()))
                .map(Map.Entry::getKey).collect(Collectors.toCollection(HashSet::new));
    }

    static String name(ChangeSet changeSet) {
        return changeSet.toString(false);
    }

    @Override
    public void willRun(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database, RunStatus runStatus) {
        proof.willRun(changeSet, changeLog, database, runStatus);
        boolean first = all.putIfAbsent(name(changeSet), new Measured(changeSet)) == null;
        show(changeSet, first ? "forward" : "forward again");
        quietly(() -> begin(changeSet));
    }

    /** Shows the progress of the current changeset; a backfill prints its own. */
    void say(String line) {
        progress.accept(atHand + ": " + line);
    }

    private void show(ChangeSet changeSet, String step) {
        int number = new ArrayList<>(all.keySet()).indexOf(name(changeSet)) + 1;
        atHand = "%d of %d  %s".formatted(number, count, changeSet.getId());
        say(step);
    }

    /**
     * Starts a measurement. First flushes the statistics of this session, so that they do not count for the changeset.
     */
    private void begin(ChangeSet changeSet) throws SQLException {
        SessionProbe.flush(connection);
        session.begin(Tracer.isBackfill(changeSet));
    }

    @Override
    public void ran(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database, ExecType execType) {
        quietly(() -> {
            Measured measured = all.get(name(changeSet));
            PassTrace pass = session.end();
            say("looking at what it left");
            proof.expectChangesIn(pass.touched());
            proof.ran(changeSet, changeLog, database, execType);
            if (measured.forward == null) {
                measured.forward = with(pass, changeSet);
                noteWhatIsNew(measured);
            } else if (!changeSet.isRunInTransaction() && !decides(changeSet)) {
                measured.notAgain = runAgain(measured.forward);
            }
        });
    }

    @Override
    public void willRollback(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database) {
        proof.willRollback(changeSet, changeLog, database);
        show(changeSet, "back");
        quietly(() -> begin(changeSet));
    }

    @Override
    public void rolledBack(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database) {
        quietly(() -> {
            Measured measured = all.get(name(changeSet));
            PassTrace pass = session.end();
            say("comparing the restored state");
            proof.expectChangesIn(pass.touched());
            proof.rolledBack(changeSet, changeLog, database);
            if (measured != null && measured.back == null) {
                measured.back = with(pass, changeSet);
            }
        });
    }

    /** Records why a changeset could not be rolled back, or not run again after that. */
    void failed(String changeset, CommandExecutionException why) throws CommandExecutionException {
        session.abandon();
        Measured measured = all.get(changeset);
        measured.notBack = (measured.back == null ? "The rollback failed: " : "Undone, it could not be run again: ")
                + (copy ? WithoutValues.reason(why)
                : LiquibaseRunner.reason(why).lines().reduce((first, second) -> second).orElse(""));
        quietly(proof::readAgain);
    }

    /** The changeset that started last, or a text if there was none. */
    String last() {
        return all.keySet().stream().reduce((first, second) -> second).orElse("Before the first changeset");
    }

    /** Returns whether a change is not Liquibase's own: its code may run different statements the next time. */
    private static boolean decides(ChangeSet changeSet) {
        return changeSet.getChanges().stream().anyMatch(change ->
                !change.getClass().getPackageName().equals(RawSQLChange.class.getPackageName()));
    }

    private void noteWhatIsNew(Measured measured) throws SQLException {
        String changeset = name(measured.changeSet);
        Set<String> made = new TreeSet<>(proof.after(changeset).schema().objects().keySet());
        made.removeAll(proof.before(changeset).schema().objects().keySet());
        made.forEach(object -> makers.put(object, measured.changeSet.getFilePath()));
        Map<String, String> now = indexes();
        now.forEach((index, definition) -> {
            if (!indexes.containsKey(index)) {
                measured.indexes.put(LockFindings.brief(index), definition);
            }
        });
        indexes = now;
    }

    private PassTrace with(PassTrace pass, ChangeSet changeSet) throws SQLException {
        Optional<Backfill> backfill = Backfill.in(changeSet).findFirst();
        if (backfill.isEmpty()) {
            return pass;
        }
        List<Duration> batches = pass.batches();
        // A backfill that only undoes has no row on the way forward.
        return pass.with(Sql.optionalRow(connection, BACKFILL, row -> new BackfillTrace(row.getLong(1),
                batches.size(), row.getString(2), batches.isEmpty() ? Duration.ZERO : batches.get(batches.size() / 2),
                batches.isEmpty() ? Duration.ZERO : batches.get(batches.size() - 1), session.plan()),
                backfill.get().name()).orElse(null));
    }

    private Map<String, String> indexes() throws SQLException {
        return Sql.rows(connection, INDEXES, row -> Map.entry(row.getString(1), row.getString(2))).stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** Runs its statements again, as the next run would after a failure at its end. Returns null if nothing differs. */
    private String runAgain(PassTrace pass) throws SQLException {
        Snapshot before = proof.now();
        List<StatementTrace> statements = pass.transactions().stream()
                .flatMap(transaction -> transaction.statements().stream()).toList();
        String wrong = null;
        try (Connection again = scratch.connect()) {
            Sql.execute(again, "set search_path = public; set lock_timeout = '1min'");
            for (StatementTrace statement : statements) {
                try {
                    Sql.execute(again, statement.sql());
                } catch (SQLException e) {
                    wrong = copy ? WithoutValues.reason(e) + " " + WithoutValues.sql(statement.brief())
                            : "%s: %s".formatted(e.getMessage().lines().findFirst().orElse(""), statement.brief());
                    break;
                }
            }
        }
        proof.expectChangesIn(pass.touched());
        proof.readAgain();
        return wrong != null ? wrong : before.equals(proof.now()) ? null
                : "it leaves something else than the first time:\n" + before.differenceTo(proof.now());
    }

    interface Step {
        void run() throws SQLException;
    }

    /** Wraps checked exceptions, which Liquibase's listeners may not throw. */
    static void quietly(Step step) {
        try {
            step.run();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
