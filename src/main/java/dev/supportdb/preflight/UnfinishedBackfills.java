package dev.supportdb.preflight;

import dev.supportdb.backfill.Backfill;
import dev.supportdb.postgres.LiquibaseExecutor;
import dev.supportdb.postgres.Sql;
import dev.supportdb.postgres.UserMessages;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.RanChangeSet;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.CustomChangeException;
import liquibase.exception.DatabaseException;
import liquibase.exception.LiquibaseException;
import liquibase.lockservice.LockService;
import liquibase.lockservice.LockServiceFactory;

/**
 * Finds backfills that a stopped run has left between the two states that the history knows. Rerunning the same command
 * resumes them. A command in the other direction, which would skip them, first completes them.
 */
final class UnfinishedBackfills {

    private final Database database;
    private final DatabaseChangeLog changeLog;

    UnfinishedBackfills(Database database, DatabaseChangeLog changeLog) {
        this.database = database;
        this.changeLog = changeLog;
    }

    /**
     * Before an update: fills backfills that a stopped rollback has partly undone, and that are still in the history.
     */
    void fill() throws LiquibaseException, SQLException {
        complete(changeLog.getChangeSets(), true, "filled", "filling again what a stopped rollback has partly undone",
                Backfill::execute);
    }

    /**
     * Before a rollback: undoes backfills that a stopped update has partly filled, so they are not in the history, and
     * that come after a changeset to be rolled back.
     */
    void undo(List<ChangeSet> undone) throws LiquibaseException, SQLException {
        List<ChangeSet> all = changeLog.getChangeSets();
        int first = undone.stream().mapToInt(all::indexOf).filter(at -> at >= 0).min().orElse(all.size());
        List<ChangeSet> newestFirst = new ArrayList<>(all.subList(first, all.size()));
        Collections.reverse(newestFirst);
        complete(newestFirst, false, "undone", "undoing what a stopped update has partly filled", Backfill::rollback);
    }

    private interface Way {
        void go(Backfill backfill, Database database) throws CustomChangeException;
    }

    /** @param end the recorded state of a backfill that is complete */
    private void complete(List<ChangeSet> changeSets, boolean inHistory, String end, String what, Way way)
            throws LiquibaseException, SQLException {
        if (find(changeSets, inHistory, end).isEmpty()) {
            return;
        }
        LockService lock = LockServiceFactory.getInstance().getLockService(database);
        // Some commands of Liquibase already have the lock, and still need it afterwards.
        boolean isNested = lock.hasChangeLogLock();
        lock.waitForLock();
        try {
            // Looked up again: another run may have completed it before it released the lock.
            for (Found found : find(changeSets, inHistory, end)) {
                say("First, %s: %s".formatted(what, found.changeSet().toString(false)));
                way.go(found.backfill(), database);
            }
        } catch (CustomChangeException e) {
            throw new CommandExecutionException(e.getMessage(), e);
        } finally {
            if (!isNested) {
                lock.releaseLock();
            }
        }
    }

    private void say(String line) throws DatabaseException {
        if (LiquibaseExecutor.updatesDatabase(database)) {
            UserMessages.ofScope().accept(line);
        } else {
            LiquibaseExecutor.comment(database, line);
        }
    }

    private record Found(ChangeSet changeSet, Backfill backfill) {}

    private List<Found> find(List<ChangeSet> changeSets, boolean inHistory, String end)
            throws LiquibaseException, SQLException {
        List<RanChangeSet> history = database.getRanChangeSetList();
        List<Found> candidates = changeSets.stream()
                .flatMap(changeSet -> Backfill.in(changeSet).map(backfill -> new Found(changeSet, backfill)))
                .filter(found -> history.stream().anyMatch(ran -> ran.isSameAs(found.changeSet())) == inHistory)
                .toList();
        if (candidates.isEmpty()) { // Without backfills, a table named backfills belongs to somebody else.
            return List.of();
        }
        Map<String, String> states = states();
        return candidates.stream()
                .filter(found -> !states.getOrDefault(found.backfill().name(), end).equals(end))
                .toList();
    }

    /** The states by name; none if the table does not exist. A user who only writes scripts may see only the view. */
    private Map<String, String> states() throws SQLException, LiquibaseException {
        Connection connection = ((JdbcConnection) database.getConnection()).getUnderlyingConnection();
        String records = Sql.text(connection, """
                select case when has_table_privilege(to_regclass('backfills'), 'select') then 'backfills'
                    else to_regclass('backfill_progress')::text end
                """);
        List<Map.Entry<String, String>> states = records == null ? List.of()
                : Sql.rows(connection, "select name, state from " + records,
                        row -> Map.entry(row.getString(1), row.getString(2)));
        database.rollback();
        return states.stream().collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }
}
