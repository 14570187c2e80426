package dev.supportdb.backfill.engine;

import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Whether writing the rows of a page apart pays: whether those written later stay on their page. They cannot where the
 * statement writes a column that is indexed, or inserts only, or while an old snapshot keeps every dead row; then
 * strides only cost. It is measured by what the server counts, and looked at again after one range, after two, and so
 * on: what keeps dead rows may be gone by then.
 */
final class HotUpdateMonitor {

    private static final double WORTH_IT = 0.25;
    private static final int LONGEST_PAUSE = 16;

    private final Connection connection;
    private final String table;

    /** The server's counts for this session; they restart whenever the session reports them. */
    private long updatedBefore;
    private long stayedBefore;

    /** In the strides after the first of the range at hand. */
    private long updated;
    private long stayed;

    /** In ranges: how long it does without strides after it last found no room, and how much of that is left. */
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

    /** Within the transaction of a batch, after it wrote: of strides after the first it says whether they pay. */
    void look(boolean later) throws SQLException {
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

    /** The range that was written in strides is done. */
    void judge() {
        pause = stayed > 0 && stayed >= updated * WORTH_IT ? 0 : Math.min(LONGEST_PAUSE, Math.max(1, 2 * pause));
        left = pause;
        updated = 0;
        stayed = 0;
    }
}
