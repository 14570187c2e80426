package dev.supportdb.review;

import dev.supportdb.postgres.Pause;
import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Delays a statement that cannot run in a transaction, such as CREATE INDEX CONCURRENTLY, until another session has
 * read its locks; otherwise it might finish before they are read.
 *
 * <p>A helper session locks every table in two modes. SHARE UPDATE EXCLUSIVE blocks the first lock of each statement
 * that takes a stronger lock than a writer. ROW EXCLUSIVE, released second, is what a concurrent build or drop waits
 * for after it has all its locks.
 */
final class HeldUpStatement implements AutoCloseable {

    private static final String WAITS = "select exists (select from pg_locks where pid = ? and not granted)";
    private static final int PAUSE_MILLIS = 2;

    private final Connection helper;
    private final Connection side;
    private final int pid;
    private final SessionProbe probe;
    private final Thread thread = new Thread(this::watch, "locks of a statement held up");

    /** Each relation with its strongest lock so far. */
    private final Map<Long, SessionProbe.Relation> seen = new HashMap<>();
    private int released;
    private SQLException failure;
    private volatile long releasedAt;
    private volatile boolean over;

    /**
     * @param helper not in auto-commit mode; closed with this object
     * @param side   another session, which reads the locks
     * @param pid    the session of the next statement
     * @param tables the tables to lock
     */
    HeldUpStatement(Connection helper, Connection side, int pid, List<String> tables) throws SQLException {
        this.helper = helper;
        this.side = side;
        this.pid = pid;
        this.probe = new SessionProbe(side, pid);
        if (!tables.isEmpty()) {
            String lock = tables.stream().collect(Collectors.joining(", only ", "lock table only ", " in %s mode"));
            Sql.execute(helper, "set lock_timeout = '10s'; %s; savepoint weaker; %s".formatted(
                    lock.formatted("row exclusive"), lock.formatted("share update exclusive")));
        }
        this.releasedAt = System.nanoTime();
        thread.start();
    }

    private void watch() {
        try {
            while (!over) {
                SessionProbe.State now = probe.read();
                now.relations().forEach((oid, relation) -> seen.merge(oid, relation, HeldUpStatement::stronger));
                if (released < 2 && Sql.isTrue(side, WAITS, pid)) {
                    // Taken before the release: if this thread is delayed in between, the statement must not seem
                    // faster.
                    releasedAt = System.nanoTime();
                    Sql.execute(helper, released++ == 0 ? "rollback to weaker" : "rollback");
                } else {
                    Pause.of(PAUSE_MILLIS);
                }
            }
        } catch (SQLException e) {
            failure = e;
        }
    }

    /** The time after which nothing blocked the statement, by {@link System#nanoTime()}. */
    long releasedAt() {
        return releasedAt;
    }

    /** The relations with the strongest lock that the statement had or requested, after its end. */
    Map<Long, SessionProbe.Relation> seen() {
        return seen;
    }

    private static SessionProbe.Relation stronger(SessionProbe.Relation one, SessionProbe.Relation other) {
        return other.lock() == null || one.lock() != null && one.lock().compareTo(other.lock()) >= 0 ? one : other;
    }

    /** Stops reading locks, after the statement. */
    void end() throws SQLException {
        over = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("interrupted", e);
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Releases the locks, also after a failure. */
    @Override
    public void close() throws SQLException {
        over = true;
        try (helper) {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
