package dev.supportdb.session;

import dev.supportdb.postgres.LiquibaseExecutor;
import dev.supportdb.postgres.UserMessages;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import liquibase.GlobalConfiguration;
import liquibase.Scope;
import liquibase.changelog.ChangeLogHistoryServiceFactory;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;
import liquibase.exception.LockException;
import liquibase.lockservice.DatabaseChangeLogLock;
import liquibase.lockservice.LockServiceFactory;
import liquibase.lockservice.StandardLockService;

/**
 * Lets one Liquibase run at a time change a database, by an advisory lock of its session.
 *
 * <p>The lock ends with its session, however that ends, so there is never a stale one to release by hand. A run that
 * waits for it polls: a blocked statement would hold a snapshot, for which a concurrent index build of the other run
 * would wait in turn. Liquibase's lock table is neither created nor read.
 */
public final class SessionLock extends StandardLockService {

    private static final Duration POLL = Duration.ofSeconds(1);
    private static final long YEAR_IN_MINUTES = Duration.ofDays(365).toMinutes();

    @Override
    public int getPriority() {
        return PRIORITY_DATABASE;
    }

    @Override
    public boolean supports(Database candidate) {
        return candidate instanceof SupportDatabase && candidate.getConnection() instanceof JdbcConnection;
    }

    @Override
    public void init() {
        // Nothing to create: the lock is in the server's memory.
    }

    /** Asks the server, and remembers nothing: Liquibase discards its lock services in the middle of a run. */
    @Override
    public boolean hasChangeLogLock() {
        try {
            return lock().isHeldByThisSession();
        } catch (SQLException aborted) {
            return hasChangeLogLockAfterRollback();
        }
    }

    /** Asks after a rollback: a failed transaction answers no query, and has nothing left to lose. */
    private boolean hasChangeLogLockAfterRollback() {
        try {
            database.getConnection().rollback();
            return lock().isHeldByThisSession();
        } catch (SQLException | DatabaseException gone) {
            return false;
        }
    }

    /**
     * Refuses to change anything when the run has lost its lock. A pooler in transaction mode gives the next
     * transaction to another session, and the lock stays behind.
     */
    static void requireHeld(SupportDatabase database) throws DatabaseException {
        if (LiquibaseExecutor.updatesDatabase(database)
                && LockServiceFactory.getInstance().getLockService(database) instanceof SessionLock lock
                && !lock.isHeld()) {
            throw new DatabaseException("""
                    This run has lost its lock, and stops before another one begins. The lock belongs to a session of \
                    the server, so a connection pooler must work in session mode, and nothing may unlock what it has \
                    not locked. What is done is in the history; the same command goes on.""");
        }
    }

    /** Asks like {@link #hasChangeLogLock}, but fails when the server does not answer. */
    private boolean isHeld() throws DatabaseException {
        try {
            return lock().isHeldByThisSession();
        } catch (SQLException e) {
            throw new DatabaseException("""
                    This run stops, for it cannot ask the server whether it still has its lock (%s). \
                    What is done is in the history; the same command goes on.""".formatted(e.getMessage()), e);
        }
    }

    /**
     * A year unless another time is configured. Liquibase's own default of five minutes is for a lock that may be
     * stale; here the run that holds it is alive, and may work for hours.
     */
    @Override
    public Long getChangeLogLockWaitTime() {
        Long minutes = super.getChangeLogLockWaitTime();
        boolean configured =
                !GlobalConfiguration.CHANGELOGLOCK_WAIT_TIME.getCurrentConfiguredValue().wasDefaultValueUsed()
                || !minutes.equals(GlobalConfiguration.CHANGELOGLOCK_WAIT_TIME.getDefaultValue());
        return configured ? minutes : Long.valueOf(YEAR_IN_MINUTES);
    }

    @Override
    public void waitForLock() throws LockException {
        long waitTime = Duration.ofMinutes(getChangeLogLockWaitTime()).toNanos();
        long pause = Math.min(POLL.toMillis(), Duration.ofSeconds(getChangeLogLockRecheckTime()).toMillis());
        long start = System.nanoTime();
        long lastMessage = start - Duration.ofSeconds(getChangeLogLockRecheckTime()).toNanos();
        while (!acquireLock()) {
            long now = System.nanoTime();
            if (now - start >= waitTime) {
                throw new LockException(
                        "Another run holds the lock of this database, and %d min of waiting were not enough. %s"
                                .formatted(getChangeLogLockWaitTime(), holders()));
            }
            if (now - lastMessage >= Duration.ofSeconds(getChangeLogLockRecheckTime()).toNanos()) {
                UserMessages.ofScope().accept("Waiting for another run. " + holders());
                lastMessage = now;
            }
            pause(pause);
        }
    }

    private static void pause(long millis) throws LockException {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LockException("Interrupted while waiting for another run", e);
        }
    }

    @Override
    public boolean acquireLock() throws LockException {
        if (!LiquibaseExecutor.updatesDatabase(database)) { // A script takes no lock, and says nothing of one.
            return true;
        }
        try {
            database.rollback();
            boolean held = lock().isHeldByThisSession() || lock().tryTake();
            if (held) {
                // What was read before the wait may be out of date: the other run has run changesets.
                Scope.getCurrentScope().getSingleton(ChangeLogHistoryServiceFactory.class)
                        .getChangeLogService(database).reset();
                database.setCanCacheLiquibaseTableInfo(true);
            }
            database.rollback();
            return held;
        } catch (SQLException | DatabaseException e) {
            throw new LockException(e);
        }
    }

    @Override
    public void releaseLock() throws LockException {
        database.setCanCacheLiquibaseTableInfo(false);
        if (!LiquibaseExecutor.updatesDatabase(database)) {
            return;
        }
        try {
            database.rollback();
            if (lock().isHeldByThisSession()) {
                lock().release();
            }
            database.rollback();
        } catch (SQLException | DatabaseException e) {
            throw new LockException(e);
        }
    }

    @Override
    public DatabaseChangeLogLock[] listLocks() throws LockException {
        try {
            List<AdvisoryLock.Holder> holders = lock().holders();
            DatabaseChangeLogLock[] locks = new DatabaseChangeLogLock[holders.size()];
            for (int i = 0; i < locks.length; i++) {
                // Liquibase wants a time; what is known of it is in the words.
                Instant since = Objects.requireNonNullElse(holders.get(i).since(), Instant.EPOCH);
                locks[i] = new DatabaseChangeLogLock(
                        holders.get(i).pid(), Date.from(since), holders.get(i).toString());
            }
            return locks;
        } catch (SQLException e) {
            throw new LockException(e);
        }
    }

    /** Releases the lock of this session. Where another session holds it, says which one and how to end it. */
    @Override
    public void forceReleaseLock() throws LockException {
        releaseLock();
        if (listLocks().length > 0) {
            throw new LockException("No lock is stale: it is gone when its session is. " + holders());
        }
    }

    private String holders() throws LockException {
        try {
            StringBuilder text = new StringBuilder();
            for (AdvisoryLock.Holder holder : lock().holders()) {
                text.append("It is held by ").append(holder)
                        .append(". Should that one hang, end it: select pg_terminate_backend(").append(holder.pid())
                        .append(")");
            }
            return text.toString();
        } catch (SQLException e) {
            throw new LockException(e);
        }
    }

    private AdvisoryLock lock() {
        JdbcConnection connection = (JdbcConnection) database.getConnection();
        return new AdvisoryLock(connection.getUnderlyingConnection(), name(database));
    }

    /** The same for all who write one history. */
    static String name(Database database) {
        return database.getLiquibaseSchemaName() + "." + database.getDatabaseChangeLogTableName();
    }
}
