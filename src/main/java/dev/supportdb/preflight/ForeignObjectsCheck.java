package dev.supportdb.preflight;

import dev.supportdb.objects.ForeignObjects;
import dev.supportdb.objects.OwnObjects;
import dev.supportdb.objects.SchemaEdit;
import dev.supportdb.objects.SchemaPlan;
import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.DatabaseException;

/**
 * Other people's objects on tables and columns that a run drops or changes. They would go without a word, or stop the
 * run half-way.
 */
final class ForeignObjectsCheck {

    private final Database database;
    private final DatabaseChangeLog changeLog;
    private final ChangesetEdits edits;

    /**
     * @param changeLog all of it, to know what it makes itself
     * @param runs      false where a script is written
     */
    ForeignObjectsCheck(Database database, DatabaseChangeLog changeLog, boolean runs) {
        this.database = database;
        this.changeLog = changeLog;
        this.edits = new ChangesetEdits(database, runs);
    }

    /** Refuses an update by the names of all that is in its way. */
    void checkUpdate(List<ChangeSet> toRun) throws SQLException, DatabaseException, CommandExecutionException {
        check(toRun, true);
    }

    /** Refuses a rollback by the names of all that is in its way. */
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
            // Who waits to read makes nobody wait.
            Sql.execute(connection, "set local lock_timeout = '1min'");
            OwnObjects own = new OwnObjects(Sql.texts(connection, "select unnest(current_schemas(false))"));
            for (ChangeSet changeSet : changeLog.getChangeSets()) {
                own.add(edits.forward(changeSet));
                own.add(edits.back(changeSet));
            }
            ForeignObjects foreign = ForeignObjects.of(connection, plan, own);
            if (!foreign.isEmpty()) {
                throw new CommandExecutionException("""
                        This %s would drop or stop at objects that the changelog has not made. Nothing has been %s.
                        %s""".formatted(forward ? "update" : "rollback", forward ? "changed" : "rolled back",
                        foreign.report()));
            }
        } finally {
            database.rollback();
        }
    }

    private List<SchemaEdit> edits(ChangeSet changeSet, boolean forward) {
        return forward ? edits.forward(changeSet) : edits.back(changeSet);
    }
}
