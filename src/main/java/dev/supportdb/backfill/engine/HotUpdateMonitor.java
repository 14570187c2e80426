package dev.supportdb.backfill.engine;

import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Measures whether writing the rows of a page in strides pays: whether rows written later stay on their page (HOT
 * updates). They cannot if the statement writes an indexed column, or only inserts, or while an old snapshot keeps
 * every dead row; then strides only cost time. The measure is taken from the counters of the server, and repeated after
 * one range, after two, and so on, because the old snapshot may be gone by then.
 */
final class HotUpdateMonitor {

    private static final double WORTH_IT = 0.25;
    private static final int LONGEST_PAUSE = 16;

    private final Connection connection;
    private final String table;

    /** The counters of the server for this session. They restart whenever the session reports them. */
    private long updatedBefore;
    private long stayedBefore;

    /** Updates in the strides after the first, of the current range. */
    private long updated;
    private long stayed;

    /**
     * The number of ranges to write without strides after a range that found no room, and how many of them are left.
     */
    private int pause;
    private int left;

    HotUpdateMonitor(Connection connection, String table) {
        this.connection = connection;
        this.table = table;
    }

    /** Returns whether the next range should be written in strides. */
    boolean isExpected() {
        return left-- <= 0;
    }

    /**
     * Counts the updates of a batch that wrote, within its transaction. Only the strides after the first show whether
     * strides pay.
     */
    void observe(boolean later) throws SQLException {
        long[] counts = Sql.row(connection, """
                select pg_stat_get_xact_tuples_updated(t), pg_stat_get_xact_tuples_hot_updated(t)
                from (select ?::regclass::oid as t) t""", row -> new long[] {row.getLong(1), row.getLong(2)}, table);
        count(counts[0], counts[1], later);
    }

    private void count(long updatedNow, long stayedNow, boolean later) {
        boolean begunAgain = updatedNow < updatedBefore || stayedNow < stayedBefore;
        if (later) {
            updated += updatedNow - (begunAgain ? 0 : updatedBefore);
            stayed += stayedNow - (begunAgain ? 0 : stayedBefore);
        }
        updatedBefore = updatedNow;
        stayedBefore = stayedNow;
    }

    /** Decides after a range in strides whether the next one uses them. */
    void judge() {
        pause = stayed > 0 && stayed >= updated * WORTH_IT ? 0 : Math.min(LONGEST_PAUSE, Math.max(1, 2 * pause));
        left = pause;
        updated = 0;
        stayed = 0;
    }
}
