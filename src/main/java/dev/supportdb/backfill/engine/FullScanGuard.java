package dev.supportdb.backfill.engine;

import dev.supportdb.backfill.BackfillPlan;
import dev.supportdb.backfill.BackfillSteps;
import dev.supportdb.postgres.Sql;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collections;

/** Checks before the first batch how the server would plan it. */
final class FullScanGuard {

    private static final int SAMPLE = 500;

    /** The size in pages of 8 kB below which a full scan for each batch costs no more than an index lookup. */
    private static final int SMALL = 1_000;

    /** The size in pages below which a full scan for each row is acceptable. */
    private static final int SMALLEST = 10;

    private final Connection connection;
    private final BackfillPlan plan;
    private final BackfillSteps pass;

    FullScanGuard(Connection connection, BackfillPlan plan, BackfillSteps pass) {
        this.connection = connection;
        this.plan = plan;
        this.pass = pass;
    }

    /**
     * Throws if every batch would scan a large table, or an index of one, as a whole: such a backfill never ends.
     * Called in a transaction with the settings of a batch.
     */
    void refuseWholeTables() throws SQLException {
        Array keys = sample();
        if (keys != null) {
            refuse("select id from %s where id = any(?) and (%s) order by id for no key update"
                    .formatted(plan.table(), pass.pending()), keys, 1);
            refuse(BackfillPlan.bounded(pass.statement(), "?"), keys, BackfillPlan.places(pass.statement()));
        }
    }

    private Array sample() throws SQLException {
        return Sql.row(connection, """
                select array_agg(id::bigint) from (select id from %s order by id limit %d) sample
                """.formatted(plan.table(), SAMPLE), row -> row.getArray(1));
    }

    private void refuse(String sql, Array keys, int places) throws SQLException {
        String whole = wholeTable(Sql.text(connection, "explain (format json) " + sql,
                Collections.nCopies(places, keys).toArray()));
        if (whole != null) {
            throw new SQLException("every batch would read all of %s. In the statement, limit each table by the keys, "
                    .formatted(whole) + "= any(:keys), and create an index for that condition");
        }
    }

    private String wholeTable(String json) throws SQLException {
        return Sql.optionalRow(connection, """
                with recursive nodes (node, each_row) as (
                    select ?::jsonb -> 0 -> 'Plan', false
                    union all
                    select child, each_row or child ->> 'Parent Relationship' = 'SubPlan'
                        or child ->> 'Parent Relationship' = 'Inner' and node ->> 'Node Type' = 'Nested Loop'
                    from nodes cross join jsonb_array_elements(node -> 'Plans') child)
                select format('%s (%s)', c.relname, pg_size_pretty(pg_table_size(c.oid)))
                from nodes
                join pg_class c on c.oid = to_regclass(quote_ident(node ->> 'Relation Name'))
                    or c.oid = (select indrelid from pg_index
                                where indexrelid = to_regclass(quote_ident(node ->> 'Index Name')))
                where node ->> 'Node Type' in ('Seq Scan', 'Index Scan', 'Index Only Scan', 'Bitmap Index Scan')
                    and not node ?? 'Index Cond'
                    and pg_relation_size(c.oid) > case when each_row then ? else ? end * 8192
                limit 1
                """, row -> row.getString(1), json, SMALLEST, SMALL).orElse(null);
    }
}
