package dev.supportdb.preflight;

import dev.supportdb.backfill.Backfill;
import dev.supportdb.objects.EventTriggers;
import dev.supportdb.objects.FillTriggers;
import dev.supportdb.objects.ForeignChecks;
import dev.supportdb.objects.ForeignObjects;
import dev.supportdb.objects.OwnObjects;
import dev.supportdb.objects.ReplicaIdentities;
import dev.supportdb.objects.SchemaEdit;
import dev.supportdb.objects.SchemaPlan;
import dev.supportdb.postgres.Sql;
import dev.supportdb.postgres.UserMessages;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import liquibase.change.Change;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.DatabaseException;

/**
 * Finds other people's objects on tables and columns that a run drops or changes. They would be dropped without a
 * message, or stop the run half-way.
 */
final class ForeignObjectsCheck {

    private final Database database;
    private final DatabaseChangeLog changeLog;
    private final ChangesetEdits edits;
    private final boolean runs;

    /**
     * @param changeLog the whole changelog, which defines our own objects
     * @param edits     of its changesets
     * @param runs      false if a script is written
     */
    ForeignObjectsCheck(Database database, DatabaseChangeLog changeLog, ChangesetEdits edits, boolean runs) {
        this.database = database;
        this.changeLog = changeLog;
        this.edits = edits;
        this.runs = runs;
    }

    /** Refuses an update, naming all objects in its way. */
    void checkUpdate(List<ChangeSet> toRun) throws SQLException, DatabaseException, CommandExecutionException {
        check(toRun, true);
    }

    /** Refuses a rollback, naming all objects in its way. */
    void checkRollback(List<ChangeSet> undone) throws SQLException, DatabaseException, CommandExecutionException {
        check(undone, false);
    }

    private void check(List<ChangeSet> changeSets, boolean forward)
            throws SQLException, DatabaseException, CommandExecutionException {
        if (changeSets.isEmpty() || !(database.getConnection() instanceof JdbcConnection jdbc)) {
            return;
        }
        SchemaPlan plan = new SchemaPlan();
        changeSets.forEach(changeSet -> plan.add(changeSet.toString(false), edits(changeSet, forward)));
        Connection connection = jdbc.getUnderlyingConnection();
        database.rollback();
        try {
            // A session that waits for a read lock blocks nobody, so it may wait longer.
            Sql.execute(connection, "set local lock_timeout = '1min'");
            OwnObjects own = new OwnObjects(Sql.texts(connection, "select unnest(current_schemas(false))"));
            for (ChangeSet changeSet : changeLog.getChangeSets()) {
                own.add(edits.forward(changeSet));
                own.add(edits.back(changeSet));
            }
            sayWhatFires(connection, own, changeSets, forward);
            List<String> reasons = new ArrayList<>(refusedValues(connection, own, changeSets, forward));
            reasons.addAll(ReplicaIdentities.refusing(connection, filled(changeSets, forward)));
            ForeignObjects foreign = ForeignObjects.of(connection, plan, own);
            if (runs) {
                foreign.notices().forEach(UserMessages.ofScope());
            }
            if (!foreign.isEmpty()) {
                reasons.add(foreign.report());
            }
            if (!reasons.isEmpty()) {
                throw new CommandExecutionException("""
                        This %s would drop or stop at objects that the changelog has not created. Nothing has been %s.
                        %s""".formatted(forward ? "update" : "rollback", forward ? "changed" : "rolled back",
                        String.join("\n", reasons)));
            }
        } finally {
            database.rollback();
        }
    }

    private List<SchemaEdit> edits(ChangeSet changeSet, boolean forward) {
        return forward ? edits.forward(changeSet) : edits.back(changeSet);
    }

    /**
     * Finds check constraints that refuse the new values. They would stop the backfill, or the application after the
     * column has its new default.
     */
    private static List<String> refusedValues(Connection connection, OwnObjects own, List<ChangeSet> changeSets,
            boolean forward) throws SQLException {
        ForeignChecks checks = new ForeignChecks(connection, own);
        List<String> refused = new ArrayList<>();
        for (ChangeSet changeSet : changeSets) {
            List<Change> changes = forward ? changeSet.getChanges() : changeSet.getRollback().getChanges();
            for (Change change : changes) {
                if (change instanceof WritesChange writes) {
                    refused.addAll(checks.refusing(writes.getTableName(), writes.getColumnName(), writes.texts()));
                }
            }
        }
        return refused;
    }

    private static Set<String> filled(List<ChangeSet> changeSets, boolean forward) {
        return changeSets.stream().flatMap(Backfill::in).filter(backfill -> backfill.statement(forward) != null)
                .map(Backfill::table).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /**
     * Reports triggers that will fire. They are not refused, since their owner may want their effect on each row or
     * statement.
     */
    private void sayWhatFires(Connection connection, OwnObjects own, List<ChangeSet> changeSets, boolean forward)
            throws SQLException {
        if (!runs) {
            return;
        }
        Set<String> said = new LinkedHashSet<>(EventTriggers.firing(connection));
        for (ChangeSet changeSet : changeSets) {
            for (Backfill backfill : Backfill.in(changeSet).toList()) {
                String statement = backfill.statement(forward);
                if (statement != null) {
                    said.addAll(FillTriggers.firing(connection, own, backfill.table(), statement));
                }
            }
        }
        said.forEach(UserMessages.ofScope());
    }
}
