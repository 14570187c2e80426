package dev.supportdb.backfill.engine;

import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Vacuums the table between batches when a fifth of it is dead rows, so that the next batches reuse the space and the
 * table does not double, as it would with one vacuum at the end.
 */
final class TableVacuum {

    private static final double DUE = 0.2;

    /** The number of dead rows below which a vacuum costs more than it gains. */
    private static final int FEW_DEAD_ROWS = 20_000;

    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /** The shortest wait after a vacuum that left dead rows: this time, or this multiple of the vacuum's own time. */
    private static final Duration AGAIN = Duration.ofMinutes(1);
    private static final int SHARE = 10;

    private final Connection connection;
    private final String table;
    private final BackfillWorker.WaitListener waitingFor;
    private long asked = System.nanoTime();

    /**
     * The dead rows that the last vacuum left, for example because of an old snapshot. The next vacuum waits for as
     * many more, or for a long time, because the snapshot may be gone by then.
     */
    private long left;
    private long leftUntil;

    TableVacuum(Connection connection, String table, BackfillWorker.WaitListener waitingFor) {
        this.connection = connection;
        this.table = table;
        this.waitingFor = waitingFor;
    }

    /** Vacuums if it is due. Must be called outside a transaction. */
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
        long number = Sql.number(connection, sql, table);
        connection.rollback();
        return number;
    }

    /**
     * Runs the vacuum without blocking others: it is skipped while another vacuum runs, uses one processor, and does
     * not truncate the table, which needs a lock. If a person cancels it, only the vacuum ends, not the backfill.
     */
    private void run() throws SQLException {
        connection.setAutoCommit(true);
        try {
            Sql.execute(connection, "vacuum (skip_locked, truncate false, parallel 0) " + table);
        } catch (SQLException e) {
            if (!RetryingTransaction.QUERY_CANCELED.equals(e.getSQLState())) {
                throw e;
            }
        }
        connection.setAutoCommit(false);
    }
}
