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
 * What a backfill has still to do, and what is wanted of it: its row in the table {@code backfills} and its key ranges
 * in {@code backfill_ranges}. The rows are the only truth, nothing of them is kept in memory across a commit; a batch
 * moves them in its own transaction. Nothing here commits.
 *
 * <p>A range that nobody has begun is what workers take theirs from. One that was begun is held by its worker during
 * each batch, by the lock of its row, and by nothing in between: when a worker dies, what it had is free.
 */
final class RangeQueue {

    /** Keys above {@code from}, up to {@code to}. */
    record Range(long from, long to) {}

    /** Rows and batches written, by all workers of all runs. */
    record Written(long rows, long batches) {}

    /** Not those of the other direction, should a worker wake up when the run it took part in is long over. */
    private static final String MINE =
            "name = ? and (select state from backfills b where b.name = backfill_ranges.name) = ?";

    /**
     * The fewest keys worth a range of their own. In a smaller one, a stride is over before the room that the last one
     * gave up is free.
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

    /** The direction of a run that is not over; empty when there is none. */
    static Optional<BackfillDirection> underWay(Connection connection, BackfillPlan plan) throws SQLException {
        String state = new RangeQueue(connection, plan, BackfillDirection.FILL).state();
        return Stream.of(BackfillDirection.values()).filter(direction -> direction.state.equals(state)).findFirst();
    }

    /** Returns whether there is nothing to undo because that has been done. */
    boolean isUndone() throws SQLException {
        return direction == BackfillDirection.UNDO && "undone".equals(state());
    }

    /** Begins, or goes on where the last run stopped. A cancelled one goes on too, a paused one stays paused. */
    void open() throws SQLException {
        String state = state();
        if (state == null) {
            update("""
                    insert into backfills (name, state, lower_key, done_key, upper_key, started_at, updated_at)
                    select ?, ?, first, first, last, clock_timestamp(), clock_timestamp() from (%s) keys
                    """.formatted(keys()), plan.name(), direction.state);
            layOut();
        } else if (direction == BackfillDirection.FILL && state.startsWith("fill")) {
            goOn();
        } else if (!state.equals(direction.state)) {
            turn();
            layOut();
        } else if (isDone()) {
            layOutWhatScriptLeft();
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

    /** The other way. Where an undo goes no further than its fill did, that is the last fill there was. */
    private void turn() throws SQLException {
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

    /** The key before the first in the table, and the last. */
    private String keys() {
        return "select coalesce(min(id)::bigint, 1) - 1 as first, coalesce(max(id), 0) as last from " + plan.table();
    }

    private void layOut() throws SQLException {
        update("""
                insert into backfill_ranges (name, from_key, to_key)
                select name, lower_key, upper_key from backfills where name = ? and lower_key < upper_key
                """, plan.name());
    }

    /** A script keeps no ranges; it stopped behind its last key. */
    private void layOutWhatScriptLeft() throws SQLException {
        update("""
                insert into backfill_ranges (name, from_key, to_key)
                select name, done_key, upper_key from backfills where name = ? and done_key < upper_key
                """, plan.name());
    }

    /**
     * What an earlier run has done is looked at once more, after all else: a record can outlive what it speaks of, for
     * instance a column dropped and added again since.
     */
    private void goOn() throws SQLException {
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
     * Takes the next range of at most {@code keys} keys; empty when none is left to begin. Several workers take less
     * and less towards the end, so that none of them is left with much (guided self-scheduling, Polychronopoulos and
     * Kuck, 1987).
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

    /** From the primary key's index alone. */
    private long upTo(Range rest, int keys) throws SQLException {
        return Sql.number(connection, """
                select case count(*) when ? then max(id) else ? end
                from (select id from %s where id > ? and id <= ? order by id limit ?) range
                """.formatted(plan.table()), keys, rest.to(), rest.from(), rest.to(), keys);
    }

    /** Takes a range that was begun and that nobody is working on this instant, perhaps left by one who died. */
    Optional<Range> takeOver() throws SQLException {
        Range range = range("""
                select from_key, to_key from backfill_ranges where %s and opened_at is not null
                order by to_key limit 1 for update skip locked
                """);
        if (range != null) {
            goOnAt(range);
        }
        return Optional.ofNullable(range);
    }

    /** The time since its last batch was not spent on it. */
    void goOnAt(Range range) throws SQLException {
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

    /** False when another worker has the range, or has done it. */
    boolean claim(Range range) throws SQLException {
        return Sql.exists(connection, """
                select from backfill_ranges where %s and to_key = ? and from_key = ? and opened_at is not null
                for update skip locked
                """.formatted(MINE), plan.name(), direction.state, range.to(), range.from());
    }

    /** The keys of the range whose rows are pending, in order. */
    long[] keys(Range range) throws SQLException {
        return keys("id > ? and id <= ?", range.from(), range.to());
    }

    /** The keys whose rows are pending, in order. */
    long[] keys(long[] keys) throws SQLException {
        return keys("id = any(?)", keys);
    }

    private long[] keys(String which, Object... values) throws SQLException {
        try (PreparedStatement keys = RetryingTransaction.planAnew(connection.prepareStatement("""
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

    /** So many rows of the range are pending. */
    void pending(Range range, int rows) throws SQLException {
        update("update backfill_ranges set rows_pending = rows_done + ? where name = ? and to_key = ?",
                rows, plan.name(), range.to());
    }

    /** A range that takes too long to look through is given back, to be taken in smaller parts. */
    void giveBack(Range range) throws SQLException {
        update("update backfill_ranges set opened_at = null where name = ? and to_key = ?", plan.name(), range.to());
    }

    /** A batch of the range wrote so many rows in so many milliseconds. */
    void advance(Range range, long rows, long millis) throws SQLException {
        update("""
                update backfill_ranges set rows_done = rows_done + ?, batches = batches + 1, last_batch_ms = ?,
                    failed_tries = 0, last_failure = null, updated_at = clock_timestamp()
                where name = ? and to_key = ?
                """, rows, millis, plan.name(), range.to());
    }

    /**
     * A batch of the range was refused.
     *
     * @return how often by now since the last that was not; 0 when another worker is at it
     */
    int refuse(Range range, String why) throws SQLException {
        return Sql.optionalRow(connection, """
                update backfill_ranges set failed_tries = failed_tries + 1, last_failure = ?
                where (name, to_key) = (select name, to_key from backfill_ranges where name = ? and to_key = ?
                                        for update skip locked)
                returning failed_tries
                """, row -> row.getInt(1), why, plan.name(), range.to()).orElse(0);
    }

    /** The range is done. */
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

    /** All is done. What was undone stays on record too: undoing it twice would take what was written since. */
    void close() throws SQLException {
        update("""
                update backfills set state = ?, requested_state = 'run', waiting_for = null, done_key = upper_key,
                    finished_at = clock_timestamp()
                where name = ?
                """, direction.done, plan.name());
    }

    /**
     * Not worth waiting for, should anyone have the row.
     *
     * @param reason what it waits for; null when it goes on
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
