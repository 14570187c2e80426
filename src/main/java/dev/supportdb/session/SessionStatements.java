package dev.supportdb.session;

import dev.supportdb.backfill.Backfill;
import dev.supportdb.postgres.LiquibaseExecutor;
import dev.supportdb.postgres.LockRetry;
import dev.supportdb.postgres.Sql;
import dev.supportdb.postgres.SqlLiteral;
import dev.supportdb.postgres.SynchronousStandbys;
import java.sql.SQLException;
import liquibase.changelog.ChangeSet;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;
import liquibase.exception.LiquibaseException;
import liquibase.statement.SqlStatement;
import liquibase.statement.core.RawSqlStatement;

/**
 * Executes the statements that the session adds to those of the changelog. They go through Liquibase's executor, which
 * in SQL mode writes them into the script for review.
 *
 * <pre>
 *                                  in a run                          in a script
 * -------------------------------  --------------------------------  -----------------------------
 * settings                         SessionSettings.apply             the header
 * transaction of a changeset       that of the driver                begin; … commit;
 * lock timeout                     100 ms, then RetryableSteps       3 s, then the script stops
 * lock timeout of CONCURRENTLY     10 min                            10 min
 * synchronous standbys             asked after each commit           asked at the beginning and at the end
 * </pre>
 */
final class SessionStatements {

    private final SupportDatabase database;

    SessionStatements(SupportDatabase database) {
        this.database = database;
    }

    /** Writes the settings that a run makes with {@link SessionSettings#apply}. */
    void writeHeader() throws DatabaseException {
        setLockTimeout(shortLockTimeout());
        for (String setting : SessionSettings.runAndScript(database.schemaOfChangelog())) {
            execute(setting);
        }
        // This waits for the standbys before anything is locked; later commits are local.
        execute(SynchronousStandbys.CONFIRM);
    }

    /** Makes the script take the lock of a run, or stop if another run has it. */
    void writeLock(String name) throws DatabaseException {
        execute("""
                do $lock$
                begin
                    if not %s then
                        raise exception 'Another run holds the lock of this database. Nothing has been changed; '
                            'run this script again when the other run has ended.';
                    end if;
                end
                $lock$""".formatted(AdvisoryLock.tryTake(name)));
    }

    /** Starts a transaction in a script. Without it, a failed statement would leave half a changeset. */
    void beginTransaction() throws DatabaseException {
        if (!LiquibaseExecutor.updatesDatabase(database)) {
            execute("begin");
        }
    }

    /** Commits the transaction in a script. */
    void commitTransaction() throws DatabaseException {
        if (!LiquibaseExecutor.updatesDatabase(database)) {
            execute("commit");
        }
    }

    /**
     * Deletes the records that an earlier rollback has left of the changeset's backfills. For a changeset that is only
     * marked as run, the rollback would find such a record and undo nothing.
     */
    void deleteUndoneRecords(ChangeSet changeSet) throws DatabaseException {
        deleteRecords(changeSet, "state = 'undone'");
    }

    /**
     * Deletes the records of the changeset's backfills when it is taken out of the history without being undone. A
     * later rollback would take them for those of a stopped update, and undo what may not be there any more.
     */
    void deleteOtherRecords(ChangeSet changeSet) throws DatabaseException {
        // A script undoes what it takes out.
        if (LiquibaseExecutor.updatesDatabase(database)) {
            deleteRecords(changeSet, "state <> 'undone'");
        }
    }

    private void deleteRecords(ChangeSet changeSet, String which) throws DatabaseException {
        for (Backfill backfill : Backfill.in(changeSet).toList()) {
            String these = " where " + which + " and name = " + SqlLiteral.of(backfill.name());
            // A role that writes a script may have the right to read only the view.
            if (exists("select where to_regclass('backfill_progress') is not null")
                    && exists("select from backfill_progress" + these)) {
                execute("delete from backfills" + these);
            }
        }
    }

    private boolean exists(String query) throws DatabaseException {
        try {
            return database.getConnection() instanceof JdbcConnection connection
                    && Sql.exists(connection.getUnderlyingConnection(), query);
        } catch (SQLException e) {
            throw new DatabaseException(e.getMessage(), e);
        }
    }

    /** Returns whether the statement gets the long lock timeout. */
    @SuppressWarnings("deprecation") // The SQL changes of both Liquibase lines still generate this class.
    static boolean worksConcurrently(SqlStatement statement) {
        return statement instanceof RawSqlStatement raw && SessionSettings.worksConcurrently(raw.getSql());
    }

    /** Runs a step with the long lock timeout. After a failure, the end of its changeset sets the short one again. */
    void runWithLongLockTimeout(RetryableSteps.Step step) throws LiquibaseException {
        setLockTimeout(SessionSettings.CONCURRENT_LOCK_TIMEOUT);
        step.run();
        setLockTimeout(shortLockTimeout());
    }

    private String shortLockTimeout() {
        return LiquibaseExecutor.updatesDatabase(database) ? LockRetry.TIMEOUT : SessionSettings.SCRIPT_LOCK_TIMEOUT;
    }

    private void setLockTimeout(String timeout) throws DatabaseException {
        execute("set lock_timeout = '" + timeout + "'");
    }

    private void execute(String sql) throws DatabaseException {
        LiquibaseExecutor.execute(database, sql);
    }
}
