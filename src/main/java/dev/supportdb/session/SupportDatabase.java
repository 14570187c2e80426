package dev.supportdb.session;

import dev.supportdb.postgres.LockRetry;
import java.sql.SQLException;
import java.util.List;
import liquibase.change.AbstractSQLChange;
import liquibase.change.Change;
import liquibase.change.custom.CustomChangeWrapper;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.RanChangeSet;
import liquibase.database.DatabaseConnection;
import liquibase.database.core.PostgresDatabase;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;
import liquibase.exception.LiquibaseException;
import liquibase.exception.UnexpectedLiquibaseException;
import liquibase.sql.visitor.SqlVisitor;
import liquibase.statement.SqlStatement;

/**
 * Gives Liquibase a PostgreSQL whose session cannot hurt a running application.
 *
 * <p>Registered as a service with a higher priority than Liquibase's own, it is what every goal of every integration
 * gets, so this is the one place that guarantees a lock timeout for all DDL, forward and back. It only passes calls on:
 *
 * <pre>
 * Liquibase calls                               and this class asks
 * --------------------------------------------  --------------------------------------------------------------
 * setConnection                                 SessionSettings to prepare the session
 * setAutoCommit, at the border of a changeset   ChangesetTransaction to begin, SessionSettings to prepare anew
 * executeStatements, executeRollbackStatements  SessionLock whether the run still has its lock
 *                                               ChangesetTransaction to note a change
 * execute                                       RetryableSteps to run it, or SessionStatements under a long timeout
 * commit, rollback                              ChangesetTransaction whether a commit may be passed on
 * markChangeSetExecStatus, removeRanStatus      RetryableSteps to write the row, ChangesetTransaction to finish
 * </pre>
 *
 * <p>In SQL mode the same calls write a script, with what {@link SessionStatements} adds to it.
 */
public final class SupportDatabase extends PostgresDatabase {

    private static final int OLDEST_SERVER = 15;

    private final ChangesetTransaction transaction = new ChangesetTransaction();
    private final RetryableSteps steps = new RetryableSteps(this, super::rollback);
    private final SessionStatements session = new SessionStatements(this);

    @Override
    public int getPriority() {
        return PRIORITY_DATABASE;
    }

    /** Never null, so that {@link EnvironmentConnection} gets to say what is wrong with a URL of another form. */
    @Override
    public String getDefaultDriver(String url) {
        return "org.postgresql.Driver";
    }

    /** Throws {@link UnexpectedLiquibaseException} when the server is too old or the session cannot be prepared. */
    @Override
    public void setConnection(DatabaseConnection connection) {
        super.setConnection(connection);
        try {
            if (connection != null && getDatabaseMajorVersion() < OLDEST_SERVER) {
                throw new UnexpectedLiquibaseException("\nThe server is PostgreSQL %s; %d or later is needed."
                        .formatted(getDatabaseProductVersion(), OLDEST_SERVER));
            }
            LockRetry.patience();
            applySettings();
        } catch (DatabaseException e) {
            throw new UnexpectedLiquibaseException("Cannot prepare the session: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new UnexpectedLiquibaseException("\n" + e.getMessage() + ". Nothing has been changed.", e);
        }
    }

    /**
     * Begins a changeset. Liquibase calls it also at the end of one outside a transaction, even when that failed: no
     * changeset inherits what another has set for its session.
     */
    @Override
    public void setAutoCommit(boolean autoCommit) throws DatabaseException {
        transaction.start(!autoCommit);
        super.setAutoCommit(autoCommit);
        steps.clear();
        applySettings();
    }

    private void applySettings() throws DatabaseException {
        if (getConnection() instanceof JdbcConnection connection) {
            try {
                SessionSettings.apply(connection.getUnderlyingConnection());
            } catch (SQLException e) {
                throw new DatabaseException(e.getMessage(), e);
            }
        }
    }

    /**
     * Finds a changeset in Liquibase's list of the history. Liquibase itself looks for the table first, which a script
     * for an empty database is only about to create; the list has what the script has done so far, on which later
     * changesets of the script depend.
     */
    @Override
    public RanChangeSet getRanChangeSet(ChangeSet changeSet) throws DatabaseException {
        return getRanChangeSetList().stream().filter(ran -> ran.isSameAs(changeSet)).findFirst().orElse(null);
    }

    /** Adds the path that Liquibase 4.33 leaves out and then needs, when a file stands in for the history. */
    @Override
    public List<RanChangeSet> getRanChangeSetList() throws DatabaseException {
        List<RanChangeSet> history = super.getRanChangeSetList();
        history.stream().filter(ran -> ran.getStoredChangeLog() == null)
                .forEach(ran -> ran.setStoredChangeLog(ran.getChangeLog()));
        return history;
    }

    /** Runs SQL changes by statement, and all others as a whole: generating their statements may already run them. */
    @Override
    public void executeStatements(Change change, DatabaseChangeLog changeLog, List<SqlVisitor> sqlVisitors)
            throws LiquibaseException {
        noteChange();
        if (change instanceof AbstractSQLChange) {
            execute(change.generateStatements(this), sqlVisitors);
        } else if (change instanceof CustomChangeWrapper) {
            stopRetryingInTransaction();
            super.executeStatements(change, changeLog, sqlVisitors);
        } else {
            retry(() -> super.executeStatements(change, changeLog, sqlVisitors));
        }
    }

    @Override
    public void executeRollbackStatements(Change change, List<SqlVisitor> sqlVisitors) throws LiquibaseException {
        if (change instanceof CustomChangeWrapper) {
            stopRetryingInTransaction();
        }
        super.executeRollbackStatements(change, sqlVisitors);
    }

    @Override
    public void executeRollbackStatements(SqlStatement[] statements, List<SqlVisitor> sqlVisitors)
            throws LiquibaseException {
        noteChange();
        super.executeRollbackStatements(statements, sqlVisitors);
    }

    @Override
    public void execute(SqlStatement[] statements, List<SqlVisitor> sqlVisitors) throws LiquibaseException {
        for (SqlStatement statement : statements) {
            RetryableSteps.Step step = () -> super.execute(new SqlStatement[] {statement}, sqlVisitors);
            if (SessionStatements.worksConcurrently(statement)) {
                session.runWithLongLockTimeout(step);
            } else {
                retry(step);
            }
        }
    }

    /** Asks for the lock before the first change only: later ones have locked tables, which must not wait for this. */
    private void noteChange() throws DatabaseException {
        boolean first = !transaction.hasChanges();
        if (first) {
            SessionLock.requireHeld(this);
        }
        transaction.change();
        if (first && transaction.hasChanges()) {
            session.beginTransaction();
        }
    }

    /** A custom change cannot be repeated. Outside a transaction it need not be: it has committed what it did. */
    private void stopRetryingInTransaction() {
        if (transaction.isOpen()) {
            steps.stopRetrying();
        }
    }

    private void retry(RetryableSteps.Step step) throws LiquibaseException {
        steps.run(step, transaction.isOpen());
    }

    /** Commits, unless {@link ChangesetTransaction} withholds it until the row of the changeset is written. */
    @Override
    public void commit() throws DatabaseException {
        if (transaction.commit()) {
            super.commit();
        }
    }

    @Override
    public void rollback() throws DatabaseException {
        transaction.rollBack();
        steps.clear();
        super.rollback();
    }

    @Override
    public void markChangeSetExecStatus(ChangeSet changeSet, ChangeSet.ExecType execType) throws DatabaseException {
        commitWithRow(() -> {
            super.markChangeSetExecStatus(changeSet, execType);
            session.deleteUndoneRecords(changeSet);
        });
    }

    @Override
    public void removeRanStatus(ChangeSet changeSet) throws DatabaseException {
        commitWithRow(() -> super.removeRanStatus(changeSet));
    }

    /** @param row writes or deletes the row of the changeset in the history, which others may have locked */
    private void commitWithRow(RetryableSteps.Step row) throws DatabaseException {
        boolean joined = transaction.hasChanges();
        try {
            retry(row);
        } catch (DatabaseException e) {
            throw e;
        } catch (LiquibaseException e) {
            throw new DatabaseException(e);
        }
        transaction.finish();
        if (joined) {
            session.commitTransaction();
        }
        steps.clear();
        super.commit();
    }
}
