package dev.supportdb.backfill.engine;

import dev.supportdb.backfill.BackfillPlan;
import dev.supportdb.backfill.BackfillSteps;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * Writes the rows of a batch within its transaction: first locks them, then updates them.
 *
 * <p>This order keeps values correct: under READ COMMITTED, a statement that has waited for a row lock re-reads that
 * row only, so an aggregate that it computes is stale (PostgreSQL's executor README, "EvalPlanQual"). A statement that
 * starts after the locks are taken sees everything that other writers of these rows have committed.
 */
final class BatchWriter {

    /**
     * The result of a batch.
     *
     * @param rows the row count that the statement reported
     * @param left the keys whose rows were locked by others, or no longer pending
     */
    record Written(long rows, long[] left) {}

    private final Connection connection;
    private final String table;
    private final BackfillSteps pass;

    /**
     * Whether a batch has shown that the statement ends "pending". Not checked for an undo, which may restore values
     * that look filled.
     */
    private boolean proven;

    BatchWriter(Connection connection, BackfillPlan plan, BackfillDirection direction) {
        this.connection = connection;
        this.table = plan.table();
        this.pass = direction.pass(plan);
        this.proven = direction == BackfillDirection.UNDO;
    }

    /**
     * Locks and writes those pending rows of these keys that are free. If none is free, waits for one and writes it.
     */
    Written write(long[] keys) throws SQLException {
        Array locked = lock(keys);
        if (locked == null) {
            return new Written(0, keys);
        }
        Written written = new Written(write(locked), left(keys, locked));
        if (!proven) {
            refuseWhatStaysPending(locked);
            proven = true;
        }
        return written;
    }

    /**
     * Refuses a statement that leaves its rows pending: the backfill would end, and report success, with nothing done.
     */
    private void refuseWhatStaysPending(Array locked) throws SQLException {
        try (PreparedStatement pending = prepare("""
                select count(*) filter (where %s), count(*) from %s where id = any(?)
                """.formatted(pass.pending(), table))) {
            pending.setArray(1, locked);
            try (ResultSet row = pending.executeQuery()) {
                row.next();
                if (row.getLong(1) == row.getLong(2)) {
                    throw new SQLException("its statement left all of the first %d rows pending. For each row that it "
                            .formatted(row.getLong(1)) + "writes, this must become false: " + pass.pending().strip());
                }
            }
        }
    }

    private static long[] left(long[] keys, Array locked) throws SQLException {
        Long[] done = (Long[]) locked.getArray();
        if (done.length == keys.length) {
            return new long[0];
        }
        Set<Long> all = Set.of(done);
        return LongStream.of(keys).filter(key -> !all.contains(key)).toArray();
    }

    /**
     * Locks free rows and skips rows that others have locked, so that the rows locked here are not held while it waits.
     * If no row is free, it waits for the first one, with nothing locked.
     */
    private Array lock(long[] keys) throws SQLException {
        Array free = lock(keys, "for no key update skip locked");
        return free != null ? free : lock(keys, "limit 1 for no key update");
    }

    /** Returns the keys of the locked rows; null if there are none. */
    private Array lock(long[] keys, String how) throws SQLException {
        try (PreparedStatement lock = prepare("""
                select array_agg(id) from (
                    select id::bigint from %s where id = any(?) and (%s) order by id %s) locked
                """.formatted(table, pass.pending(), how))) {
            lock.setObject(1, keys);
            try (ResultSet row = lock.executeQuery()) {
                row.next();
                return row.getArray(1);
            }
        }
    }

    private long write(Array locked) throws SQLException {
        try (PreparedStatement statement = prepare(BackfillPlan.bounded(pass.statement(), "?"))) {
            for (int i = 1; i <= BackfillPlan.places(pass.statement()); i++) {
                statement.setArray(i, locked);
            }
            return statement.executeUpdate();
        }
    }

    private PreparedStatement prepare(String sql) throws SQLException {
        return RetryingTransaction.planEachTime(connection.prepareStatement(sql));
    }
}
