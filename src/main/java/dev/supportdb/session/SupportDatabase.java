package dev.supportdb.session;

import dev.supportdb.postgres.LockRetry;
import java.sql.SQLException;
import java.util.List;
import liquibase.Scope;
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
import liquibase.executor.Executor;
import liquibase.executor.ExecutorService;
import liquibase.lockservice.LockServiceFactory;
import liquibase.sql.visitor.SqlVisitor;
import liquibase.statement.SqlStatement;
import liquibase.statement.core.RawParameterizedSqlStatement;
import liquibase.statement.core.RawSqlStatement;

/**
 * PostgreSQL as Liquibase knows it, with a session that cannot hurt a running application.
 *
 * <p>Registered as a service with a higher priority than Liquibase's own, it is what every goal of every integration
 * gets, so this is the one place that guarantees a lock timeout for all DDL, forward and back.
 */
public final class SupportDatabase extends PostgresDatabase {

    private static final int OLDEST_SERVER = 15;

    /** Whether the changeset at hand runs in a transaction. */
    private boolean inTransaction;

    /** Whether it has begun to change something, and its row in the history is still to be written. */
    private boolean begun;

    private final RetryableSteps steps = new RetryableSteps(this);

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
            prepare();
        } catch (DatabaseException e) {
            throw new UnexpectedLiquibaseException("Cannot prepare the session: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new UnexpectedLiquibaseException("\n" + e.getMessage() + ". Nothing has been changed.", e);
        }
    }

    /**
     * Each changeset begins here, and one outside a transaction ends here too, also when it failed: whatever the last
     * one set for its session, a later one must not inherit.
     */
    @Override
    public void setAutoCommit(boolean autoCommit) throws DatabaseException {
        super.setAutoCommit(autoCommit);
        inTransaction = !autoCommit;
        steps.clear();
        prepare();
    }

    private void prepare() throws DatabaseException {
        if (getConnection() instanceof JdbcConnection connection) {
            try {
                SessionSettings.apply(connection.getUnderlyingConnection());
            } catch (SQLException e) {
                throw new DatabaseException(e.getMessage(), e);
            }
        }
    }

    /**
     * In a script for an empty database the table of what has run is still to be created, and Liquibase's own answer is
     * that nothing has; its list knows what the script has done so far. A changeset that builds on another needs that.
     */
    @Override
    public RanChangeSet getRanChangeSet(ChangeSet changeSet) throws DatabaseException {
        return getRanChangeSetList().stream().filter(ran -> ran.isSameAs(changeSet)).findFirst().orElse(null);
    }

    /**
     * Of a file that stands in for the history, Liquibase 4.33 does not say by which path a changeset is in it, and
     * then cannot do without.
     */
    @Override
    public List<RanChangeSet> getRanChangeSetList() throws DatabaseException {
        List<RanChangeSet> history = super.getRanChangeSetList();
        history.stream().filter(ran -> ran.getStoredChangeLog() == null)
                .forEach(ran -> ran.setStoredChangeLog(ran.getChangeLog()));
        return history;
    }

    /** SQL changes go statement by statement; of all others, generating the statements may already run them. */
    @Override
    public void executeStatements(Change change, DatabaseChangeLog changeLog, List<SqlVisitor> sqlVisitors)
            throws LiquibaseException {
        begin();
        if (change instanceof AbstractSQLChange) {
            execute(change.generateStatements(this), sqlVisitors);
        } else if (change instanceof CustomChangeWrapper) {
            cannotBeRepeated();
            super.executeStatements(change, changeLog, sqlVisitors);
        } else {
            steps.run(() -> super.executeStatements(change, changeLog, sqlVisitors), !inTransaction);
        }
    }

    @Override
    public void executeRollbackStatements(Change change, List<SqlVisitor> sqlVisitors) throws LiquibaseException {
        if (change instanceof CustomChangeWrapper) {
            cannotBeRepeated();
        }
        super.executeRollbackStatements(change, sqlVisitors);
    }

    @Override
    public void executeRollbackStatements(SqlStatement[] statements, List<SqlVisitor> sqlVisitors)
            throws LiquibaseException {
        begin();
        super.executeRollbackStatements(statements, sqlVisitors);
    }

    @Override
    public void execute(SqlStatement[] statements, List<SqlVisitor> sqlVisitors) throws LiquibaseException {
        for (SqlStatement statement : statements) {
            SqlStatement[] one = {statement};
            if (deservesPatience(statement)) {
                setLockTimeout(SessionSettings.PATIENT);
                super.execute(one, sqlVisitors);
                setLockTimeout(shortLockTimeout());
            } else {
                steps.run(() -> super.execute(one, sqlVisitors), !inTransaction);
            }
        }
    }

    /** Outside a transaction it has committed what it did, and nothing is taken back. */
    private void cannotBeRepeated() {
        if (inTransaction) {
            steps.cannotBeRepeated();
        }
    }

    /** Before it waits for a lock: all that the changeset has done so far. */
    void takeBack() throws DatabaseException {
        super.rollback();
    }

    /** Liquibase writes no transactions into a script: half a changeset would be left where a statement fails. */
    private void begin() throws DatabaseException {
        if (begun) {
            // The session stays the same until the end, and a table may be locked by now: ask no more than needed.
            return;
        }
        refuseWithoutLock();
        if (inTransaction) {
            begun = true;
            if (!updatesDatabase()) {
                execute("begin");
            }
        }
    }

    /** A pooler in transaction mode gives the next transaction to another session, and the lock stays behind. */
    private void refuseWithoutLock() throws DatabaseException {
        if (updatesDatabase() && LockServiceFactory.getInstance().getLockService(this) instanceof SessionLock lock
                && !lock.isHeld()) {
            throw new DatabaseException("""
                    This run has lost its lock, and stops before another one begins. The lock belongs to a session of \
                    the server, so a connection pooler must work in session mode, and nothing may unlock what it has \
                    not locked. What is done is in the history; the same command goes on.""");
        }
    }

    /**
     * Liquibase commits a changeset, writes its row, and commits again: killed in between, the next run does again what
     * is there already. So the first of the two waits for the second.
     */
    @Override
    public void commit() throws DatabaseException {
        if (!begun) {
            super.commit();
        }
    }

    @Override
    public void rollback() throws DatabaseException {
        begun = false;
        steps.clear();
        super.rollback();
    }

    private void end() throws DatabaseException {
        if (begun && !updatesDatabase()) {
            execute("commit");
        }
        begun = false;
        steps.clear();
        super.commit();
    }

    @Override
    public void markChangeSetExecStatus(ChangeSet changeSet, ChangeSet.ExecType execType) throws DatabaseException {
        note(() -> super.markChangeSetExecStatus(changeSet, execType));
        end();
    }

    @Override
    public void removeRanStatus(ChangeSet changeSet) throws DatabaseException {
        note(() -> super.removeRanStatus(changeSet));
        end();
    }

    /** In the history, which somebody may have locked like any other table. */
    private void note(RetryableSteps.Step step) throws DatabaseException {
        try {
            steps.run(step, !inTransaction);
        } catch (DatabaseException e) {
            throw e;
        } catch (LiquibaseException e) {
            throw new DatabaseException(e);
        }
    }

    @SuppressWarnings("deprecation") // It is what the SQL changes of both Liquibase lines still generate.
    private static boolean deservesPatience(SqlStatement statement) {
        return statement instanceof RawSqlStatement raw && SessionSettings.deservesPatience(raw.getSql());
    }

    /** What a real run has in its session. */
    void beginScript() throws DatabaseException {
        setLockTimeout(shortLockTimeout());
        for (String setting : SessionSettings.FOR_ALL) {
            execute(setting);
        }
    }

    private String shortLockTimeout() {
        return updatesDatabase() ? LockRetry.TIMEOUT : SessionSettings.FOR_SCRIPT;
    }

    private void setLockTimeout(String timeout) throws DatabaseException {
        execute("set lock_timeout = '" + timeout + "'");
    }

    /** Through the executor, so that a script for review carries it as well. */
    private void execute(String sql) throws DatabaseException {
        executor().execute(new RawParameterizedSqlStatement(sql));
    }

    private boolean updatesDatabase() {
        return executor().updatesDatabase();
    }

    private Executor executor() {
        return Scope.getCurrentScope().getSingleton(ExecutorService.class).getExecutor("jdbc", this);
    }
}
