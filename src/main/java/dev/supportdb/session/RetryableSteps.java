package dev.supportdb.session;

import dev.supportdb.postgres.LockRetry;
import dev.supportdb.postgres.LostConnection;
import dev.supportdb.postgres.PrintableText;
import dev.supportdb.postgres.UserMessages;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;
import liquibase.exception.LiquibaseException;

/**
 * Runs the steps of a changeset, and retries them when one does not get its lock.
 *
 * <pre>
 * in a transaction   step 1 | step 2 | step 3: lock timeout | rollback, pause | step 1 | step 2 | step 3
 * outside one        step 1 | step 2 | step 3: lock timeout |           pause |                   step 3
 * </pre>
 *
 * <p>The rollback releases the locks of the earlier steps, so that nobody waits for them during the pause. A step that
 * can run only once in its transaction, such as a Java class, ends the retries of that changeset.
 */
final class RetryableSteps {

    interface Step {
        void run() throws LiquibaseException;
    }

    private final Database database;
    private final Step rollback;
    private final List<Step> done = new ArrayList<>();
    private boolean retryable = true;

    /** @param rollback rolls the transaction back and keeps the changeset open */
    RetryableSteps(Database database, Step rollback) {
        this.database = database;
        this.rollback = rollback;
    }

    /** Forgets all steps: the next one is the first of a transaction. */
    void clear() {
        done.clear();
        retryable = true;
    }

    /** Stops retrying until {@link #clear()}: the next step cannot be repeated. */
    void stopRetrying() {
        retryable = false;
    }

    /**
     * Runs a step, and after a lock timeout repeats all steps of its transaction.
     *
     * @param inTransaction whether later steps are in the same transaction, so that this step is repeated with them
     */
    void run(Step step, boolean inTransaction) throws LiquibaseException {
        LockRetry retry = null;
        while (true) {
            try {
                if (retry != null) {
                    repeatEarlierSteps();
                }
                step.run();
                break;
            } catch (DatabaseException e) {
                if (!retryable || !LockRetry.isForLock(e)
                        || !(database.getConnection() instanceof JdbcConnection connection)) {
                    throw printable(e);
                }
                if (retry == null) {
                    retry = new LockRetry(connection.getUnderlyingConnection(), UserMessages.ofScope());
                }
                rollBackAndPause(retry, e);
            }
        }
        if (inTransaction) {
            done.add(step);
        }
    }

    /**
     * Replaces control characters: Maven prints the message unchanged, and the server may have put foreign names and
     * values into it.
     */
    private static DatabaseException printable(DatabaseException failure) {
        String message = PrintableText.of(LostConnection.isCauseOf(failure)
                ? "Stopped: %s. Finished changesets are in the history. Run the same command to resume."
                        .formatted(LostConnection.words(failure))
                : failure.getMessage());
        return message == null || message.equals(failure.getMessage()) ? failure
                : new DatabaseException(message, failure.getCause());
    }

    private void repeatEarlierSteps() throws LiquibaseException {
        for (Step step : done) {
            step.run();
        }
    }

    /**
     * Rolls back and pauses. Throws the failure when the time for retries is over, or if the server cannot be asked for
     * the holder.
     */
    private void rollBackAndPause(LockRetry retry, DatabaseException failure) throws LiquibaseException {
        rollback.run();
        try {
            if (!retry.mayRetry(failure)) {
                // The cause is the server's failure: of several Liquibase exceptions, the innermost is shown.
                throw new DatabaseException(retry.reason(failure), failure.getCause());
            }
        } catch (SQLException e) {
            failure.addSuppressed(e);
            throw failure;
        }
    }
}
