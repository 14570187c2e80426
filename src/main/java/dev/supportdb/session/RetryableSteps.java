package dev.supportdb.session;

import dev.supportdb.postgres.LockRetry;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import liquibase.Scope;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;
import liquibase.exception.LiquibaseException;

/**
 * The steps of the changeset at hand. One that cannot get its lock is tried again, and with it all that came before it
 * in the same transaction: their locks are given back while it waits.
 */
final class RetryableSteps {

    interface Step {
        void run() throws LiquibaseException;
    }

    private final SupportDatabase database;
    private final List<Step> done = new ArrayList<>();
    private boolean repeatable = true;

    RetryableSteps(SupportDatabase database) {
        this.database = database;
    }

    /** Nothing is under way: what comes next is the first. */
    void clear() {
        done.clear();
        repeatable = true;
    }

    /** Something is done in this transaction that cannot be done again from here. */
    void cannotBeRepeated() {
        repeatable = false;
    }

    /** @param alone whether it commits by itself, so that it is not tried again with a later one */
    void run(Step step, boolean alone) throws LiquibaseException {
        LockRetry backoff = null;
        while (true) {
            try {
                if (backoff != null) {
                    repeat();
                }
                step.run();
                break;
            } catch (DatabaseException e) {
                if (!repeatable || !LockRetry.isForLock(e)
                        || !(database.getConnection() instanceof JdbcConnection connection)) {
                    throw e;
                }
                backoff = backoff != null ? backoff : new LockRetry(connection.getUnderlyingConnection(),
                        Scope.getCurrentScope().getUI()::sendMessage);
                if (!again(backoff, e)) {
                    throw e;
                }
            }
        }
        if (!alone) {
            done.add(step);
        }
    }

    private void repeat() throws LiquibaseException {
        for (Step step : done) {
            step.run();
        }
    }

    private boolean again(LockRetry backoff, DatabaseException failure) throws DatabaseException {
        try {
            database.takeBack();
            if (backoff.again(failure)) {
                return true;
            }
            throw new DatabaseException(backoff.last(failure), failure);
        } catch (SQLException e) {
            failure.addSuppressed(e);
            return false;
        }
    }
}
