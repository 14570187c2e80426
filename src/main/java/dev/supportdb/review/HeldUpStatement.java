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
 * Holds up a statement that cannot run in a transaction, such as an index build CONCURRENTLY, until its locks have been
 * read by somebody else; alone it may be done before anybody looks.
 *
 * <p>A helper has every table in two modes. SHARE UPDATE EXCLUSIVE is in the way of each statement that takes more than
 * a writer does, at its first lock; ROW EXCLUSIVE, given back second, is what a concurrent build or drop waits for when
 * it has all its locks.
 */
final class HeldUpStatement implements AutoCloseable {

    private static final String WAITS = "select exists (select from pg_locks where pid = ? and not granted)";
    private static final int PAUSE_MILLIS = 2;

    private final Connection helper;
    private final Connection side;
    private final int pid;
    private final SessionProbe probe;
    private final Thread thread = new Thread(this::watch, "locks of a statement held up");

    /** Each relation as it was when its lock was the strongest. */
    private final Map<Long, SessionProbe.Relation> seen = new HashMap<>();
    private int released;
    private SQLException failure;
    private volatile long releasedAt;
    private volatile boolean over;

    /**
     * @param helper not in auto-commit mode; closed with this
     * @param side   of another session, for looking
     * @param pid    the session whose statement comes next
     * @param tables to be held
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
                    // Taken before the release: if this thread sleeps in between, the statement must not seem faster.
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

    /** When nothing was in its way any more, by {@link System#nanoTime()}. */
    long releasedAt() {
        return releasedAt;
    }

    /** The relations with the strongest lock that it had or asked for, once it has ended. */
    Map<Long, SessionProbe.Relation> seen() {
        return seen;
    }

    private static SessionProbe.Relation stronger(SessionProbe.Relation one, SessionProbe.Relation other) {
        return other.lock() == null || one.lock() != null && one.lock().compareTo(other.lock()) >= 0 ? one : other;
    }

    /** Ends looking, after the statement. */
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

    /** After a failure, too, nobody is held up any more. */
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
