package dev.supportdb.backfill;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * The rows of a batch, within its transaction: locked first, written second.
 *
 * <p>The order of the two is what makes it right: under READ COMMITTED a statement that has waited for a row lock
 * re-reads that row only, so an aggregate computed by the statement that waits is stale (PostgreSQL's executor README,
 * "EvalPlanQual"). A statement that starts once the locks are held sees everything its rows' writers have committed.
 */
final class Rows {

    /**
     * What became of a batch.
     *
     * @param locked how many of its rows were still pending and free
     * @param rows   how many the statement says it wrote
     */
    record Written(int locked, long rows) {}

    private record Locked(Array keys, int count) {}

    private final Connection connection;
    private final String table;
    private final Pass pass;

    Rows(Connection connection, String table, Pass pass) {
        this.connection = connection;
        this.table = table;
        this.pass = pass;
    }

    /** Of the rows with these keys those that are still pending and free, or, where none is, one that becomes free. */
    Written write(long[] keys) throws SQLException {
        Locked locked = lock(keys);
        return new Written(locked.count(), locked.count() == 0 ? 0 : write(locked.keys()));
    }

    /**
     * Rows that someone else has locked are passed over, lest those already locked here be kept waiting with this batch.
     * Where there are no others it waits for the first of them, with nothing locked.
     */
    private Locked lock(long[] keys) throws SQLException {
        Locked free = lock(keys, "for no key update skip locked");
        return free.count() > 0 ? free : lock(keys, "limit 1 for no key update");
    }

    private Locked lock(long[] keys, String how) throws SQLException {
        try (PreparedStatement lock = connection.prepareStatement("""
                select array_agg(id), count(*) from (
                    select id::bigint from %s where id = any(?) and (%s) order by id %s) locked
                """.formatted(table, pass.pending(), how))) {
            lock.setObject(1, keys);
            try (ResultSet row = lock.executeQuery()) {
                row.next();
                return new Locked(row.getArray(1), row.getInt(2));
            }
        }
    }

    private long write(Array locked) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(Plan.bounded(pass.statement(), "?"))) {
            for (int i = 1; i <= Plan.places(pass.statement()); i++) {
                statement.setArray(i, locked);
            }
            return statement.executeUpdate();
        }
    }
}
