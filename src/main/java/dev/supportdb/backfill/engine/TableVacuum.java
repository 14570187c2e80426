package dev.supportdb.backfill.engine;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * Vacuums the table between batches when a fifth of it is dead rows, so that the next batches find room where the last
 * ones left it and the table does not double. Not all at once, at the end, as after one large update.
 */
final class TableVacuum {

    private static final double DUE = 0.2;

    /** Below that a vacuum costs more than it gives. */
    private static final int FEW_DEAD_ROWS = 20_000;

    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /** How long after a vacuum that left dead rows, at least, and in times of what it took. */
    private static final Duration AGAIN = Duration.ofMinutes(1);
    private static final int SHARE = 10;

    private final Connection connection;
    private final String table;
    private final BackfillWorker.WaitListener waitingFor;
    private long asked = System.nanoTime();

    /**
     * What the last vacuum left, for example because of an old snapshot. It waits for as much on top of that, or until
     * long after, for the snapshot may be gone by then.
     */
    private long left;
    private long leftUntil;

    TableVacuum(Connection connection, String table, BackfillWorker.WaitListener waitingFor) {
        this.connection = connection;
        this.table = table;
        this.waitingFor = waitingFor;
    }

    /** Must be called outside a transaction. */
    void whenDue() throws SQLException {
        long now = System.nanoTime();
        if (now - asked < INTERVAL.toNanos()) {
            return;
        }
        asked = now;
        if (now >= leftUntil) {
            left = 0;
        }
        if (isDue()) {
            waitingFor.waitingBecause("its own vacuum of " + table);
            run();
            waitingFor.waitingBecause(null);
            left = dead();
            long end = System.nanoTime();
            leftUntil = end + Math.max(AGAIN.toNanos(), SHARE * (end - now));
        }
    }

    private boolean isDue() throws SQLException {
        return number("""
                select count(*) from pg_stat_all_tables join pg_class c on c.oid = relid
                where relid = ?::regclass
                    and n_dead_tup - %d > greatest(%s * greatest(n_live_tup, reltuples), %d)
                    and pg_has_role(relowner, 'usage')
                """.formatted(left, DUE, FEW_DEAD_ROWS)) > 0;
    }

    private long dead() throws SQLException {
        return number("select n_dead_tup from pg_stat_all_tables where relid = ?::regclass");
    }

    private long number(String sql) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, table);
            try (ResultSet row = query.executeQuery()) {
                row.next();
                long number = row.getLong(1);
                connection.rollback();
                return number;
            }
        }
    }

    /**
     * Never in anyone's way: not where another vacuum is at work, on one processor, and without cutting off the end of
     * the table, which takes a lock. Whoever cancels it ends the vacuum and not the backfill.
     */
    private void run() throws SQLException {
        connection.setAutoCommit(true);
        try (Statement vacuum = connection.createStatement()) {
            vacuum.execute("vacuum (skip_locked, truncate false, parallel 0) " + table);
        } catch (SQLException e) {
            if (!RetryingTransaction.QUERY_CANCELED.equals(e.getSQLState())) {
                throw e;
            }
        }
        connection.setAutoCommit(false);
    }
}
