package dev.supportdb.verify;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.schema.DataDigest;
import dev.supportdb.schema.ObjectFacts;
import dev.supportdb.schema.SchemaFingerprint;
import dev.supportdb.schema.Snapshot;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.ChangeSet.ExecType;
import liquibase.changelog.ChangeSet.RunStatus;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;
import liquibase.exception.CommandExecutionException;

/**
 * Observes a database during an update, a rollback and another update, and reads its state after every changeset. An
 * undo must restore the state before the changeset; a second run must leave the state of the first. A changeset is
 * judged only if it began from its original state, so that no other changeset's fault counts against it.
 */
public final class RollbackObserver extends AbstractChangeExecListener {

    private static final String UNDONE = "its rollback does not restore what was there before";
    private static final String AGAIN = "run again, it does not leave what it left the first time";

    static final long MOST_ROWS_COPIED = 20_000;
    static final long NO_ROWS_COPIED = -1;

    /**
     * The first run of a changeset.
     *
     * @param before    schema and data before it
     * @param sequences the positions of the sequences before it
     * @param after     schema and data after it
     * @param wrong     the differences found later, in words, by check: {@link #UNDONE} and {@link #AGAIN}
     */
    private record Step(Snapshot before, SequencePositions sequences, Snapshot after, Map<String, String> wrong) {}

    private final Connection connection;

    /** Reads the schema while the other reads the rows; the same as the other if there is only one. */
    private Connection schemaConnection;
    private final SampleData data;
    private final RowSnapshots copies;
    private final Map<String, Step> steps = new LinkedHashMap<>();

    /** The changesets that passed, by check. */
    private final Map<String, Set<String>> proven = Map.of(UNDONE, new HashSet<>(), AGAIN, new HashSet<>());
    private Consumer<String> progress = changeset -> { };
    private Snapshot now;
    private SequencePositions sequences;

    /** The tables to read again; null for all. */
    private Set<String> touched;

    /** The last changeset that came up to be run or undone; null before the first. */
    private String atHand;

    /** The number of changesets that came up in an update, whether or not they then ran. */
    private int offered;

    /** The number of those that ran and were not yet in the history. */
    private int ran;

    /**
     * Reads the first state.
     *
     * @param connection a connection to the database, in auto-commit mode, for this observer alone
     * @param data       the rows that are inserted as soon as their table or column exists
     */
    public RollbackObserver(Connection connection, SampleData data) throws SQLException {
        this(connection, data, MOST_ROWS_COPIED);
    }

    /** @param copied the largest table, in rows, of which differing rows are named; {@link #NO_ROWS_COPIED} for none */
    RollbackObserver(Connection connection, SampleData data, long copied) throws SQLException {
        this.connection = connection;
        this.schemaConnection = connection;
        this.data = data;
        this.copies = new RowSnapshots(connection, copied);
        readState();
    }

    /** Returns an observer that names no differing row, because nobody needs it or nobody may see it. */
    public static RollbackObserver withoutRows(Connection connection, SampleData data) throws SQLException {
        return new RollbackObserver(connection, data, NO_ROWS_COPIED);
    }

    /** Reads schema and rows at the same time, the schema over this connection. Returns this observer. */
    RollbackObserver readingSchemaOver(Connection another) {
        schemaConnection = another;
        return this;
    }

    /** Also reports the id of each changeset, with its direction, when it starts. Returns this observer. */
    RollbackObserver telling(Consumer<String> somebody) {
        progress = somebody;
        return this;
    }

    /**
     * Returns whether each changeset that has run was undone and run again from its original states, and nothing was
     * wrong.
     */
    public boolean isProven() {
        return proven.values().stream().allMatch(changesets -> changesets.containsAll(steps.keySet()));
    }

    /** Returns the changesets that have run, as Liquibase calls them, {@code file::id::author}, in their order. */
    public Set<String> changesets() {
        return steps.keySet();
    }

    /**
     * Returns the changesets that did not restore the state, in the undo or in the second run, with the difference;
     * empty if all is well.
     */
    public List<String> wrong() {
        List<String> all = new ArrayList<>();
        steps.forEach((changeset, step) -> step.wrong().forEach(
                (what, difference) -> all.add("%s%n%s:%n%s".formatted(changeset, what, difference))));
        return all;
    }

    /**
     * Returns the differences that one changeset left, by a part of a sentence that says whether the undo or the second
     * run left them; empty if it left none or has not run.
     */
    public Map<String, String> wrong(String changeset) {
        return steps.containsKey(changeset) ? steps.get(changeset).wrong() : Map.of();
    }

    /** Returns schema and data before the first run of a changeset, which must have run. */
    public Snapshot before(String changeset) {
        return steps.get(changeset).before();
    }

    /** Returns schema and data after the first run of a changeset, with the rows of the data set. */
    public Snapshot after(String changeset) {
        return steps.get(changeset).after();
    }

    /** Returns schema and data after the last changeset, with the rows of the data set. */
    public Snapshot now() {
        return now;
    }

    /** Limits the next reading to these tables and new ones: only these can have other rows by then. */
    public void expectChangesIn(Set<String> tables) {
        touched = Set.copyOf(tables);
    }

    /** Reads the state again, after others may have changed something. */
    public void readAgain() throws SQLException {
        readState();
    }

    /** Receives a changeset that could not be undone, or not run again after that. */
    public interface RollbackFailure {

        /** Ends the check with this or another exception, or returns so that it continues. */
        void of(String changeset, CommandExecutionException why) throws CommandExecutionException;
    }

    /**
     * Runs each changeset, undoes it and runs it again, in the order of the update.
     *
     * @param forward runs the changesets to check
     * @param back    undoes the changesets that ran last
     * @param failure receives what cannot be undone or run again
     * @throws CommandExecutionException if a changeset cannot run the first time, or as {@code failure} throws it
     */
    public void eachAlone(LiquibaseRunner forward, LiquibaseRunner back, RollbackFailure failure)
            throws CommandExecutionException {
        // Counts changesets that stay pending: they wait for a precondition, or run with every update.
        int others = 0;
        while (true) {
            begin();
            forward.update(others + 1);
            int came = offered;
            int done = ran;
            if (came <= others) {
                return;
            }
            if (done > 0) {
                try {
                    back.rollback(done);
                    forward.update(came);
                } catch (CommandExecutionException e) {
                    failure.of(atHand, e);
                }
            }
            others = came - done;
        }
    }

    /** Starts counting. */
    private void begin() {
        offered = 0;
        ran = 0;
    }

    /** The last changeset that came up to be run or undone; null if there was none. */
    String atHand() {
        return atHand;
    }

    @Override
    public void willRun(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database, RunStatus runStatus) {
        atHand = changeSet.toString(false);
        progress.accept("forward " + changeSet.getId());
        offered++;
    }

    @Override
    public void willRollback(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database) {
        atHand = changeSet.toString(false);
        progress.accept("back    " + changeSet.getId());
    }

    @Override
    public void ran(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database, ExecType execType) {
        Snapshot before = now;
        SequencePositions sequencesBefore = sequences;
        try {
            if (data.fill(connection)) {
                touched = null;
            }
            readState();
            if (execType == ExecType.RERAN) {
                // A changeset that runs with every update is not a step.
                return;
            }
            ran++;
            Step step = steps.get(atHand);
            if (step == null) {
                steps.put(atHand, new Step(before, sequencesBefore, now, new LinkedHashMap<>()));
                copies.keep(before.data(), now.data());
            } else {
                judge(step, AGAIN, step.before(), before, step.after());
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void rolledBack(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database) {
        Snapshot before = now;
        try {
            Step step = steps.get(atHand);
            if (step != null) {
                // With the sequences back in place, the next run draws the same keys.
                step.sequences().restore(connection);
            }
            readState();
            if (step != null) {
                judge(step, UNDONE, step.after(), before, step.before());
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void readState() throws SQLException {
        FutureTask<SchemaFingerprint> schema = new FutureTask<>(() -> SchemaFingerprint.of(schemaConnection));
        if (schemaConnection != connection) {
            new Thread(schema, "reads the schema").start();
        } else {
            schema.run();
        }
        sequences = SequencePositions.of(connection);
        DataDigest data = touched != null && now != null && types(of(schema)).equals(types(now.schema()))
                ? now.data().readAgain(connection, touched) : DataDigest.of(connection);
        now = new Snapshot(of(schema), data);
        touched = null;
    }

    private static SchemaFingerprint of(Future<SchemaFingerprint> schema) throws SQLException {
        try {
            return schema.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The enum types: a label of an enum is part of every row that contains it. */
    private static Map<String, ObjectFacts> types(SchemaFingerprint schema) {
        return schema.objects().subMap("type ", "type!");
    }

    private void judge(Step step, String what, Snapshot began, Snapshot before, Snapshot expected) throws SQLException {
        if (began.equals(before) && expected.equals(now)) {
            proven.get(what).add(atHand);
            // The same objects, so that the next comparison is quick.
            now = expected;
        } else if (began.equals(before)) {
            step.wrong().putIfAbsent(what,
                    expected.differenceTo(now) + copies.difference(expected.data(), now.data()));
        }
    }
}
