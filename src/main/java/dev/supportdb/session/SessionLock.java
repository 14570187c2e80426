package dev.supportdb.session;

import dev.supportdb.postgres.LiquibaseExecutor;
import dev.supportdb.postgres.UserMessages;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Objects;
import java.util.stream.Stream;
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
 * would wait in turn. Whoever has it also takes the row of Liquibase's own lock ({@link LockRow}), so that a run of
 * Liquibase alone waits, and is waited for.
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
        // The lock is in the server's memory. The table of Liquibase's lock is created by the run that holds the lock.
    }

    private boolean tryTakeRow() throws SQLException, DatabaseException {
        if (!row().exists()) {
            super.init();
        }
        boolean taken = row().tryTake();
        if (taken) {
            database.commit();
        } else {
            database.rollback();
            lock().release();
        }
        return taken;
    }

    /** Queries the server and caches nothing, because Liquibase discards its lock services in the middle of a run. */
    @Override
    public boolean hasChangeLogLock() {
        try {
            return lock().isHeldByThisSession();
        } catch (SQLException aborted) {
            return hasChangeLogLockAfterRollback();
        }
    }

    /** Checks the lock after a rollback: a failed transaction answers no query, and has nothing left to lose. */
    private boolean hasChangeLogLockAfterRollback() {
        try {
            database.getConnection().rollback();
            return lock().isHeldByThisSession();
        } catch (SQLException | DatabaseException gone) {
            return false;
        }
    }

    /**
     * Refuses to change anything if the run has lost its lock. A pooler in transaction mode gives the next transaction
     * another session, and the lock stays with the old one.
     */
    static void requireHeld(SupportDatabase database) throws DatabaseException {
        if (LiquibaseExecutor.updatesDatabase(database)
                && LockServiceFactory.getInstance().getLockService(database) instanceof SessionLock lock
                && !lock.isHeld()) {
            throw new DatabaseException("""
                    This run has lost its lock and stopped: a connection pooler in transaction mode has moved it to \
                    another session of the server, or another program has released the lock. Finished changesets are \
                    in the history. Connect to the server, or use session mode, and run the same command to resume.""");
        }
    }

    /** Checks the lock like {@link #hasChangeLogLock}, but fails if the server does not answer. */
    private boolean isHeld() throws DatabaseException {
        try {
            return lock().isHeldByThisSession();
        } catch (SQLException e) {
            throw new DatabaseException("""
                    Stopped: cannot ask the server whether this run still holds its lock (%s). \
                    Finished changesets are in the history. Run the same command to resume."""
                    .formatted(e.getMessage()), e);
        }
    }

    /**
     * Returns a year unless another time is configured. Liquibase's default of five minutes is for a lock that may be
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
        long pause = Math.min(POLL.toMillis(), Duration.ofSeconds(getChangeLogLockRecheckTime()).toMillis());
        long start = System.nanoTime();
        long lastMessage = start - Duration.ofSeconds(getChangeLogLockRecheckTime()).toNanos();
        while (!acquireLock()) {
            long now = System.nanoTime();
            String holders = holders();
            // A run that holds only the row, without a session lock, may have been killed: wait as long as Liquibase
            // would.
            long minutes = holders.isEmpty() ? super.getChangeLogLockWaitTime() : getChangeLogLockWaitTime();
            if (now - start >= Duration.ofMinutes(minutes).toNanos()) {
                throw new LockException("""
                        Another run holds the lock of this database: gave up after %d min. \
                        Nothing has been changed. %s""".formatted(minutes, holders.isEmpty() ? rowHolder() : holders));
            }
            if (now - lastMessage >= Duration.ofSeconds(getChangeLogLockRecheckTime()).toNanos()) {
                UserMessages.ofScope().accept(
                        "Waiting for another run. " + (holders.isEmpty() ? rowHolder() : holders));
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
        if (!LiquibaseExecutor.updatesDatabase(database)) { // Writing a script needs no lock.
            return true;
        }
        try {
            database.rollback();
            boolean held = lock().isHeldByThisSession() || lock().tryTake() && tryTakeRow();
            if (held) {
                // The other run may have run changesets since the history was read.
                Scope.getCurrentScope().getSingleton(ChangeLogHistoryServiceFactory.class)
                        .getChangeLogService(database).reset();
                database.setCanCacheLiquibaseTableInfo(true);
            }
            database.rollback();
            return held;
        } catch (SQLException | DatabaseException e) {
            throw new LockException(e.getMessage(), e);
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
                row().release();
                database.commit();
                lock().release();
            }
            database.rollback();
        } catch (SQLException | DatabaseException e) {
            throw new LockException(e.getMessage(), e);
        }
    }

    @Override
    public DatabaseChangeLogLock[] listLocks() throws LockException {
        try {
            // Liquibase needs a time; if it is unknown, the description says so.
            Stream<DatabaseChangeLogLock> sessions = lock().holders().stream().map(holder -> new DatabaseChangeLogLock(
                    holder.pid(), Date.from(Objects.requireNonNullElse(holder.since(), Instant.EPOCH)),
                    holder.toString()));
            Stream<DatabaseChangeLogLock> rows = row().otherHolder().stream()
                    .map(holder -> new DatabaseChangeLogLock(1, Date.from(Instant.EPOCH), holder));
            return Stream.concat(sessions, rows).toArray(DatabaseChangeLogLock[]::new);
        } catch (SQLException e) {
            throw new LockException(e.getMessage(), e);
        }
    }

    /**
     * Releases the lock of this session, and the row of a run of Liquibase alone. Where another session holds the lock,
     * says which one and how to end it.
     */
    @Override
    public void forceReleaseLock() throws LockException {
        releaseLock();
        String holders = holders();
        if (!holders.isEmpty()) {
            throw new LockException("The lock was not released: its session still runs. " + holders);
        }
        try {
            row().release();
            database.commit();
        } catch (SQLException | DatabaseException e) {
            throw new LockException(e.getMessage(), e);
        }
    }

    private String rowHolder() throws LockException {
        try {
            return row().otherHolder().map(holder -> """
                    The row of the lock table is held by %s, a run of Liquibase without support-db. If that run has \
                    ended, release the row: mvn liquibase:releaseLocks, or liquibase releaseLocks""".formatted(holder))
                    .orElse("");
        } catch (SQLException e) {
            throw new LockException(e.getMessage(), e);
        }
    }

    private String holders() throws LockException {
        try {
            StringBuilder text = new StringBuilder();
            for (AdvisoryLock.Holder holder : lock().holders()) {
                text.append("The lock is held by ").append(holder)
                        .append(". If that run hangs, end it: select pg_terminate_backend(").append(holder.pid())
                        .append(")");
            }
            return text.toString();
        } catch (SQLException e) {
            throw new LockException(e.getMessage(), e);
        }
    }

    private AdvisoryLock lock() {
        return new AdvisoryLock(connection(), name(database));
    }

    private LockRow row() {
        return LockRow.of(database, connection());
    }

    private Connection connection() {
        return ((JdbcConnection) database.getConnection()).getUnderlyingConnection();
    }

    /** The name of the lock, the same for all runs with one history. */
    static String name(Database database) {
        return database.getLiquibaseSchemaName() + "." + database.getDatabaseChangeLogTableName();
    }
}
