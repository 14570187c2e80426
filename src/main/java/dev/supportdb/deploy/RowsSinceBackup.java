package dev.supportdb.deploy;

import dev.supportdb.postgres.Sql;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.schema.ReadOnlySession;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The rows of a table in the live database that a restored one lacks: switching over loses them. Rows are matched by
 * their primary key, and compared by the columns that have the same type on both sides.
 *
 * @param table   the qualified name
 * @param added   rows only in the live database
 * @param deleted rows only in the restored one
 * @param changed rows that are in both, and differ in a shared column
 * @param counted false if the table lacks a primary key on one side, so that rows cannot be matched
 */
public record RowsSinceBackup(String table, long added, long deleted, long changed, boolean counted) {

    private static final int FETCHED = 5_000;

    private static final String TABLES = """
            select format('%I.%I', nspname, relname) from pg_class c join pg_namespace n on n.oid = relnamespace
            where relkind = 'r' and nspname !~ '^pg_' and nspname <> 'information_schema'
                and relname not in ('databasechangelog', 'databasechangeloglock', 'supportdb_runs')
            order by 1
            """;

    private static final String COLUMNS = """
            select format('%I %s', attname, format_type(atttypid, atttypmod)) from pg_attribute
            where attrelid = to_regclass(?) and attnum > 0 and not attisdropped
            """;

    private static final String KEY = """
            select string_agg(quote_ident(attname), ', ' order by attname) from pg_index
            join pg_attribute on attrelid = indrelid and attnum = any (indkey)
            where indrelid = to_regclass(?) and indisprimary
            """;

    /** The keys and sums of rows, ordered by bytes, so that both sides have the same order. */
    private static final String ROWS = """
            select row(%1$s)::text as key, md5(row(%2$s)::text) as sum from only %3$s
            order by row(%1$s)::text collate "C"
            """;

    /**
     * Compares all tables; returns those with differences and those that cannot be compared. Reads each side once, in
     * one snapshot.
     */
    static List<RowsSinceBackup> of(TargetDatabase liveTarget, TargetDatabase restoredTarget) throws SQLException {
        List<RowsSinceBackup> all = new ArrayList<>();
        try (Connection live = reading(liveTarget); Connection restored = reading(restoredTarget)) {
            for (String table : Sql.texts(restored, TABLES)) {
                of(table, live, restored).ifPresent(all::add);
            }
        }
        return all;
    }

    private static Connection reading(TargetDatabase target) throws SQLException {
        Connection connection = Backup.connect(target);
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        // The restored database does not have the settings of the live one yet.
        ReadOnlySession.prepare(connection);
        return connection;
    }

    private static Optional<RowsSinceBackup> of(String table, Connection live, Connection restored)
            throws SQLException {
        String key = Sql.text(restored, KEY, table);
        if (key == null || !key.equals(Sql.text(live, KEY, table))) {
            return Optional.of(new RowsSinceBackup(table, 0, 0, 0, false));
        }
        List<String> shared = new ArrayList<>(Sql.texts(restored, COLUMNS, table));
        shared.retainAll(Sql.texts(live, COLUMNS, table));
        String columns = Sql.text(restored, """
                select string_agg(quote_ident(attname), ', ' order by attname) from pg_attribute
                where attrelid = to_regclass(?) and attnum > 0 and not attisdropped
                    and format('%I %s', attname, format_type(atttypid, atttypmod)) = any (?)
                """, table, shared.toArray(String[]::new));
        String rows = ROWS.formatted(key, columns, table);
        try (Statement ofLive = statement(live); Statement ofRestored = statement(restored);
                ResultSet now = ofLive.executeQuery(rows); ResultSet then = ofRestored.executeQuery(rows)) {
            RowsSinceBackup counts = merge(table, now, then);
            return counts.added + counts.deleted + counts.changed == 0 ? Optional.empty() : Optional.of(counts);
        }
    }

    private static Statement statement(Connection connection) throws SQLException {
        Statement statement = connection.createStatement();
        statement.setFetchSize(FETCHED);
        return statement;
    }

    private static RowsSinceBackup merge(String table, ResultSet now, ResultSet then) throws SQLException {
        long added = 0;
        long deleted = 0;
        long changed = 0;
        boolean isNow = now.next();
        boolean isThen = then.next();
        while (isNow || isThen) {
            int order = !isThen ? -1 : !isNow ? 1 : compare(now.getString(1), then.getString(1));
            added += order < 0 ? 1 : 0;
            deleted += order > 0 ? 1 : 0;
            changed += order == 0 && !now.getString(2).equals(then.getString(2)) ? 1 : 0;
            isNow = order <= 0 ? now.next() : isNow;
            isThen = order >= 0 ? then.next() : isThen;
        }
        return new RowsSinceBackup(table, added, deleted, changed, true);
    }

    /** Compares by code point, as the server orders the bytes of UTF-8. */
    private static int compare(String one, String other) {
        int[] left = one.codePoints().toArray();
        int[] right = other.codePoints().toArray();
        return Arrays.compare(left, right);
    }
}
