package dev.supportdb.backfill;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * The row of a backfill in the table {@code backfills}: how far it has come. The row is the only truth, nothing of it
 * is kept in memory across a commit that could be lost; it moves in the transaction of the batch it speaks of.
 */
final class Checkpoint {

    /** @param last every key up to here is done; @param end the last key there is to do */
    record Range(long last, long end) {}

    /** In the same direction from where it was: also a fill that was done but killed before Liquibase knew. */
    private static final String GOES_ON =
            "(backfills.state = 'undoing') = (excluded.state = 'undoing') and backfills.last_key <= excluded.last_key";

    private final Connection connection;
    private final Plan plan;
    private final Direction direction;

    Checkpoint(Connection connection, Plan plan, Direction direction) {
        this.connection = connection;
        this.plan = plan;
        this.direction = direction;
    }

    /** Begins, or goes on where the last run stopped, and commits. */
    Range open() throws SQLException {
        Range table = table();
        Range range = table;
        try (PreparedStatement select = connection.prepareStatement(
                "select state, last_key, end_key from backfills where name = ? for update")) {
            select.setString(1, plan.name());
            try (ResultSet row = select.executeQuery()) {
                if (row.next()) {
                    range = goOn(row.getString(1), new Range(row.getLong(2), row.getLong(3)), table);
                }
            }
        }
        try (PreparedStatement upsert = connection.prepareStatement("""
                insert into backfills (name, state, last_key, end_key, started_at, updated_at)
                values (?, ?, ?, ?, clock_timestamp(), clock_timestamp())
                on conflict (name) do update set
                    rows_done = case when %1$s then backfills.rows_done else 0 end,
                    batches = case when %1$s then backfills.batches else 0 end,
                    started_at = case when %1$s then backfills.started_at else excluded.started_at end,
                    finished_at = null,
                    state = excluded.state, last_key = excluded.last_key, end_key = excluded.end_key,
                    updated_at = excluded.updated_at
                """.formatted(GOES_ON))) {
            upsert.setString(1, plan.name());
            upsert.setString(2, direction.state);
            upsert.setLong(3, range.last());
            upsert.setLong(4, range.end());
            upsert.executeUpdate();
        }
        connection.commit();
        return range;
    }

    private Range goOn(String state, Range stored, Range table) throws SQLException {
        if (direction == Direction.UNDO) {
            return state.equals(direction.state) ? stored : new Range(table.last(), stored.end());
        }
        if (state.equals(Direction.UNDO.state)) {
            return table;
        }
        // A checkpoint can outlive what it speaks of, for instance a column dropped and added again since. So a run
        // that goes on looks once whether rows it would pass over are still pending.
        long last = anyPending("id <= " + stored.last()) ? table.last() : stored.last();
        long end = anyPending("id > " + stored.end()) ? Math.max(stored.end(), table.end()) : stored.end();
        return new Range(last, end);
    }

    private Range table() throws SQLException {
        try (PreparedStatement bounds = connection.prepareStatement(
                        "select coalesce(min(id)::bigint, 1) - 1, coalesce(max(id), 0) from " + plan.table());
                ResultSet row = bounds.executeQuery()) {
            row.next();
            return new Range(row.getLong(1), row.getLong(2));
        }
    }

    private boolean anyPending(String keys) throws SQLException {
        try (PreparedStatement exists = connection.prepareStatement("select exists (select from %s where %s and (%s))"
                        .formatted(plan.table(), keys, plan.fill().pending()));
                ResultSet row = exists.executeQuery()) {
            row.next();
            return row.getBoolean(1);
        }
    }

    /** Every key up to {@code last} is done, {@code rows} of them in this batch. The caller commits. */
    void advance(long last, long rows) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("""
                update backfills set last_key = ?, rows_done = rows_done + ?, batches = batches + 1,
                    updated_at = clock_timestamp()
                where name = ?
                """)) {
            update.setLong(1, last);
            update.setLong(2, rows);
            update.setString(3, plan.name());
            update.executeUpdate();
        }
    }

    /** All is done, and the caller commits. A fill stays on record; after an undo there is nothing left to speak of. */
    void close() throws SQLException {
        String sql = direction == Direction.FILL
                ? "update backfills set state = 'filled', finished_at = clock_timestamp() where name = ?"
                : "delete from backfills where name = ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, plan.name());
            statement.executeUpdate();
        }
    }
}
