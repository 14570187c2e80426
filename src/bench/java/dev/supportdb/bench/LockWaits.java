package dev.supportdb.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Watches, every ten milliseconds from the moment this is made, which statements of the application wait for a lock
 * that a contestant holds or waits for, or that another one holds who waits for a contestant in turn. A wait is as
 * long as from its beginning to the last time it was seen, so it is known to ten milliseconds.
 */
public final class LockWaits implements AutoCloseable {

    private static final long INTERVAL_MILLIS = 10;

    private static final String WAITS = """
            with recursive waiting as materialized (
                select a.pid, a.application_name, a.query_start, pg_blocking_pids(a.pid) as blockers,
                    (select min(waitstart) from pg_locks l where l.pid = a.pid and not l.granted) as since
                from pg_stat_activity a
                where a.datname = current_database() and a.wait_event_type = 'Lock'
            ), imposed (pid) as (
                select w.pid from waiting w
                where exists (select from pg_stat_activity a
                              where a.pid = any (w.blockers) and a.application_name like ?)
                union
                select w.pid from waiting w join imposed on imposed.pid = any (w.blockers)
            )
            select w.pid, w.query_start, coalesce(w.since, clock_timestamp()), clock_timestamp()
            from waiting w join imposed using (pid)
            where w.application_name = ?
            """;

    /** A statement that waits for one contestant's lock after the other waits once. */
    private record Waiter(int pid, Instant statement) {}

    /**
     * A wait of the application.
     *
     * @param pid   process id of the server session that waited
     * @param until when it was last seen to wait
     */
    record Wait(int pid, Instant from, Instant until) {

        Duration length() {
            return Duration.between(from, until);
        }
    }

    private final Connection connection;
    private final String application;
    private final Thread thread;
    private final Map<Waiter, Wait> waits = new HashMap<>();
    private Duration blind = Duration.ZERO;
    private SQLException failure;
    private volatile boolean stopping;

    LockWaits(BenchDatabase database) throws SQLException {
        this(database.connect("bench lock waits"), ApplicationLoad.APPLICATION);
    }

    /**
     * @param connection  to watch by; closed with this
     * @param application the name of the sessions whose waits count
     */
    public LockWaits(Connection connection, String application) {
        this.connection = connection;
        this.application = application;
        thread = new Thread(this::watch, "lock waits");
        thread.start();
    }

    /** Stops watching. Zero where no wait was seen. */
    public Duration longest() throws SQLException {
        return waits().stream().map(Wait::length).max(Comparator.naturalOrder()).orElse(Duration.ZERO);
    }

    /** Stops watching. In no order. */
    List<Wait> waits() throws SQLException {
        stopping = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        if (failure != null) {
            throw failure;
        }
        return List.copyOf(waits.values());
    }

    /**
     * The longest time between two readings. On a machine that is too busy to read every ten milliseconds, others get
     * their turn as late, and a wait may be longer by that.
     */
    public Duration longestBlind() throws SQLException {
        waits();
        return blind;
    }

    @Override
    public void close() throws SQLException {
        waits();
        connection.close();
    }

    private void watch() {
        try (PreparedStatement query = connection.prepareStatement(WAITS)) {
            query.setString(1, FillStrategy.APPLICATION + "%");
            query.setString(2, application);
            long looked = System.nanoTime();
            while (!stopping) {
                readWaits(query);
                Duration gap = Duration.ofNanos(System.nanoTime() - looked);
                blind = gap.compareTo(blind) > 0 ? gap : blind;
                looked = System.nanoTime();
                Thread.sleep(INTERVAL_MILLIS);
            }
        } catch (SQLException e) {
            failure = e;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void readWaits(PreparedStatement query) throws SQLException {
        try (ResultSet row = query.executeQuery()) {
            while (row.next()) {
                int pid = row.getInt(1);
                waits.merge(new Waiter(pid, instant(row, 2)), new Wait(pid, instant(row, 3), instant(row, 4)),
                        (before, now) -> new Wait(pid, before.from, now.until));
            }
        }
    }

    private static Instant instant(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
