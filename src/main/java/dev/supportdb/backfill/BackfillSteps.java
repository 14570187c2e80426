package dev.supportdb.backfill;

import dev.supportdb.postgres.SqlLexer;
import java.util.regex.Pattern;

/**
 * One direction of a backfill: the statement for each batch of rows, and the SQL before and after all batches. Every
 * part may be null, but a statement needs its {@code pending}. Each may end in a semicolon or a comment, which are
 * dropped.
 *
 * @param prepare   SQL statements run in one short transaction before the first batch; safe to run again
 * @param pending   which rows there is something to do for, a predicate over the table's own columns that the statement
 *                  makes false; those rows are locked, in key order, before {@code statement} looks at anything
 * @param statement one SQL statement over the rows of a batch, {@code id = any(:keys)}; it runs in the transaction that
 *                  holds their locks, with a snapshot taken after they were granted
 * @param finish    SQL statements run in one short transaction after the last batch; safe to run again
 */
public record BackfillSteps(String prepare, String pending, String statement, String finish) {

    public static final BackfillSteps NONE = new BackfillSteps(null, null, null, null);

    private static final Pattern OPERATOR = Pattern.compile("\\?");

    public BackfillSteps {
        prepare = withoutEnd(prepare);
        pending = withoutEnd(pending);
        statement = withoutEnd(statement);
        finish = withoutEnd(finish);
    }

    /** Returns these steps for prepared statements, where a single question mark is a parameter. */
    public BackfillSteps prepared() {
        return new BackfillSteps(prepare, escaped(pending), escaped(statement), finish);
    }

    private static String withoutEnd(String sql) {
        return sql == null ? null : SqlLexer.withoutEnd(sql);
    }

    private static String escaped(String sql) {
        return sql == null ? null : SqlLexer.replace(sql, OPERATOR, "??");
    }
}
