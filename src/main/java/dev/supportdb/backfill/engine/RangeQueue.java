package dev.supportdb.backfill.engine;

import dev.supportdb.backfill.BackfillPlan;
import dev.supportdb.postgres.Sql;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The remaining work and the requests for a backfill: its row in the table {@code backfills} and its key ranges in
 * {@code backfill_ranges}. These rows are the only state; nothing is kept in memory across a commit. A batch updates
 * them in its own transaction. No method here commits.
 *
 * <p>Workers take their ranges from a range that is not started. A worker holds its range during each batch only, with
 * a lock on the range's row; if the worker dies, the range is free.
 */
final class RangeQueue {

    /** The keys above {@code from}, up to and including {@code to}. */
    record Range(long from, long to) {}

    /** The rows and batches written by all workers of all runs. */
    record Written(long rows, long batches) {}

    /** Excludes ranges of the other direction, in case a worker wakes up after its run has ended. */
    private static final String MINE =
            "name = ? and (select state from backfills b where b.name = backfill_ranges.name) = ?";

    /**
     * The fewest keys in a range. In a smaller one, a stride ends before the space that the last one freed can be
     * reused.
     */
    private static final int SMALLEST = 25_000;

    private final Connection connection;
    private final BackfillPlan plan;
    private final BackfillDirection direction;

    RangeQueue(Connection connection, BackfillPlan plan, BackfillDirection direction) {
        this.connection = connection;
        this.plan = plan;
        this.direction = direction;
    }

    /** The direction of a run that has not finished; empty if there is none. */
    static Optional<BackfillDirection> underWay(Connection connection, BackfillPlan plan) throws SQLException {
        String state = new RangeQueue(connection, plan, BackfillDirection.FILL).state();
        return Stream.of(BackfillDirection.values()).filter(direction -> direction.state.equals(state)).findFirst();
    }

    /** Returns whether the backfill is already undone, so that there is nothing to undo. */
    boolean isUndone() throws SQLException {
        return direction == BackfillDirection.UNDO && "undone".equals(state());
    }

    /** Starts, or resumes where the last run stopped. A cancelled backfill resumes too; a paused one stays paused. */
    void open() throws SQLException {
        String state = state();
        if (state == null) {
            update("""
                    insert into backfills (name, state, lower_key, done_key, upper_key, started_at, updated_at)
                    select ?, ?, first, first, last, clock_timestamp(), clock_timestamp() from (%s) keys
                    """.formatted(keys()), plan.name(), direction.state);
            layOut();
        } else if (direction == BackfillDirection.FILL && state.startsWith("fill")) {
            resumeFill();
        } else if (!state.equals(direction.state)) {
            reverse();
            layOut();
        } else if (isDone()) {
            layOutRestOfScript();
        }
        update("""
                update backfills set waiting_for = null,
                    requested_state = case requested_state when 'cancel' then 'run' else requested_state end
                where name = ?
                """, plan.name());
        update("""
                update backfill_ranges set failed_tries = 0, last_failure = null where name = ? and failed_tries > 0
                """, plan.name());
    }

    /** Reverses the direction. An undo that covers only what the fill has written ends at the last key of that fill. */
    private void reverse() throws SQLException {
        update("delete from backfill_ranges where name = ?", plan.name());
        update("""
                update backfills set state = ?, lower_key = first, done_key = first,
                    upper_key = case when ? then last else upper_key end,
                    rows_done = 0, batches = 0, started_at = clock_timestamp(), finished_at = null
                from (%s) keys where name = ?
                """.formatted(keys()), direction.state, direction == BackfillDirection.FILL || plan.undoReachesAll(),
                plan.name());
    }

    Written written() throws SQLException {
        return Sql.row(connection, "select rows_done, batches from backfill_progress where name = ?",
                row -> new Written(row.getLong(1), row.getLong(2)), plan.name());
    }

    private String state() throws SQLException {
        return Sql.optionalRow(connection, "select state from backfills where name = ?",
                row -> row.getString(1), plan.name()).orElse(null);
    }

    /** Selects the key before the first one in the table, and the last one. */
    private String keys() {
        return "select coalesce(min(id)::bigint, 1) - 1 as first, coalesce(max(id), 0) as last from " + plan.table();
    }

    private void layOut() throws SQLException {
        update("""
                insert into backfill_ranges (name, from_key, to_key)
                select name, lower_key, upper_key from backfills where name = ? and lower_key < upper_key
                """, plan.name());
    }

    /** Adds the rest that a script left: a script keeps no ranges, and has stopped after its done_key. */
    private void layOutRestOfScript() throws SQLException {
        update("""
                insert into backfill_ranges (name, from_key, to_key)
                select name, done_key, upper_key from backfills where name = ? and done_key < upper_key
                """, plan.name());
    }

    /**
     * Resumes a fill. The part that an earlier run has finished is checked once more, at the end: the record can be out
     * of date, for example if a column was dropped and added again.
     */
    private void resumeFill() throws SQLException {
        update("""
                update backfills set state = 'filling', finished_at = null, lower_key = least(lower_key, first),
                    upper_key = greatest(upper_key, last)
                from (%s) keys where name = ?
                """.formatted(keys()), plan.name());
        update("""
                insert into backfill_ranges (name, from_key, to_key, recheck)
                select name, from_key, to_key, true
                from (select name, coalesce(lag(to_key) over (order by to_key), lower_key) as from_key,
                          open_key as to_key
                      from (select name, lower_key, from_key as open_key, to_key
                            from backfills join backfill_ranges using (name)
                            union all
                            select name, lower_key, upper_key, upper_key from backfills) open
                      where name = ?) gaps
                where from_key < to_key
                """, plan.name());
    }

    /**
     * Takes the next range of at most {@code keys} keys; empty if none is left to start. Several workers take smaller
     * and smaller ranges towards the end, so that none is left with a large one (guided self-scheduling,
     * Polychronopoulos and Kuck, 1987).
     */
    Optional<Range> begin(int keys, int workers) throws SQLException {
        Range rest = range("""
                select from_key, to_key from backfill_ranges where %s and opened_at is null
                order by recheck, to_key limit 1 for update
                """);
        if (rest == null) {
            return Optional.empty();
        }
        long share = workers == 1 ? keys : (rest.to() - rest.from()) / (2L * workers);
        Range range = new Range(rest.from(), upTo(rest, (int) Math.min(keys, Math.max(share, SMALLEST))));
        if (range.to() == rest.to()) {
            update("update backfill_ranges set opened_at = clock_timestamp() where name = ? and to_key = ?",
                    plan.name(), rest.to());
        } else {
            update("update backfill_ranges set from_key = ? where name = ? and to_key = ?",
                    range.to(), plan.name(), rest.to());
            update("""
                    insert into backfill_ranges (name, from_key, to_key, recheck, opened_at)
                    select name, ?, ?, recheck, clock_timestamp() from backfill_ranges where name = ? and to_key = ?
                    """, range.from(), range.to(), plan.name(), rest.to());
        }
        return Optional.of(range);
    }

    /** Finds the last key of a range with the primary key index alone. */
    private long upTo(Range rest, int keys) throws SQLException {
        return Sql.number(connection, """
                select case count(*) when ? then max(id) else ? end
                from (select id from %s where id > ? and id <= ? order by id limit ?) range
                """.formatted(plan.table()), keys, rest.to(), rest.from(), rest.to(), keys);
    }

    /** Takes a range that was started and that no worker has locked now, for example after a worker died. */
    Optional<Range> takeOver() throws SQLException {
        Range range = range("""
                select from_key, to_key from backfill_ranges where %s and opened_at is not null
                order by to_key limit 1 for update skip locked
                """);
        if (range != null) {
            resume(range);
        }
        return Optional.ofNullable(range);
    }

    /** Restarts the clock of the range: the time since its last batch was not spent on it. */
    void resume(Range range) throws SQLException {
        update("""
                update backfill_ranges
                set opened_at = opened_at + (clock_timestamp() - greatest(opened_at, updated_at))
                where name = ? and to_key = ?
                """, plan.name(), range.to());
    }

    private Range range(String sql) throws SQLException {
        return Sql.optionalRow(connection, sql.formatted(MINE), row -> new Range(row.getLong(1), row.getLong(2)),
                plan.name(), direction.state).orElse(null);
    }

    /** Locks the row of the range; returns false if another worker has the range or has finished it. */
    boolean claim(Range range) throws SQLException {
        return Sql.exists(connection, """
                select from backfill_ranges where %s and to_key = ? and from_key = ? and opened_at is not null
                for update skip locked
                """.formatted(MINE), plan.name(), direction.state, range.to(), range.from());
    }

    /** Reads the keys of the range whose rows are pending, in ascending order. */
    long[] keys(Range range) throws SQLException {
        return keys("id > ? and id <= ?", range.from(), range.to());
    }

    /** Reads which of these keys have pending rows, in ascending order. */
    long[] keys(long[] keys) throws SQLException {
        return keys("id = any(?)", keys);
    }

    private long[] keys(String which, Object... values) throws SQLException {
        try (PreparedStatement keys = RetryingTransaction.planEachTime(connection.prepareStatement("""
                select array_agg(id::bigint order by id) from %s where %s and (%s)
                """.formatted(plan.table(), which, direction.pass(plan).pending())))) {
            for (int i = 0; i < values.length; i++) {
                keys.setObject(i + 1, values[i]);
            }
            try (ResultSet row = keys.executeQuery()) {
                row.next();
                Array pending = row.getArray(1);
                return pending == null ? new long[0]
                        : Stream.of((Long[]) pending.getArray()).mapToLong(Long::longValue).toArray();
            }
        }
    }

    /** Records how many rows of the range are pending. */
    void pending(Range range, int rows) throws SQLException {
        update("update backfill_ranges set rows_pending = rows_done + ? where name = ? and to_key = ?",
                rows, plan.name(), range.to());
    }

    /** Gives back a range whose read takes too long, to be taken in smaller parts. */
    void giveBack(Range range) throws SQLException {
        update("update backfill_ranges set opened_at = null where name = ? and to_key = ?", plan.name(), range.to());
    }

    /** Records a batch of the range: the rows written and the time taken. */
    void advance(Range range, long rows, long millis) throws SQLException {
        update("""
                update backfill_ranges set rows_done = rows_done + ?, batches = batches + 1, last_batch_ms = ?,
                    failed_tries = 0, last_failure = null, updated_at = clock_timestamp()
                where name = ? and to_key = ?
                """, rows, millis, plan.name(), range.to());
    }

    /**
     * Records that a batch of the range was refused.
     *
     * @return the number of failures since the last success; 0 if another worker has the range now
     */
    int refuse(Range range, String why) throws SQLException {
        return Sql.optionalRow(connection, """
                update backfill_ranges set failed_tries = failed_tries + 1, last_failure = ?
                where (name, to_key) = (select name, to_key from backfill_ranges where name = ? and to_key = ?
                                        for update skip locked)
                returning failed_tries
                """, row -> row.getInt(1), why, plan.name(), range.to()).orElse(0);
    }

    /** Removes a finished range. */
    void finish(Range range) throws SQLException {
        update("""
                with done as (
                    delete from backfill_ranges where name = ? and to_key = ? returning to_key, rows_done, batches)
                update backfills b set rows_done = b.rows_done + done.rows_done, batches = b.batches + done.batches,
                    done_key = coalesce((select min(from_key) from backfill_ranges r
                                         where r.name = b.name and r.to_key <> done.to_key and not recheck),
                        upper_key),
                    updated_at = clock_timestamp()
                from done where b.name = ?
                """, plan.name(), range.to(), plan.name());
    }

    boolean isDone() throws SQLException {
        return range("select from_key, to_key from backfill_ranges where %s limit 1") == null;
    }

    /** Records the end. An undone backfill stays recorded too: a second undo would remove what was written since. */
    void close() throws SQLException {
        // A direction without batches may follow one that was stopped in the middle of its own.
        update("delete from backfill_ranges where name = ?", plan.name());
        update("""
                update backfills set state = ?, requested_state = 'run', waiting_for = null, done_key = upper_key,
                    finished_at = clock_timestamp()
                where name = ?
                """, direction.done, plan.name());
    }

    /**
     * Records what the backfill waits for, unless another session has locked the row.
     *
     * @param reason null when it resumes
     */
    void waitFor(String reason) throws SQLException {
        update("""
                update backfills set waiting_for = ?
                where name = (select name from backfills where name = ? for update skip locked)
                """, reason, plan.name());
    }

    private void update(String sql, Object... values) throws SQLException {
        Sql.update(connection, sql, values);
    }
}
