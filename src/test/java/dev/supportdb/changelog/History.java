package dev.supportdb.changelog;

import dev.supportdb.support.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.ChangeSet.ExecType;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;

/**
 * Watches a database go up, down and up again, and looks at it after every changeset. One that is undone must leave
 * what was there before it ran; one that is done again must leave what it left the first time.
 */
final class History extends AbstractChangeExecListener {

    /** @param wrong what did not come back, in words */
    private record Step(Snapshot before, Snapshot after, List<String> wrong) {}

    private final TestDatabase database;
    private final Map<String, Step> steps = new LinkedHashMap<>();
    private Sources sources;
    private Snapshot now;

    History(TestDatabase database) throws SQLException {
        this.database = database;
        this.sources = new Sources(database);
        this.now = Snapshot.of(database);
    }

    /** The ids of the changesets that have run, in their order. */
    Set<String> changesets() {
        return steps.keySet();
    }

    /** What a changeset did not give back, or not again; empty when all is well. */
    List<String> wrong(String changeset) {
        return steps.get(changeset).wrong();
    }

    @Override
    public void ran(ChangeSet changeSet, DatabaseChangeLog changeLog, Database liquibase, ExecType execType) {
        Snapshot before = now;
        try {
            sources.fill();
            now = Snapshot.of(database);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        Step step = steps.putIfAbsent(changeSet.getId(), new Step(before, now, new ArrayList<>()));
        if (step != null) {
            compare("done again", step.after().lessDrawnKeys(), now.lessDrawnKeys(), step);
        }
    }

    @Override
    public void rolledBack(ChangeSet changeSet, DatabaseChangeLog changeLog, Database liquibase) {
        try {
            sources = new Sources(database);
            now = Snapshot.of(database);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        Step step = steps.get(changeSet.getId());
        compare("undone", step.before(), now, step);
    }

    private static void compare(String what, Snapshot expected, Snapshot actual, Step step) {
        String difference = expected.differenceTo(actual);
        if (!difference.isEmpty()) {
            step.wrong().add(what + ":\n" + difference);
        }
    }
}
