package dev.supportdb.verify;

import dev.supportdb.schema.Snapshot;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.ChangeSet.ExecType;
import liquibase.changelog.ChangeSet.RunStatus;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;

/**
 * Watches a database go up, down and up again, and looks at it after every changeset. One that is undone must leave
 * what was there before it ran; one that is done again must leave what it left the first time. A changeset is judged
 * where it began from the state it once began from, so that nothing is held against it that another one did.
 */
public final class RollbackObserver extends AbstractChangeExecListener {

    private static final String UNDONE = "undone, it does not leave what was there before";
    private static final String AGAIN = "done again, it does not leave what it left the first time";

    /**
     * A changeset, as it ran first.
     *
     * @param sequences where they stood before
     * @param wrong     what did not come back, in words, by what was done
     */
    private record Step(Snapshot before, SequencePositions sequences, Snapshot after, Map<String, String> wrong) {}

    private final Connection connection;
    private final SampleData data;
    private final RowSnapshots copies;
    private final Map<String, Step> steps = new LinkedHashMap<>();
    private Snapshot now;
    private SequencePositions sequences;

    private String atHand;
    private int offered;
    private int ran;

    /**
     * Looks at it for the first time.
     *
     * @param connection to the database, in auto-commit mode, for the watch alone
     * @param data       the rows that are written as soon as there is a place for them
     */
    public RollbackObserver(Connection connection, SampleData data) throws SQLException {
        this.connection = connection;
        this.data = data;
        this.copies = new RowSnapshots(connection);
        look();
    }

    /** The changesets that have run, as Liquibase calls them, {@code file::id::author}, in their order. */
    public Set<String> changesets() {
        return steps.keySet();
    }

    /** What they did not give back, or not again, each by its name and with the difference; empty when all is well. */
    public List<String> wrong() {
        List<String> all = new ArrayList<>();
        steps.forEach((changeset, step) -> step.wrong().forEach(
                (what, difference) -> all.add("%s%n%s:%n%s".formatted(changeset, what, difference))));
        return all;
    }

    /** Schema and data, with the rows of the data set, after the last changeset. */
    Snapshot now() {
        return now;
    }

    /** Counts from here on. */
    void begin() {
        offered = 0;
        ran = 0;
    }

    /** How many changesets came up to be run, whether or not they were. */
    int offered() {
        return offered;
    }

    /** How many of them ran that were not in the history. */
    int ran() {
        return ran;
    }

    /** The last changeset that came up to be run or undone; null when none has. */
    String atHand() {
        return atHand;
    }

    @Override
    public void willRun(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database, RunStatus runStatus) {
        atHand = changeSet.toString(false);
        offered++;
    }

    @Override
    public void willRollback(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database) {
        atHand = changeSet.toString(false);
    }

    @Override
    public void ran(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database, ExecType execType) {
        Snapshot before = now;
        SequencePositions sequencesBefore = sequences;
        try {
            data.fill(connection);
            look();
            if (execType == ExecType.RERAN) {
                // One that runs with every update is no step of its own.
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
                // So that a key drawn again is the same.
                step.sequences().restore(connection);
            }
            look();
            if (step != null) {
                judge(step, UNDONE, step.after(), before, step.before());
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void look() throws SQLException {
        now = Snapshot.of(connection);
        sequences = SequencePositions.of(connection);
    }

    private void judge(Step step, String what, Snapshot began, Snapshot before, Snapshot expected) throws SQLException {
        if (began.equals(before) && !expected.equals(now)) {
            step.wrong().putIfAbsent(what,
                    expected.differenceTo(now) + copies.difference(expected.data(), now.data()));
        }
    }
}
