package dev.supportdb.backfill;

import dev.supportdb.postgres.SqlLexer;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import liquibase.database.core.PostgresDatabase;

/**
 * The SQL of a backfill and nothing else, so that a run and a script for review use the same plan.
 *
 * @param name        the key of its row in the table {@code backfills}
 * @param table       the table it walks, by its integer primary key {@code id}; its name is one that needs no quotes
 * @param fill        forward
 * @param undo        backward, over the keys the fill has seen
 * @param undoNewRows whether the undo also reaches the rows made since the fill: all there are when it begins
 */
public record BackfillPlan(String name, String table, BackfillSteps fill, BackfillSteps undo, boolean undoNewRows) {

    private static final Pattern IDENTIFIER = Pattern.compile("[a-z_][a-z0-9_]*");
    private static final Pattern KEYS = Pattern.compile("(?<!:):keys\\b");

    public BackfillPlan {
        Objects.requireNonNull(fill);
        Objects.requireNonNull(undo);
    }

    /** A plan that does nothing yet. */
    public static BackfillPlan of(String name, String table) {
        return new BackfillPlan(name, table, BackfillSteps.NONE, BackfillSteps.NONE, false);
    }

    /** Fills the rows that match {@code pending}; see {@link BackfillSteps}. */
    public BackfillPlan fill(String pending, String statement) {
        return new BackfillPlan(name, table, new BackfillSteps(null, pending, statement, null), undo, undoNewRows);
    }

    /** Undoes the rows that match {@code filled}; see {@link BackfillSteps}. */
    public BackfillPlan undo(String filled, String statement) {
        return new BackfillPlan(name, table, fill, new BackfillSteps(null, filled, statement, null), undoNewRows);
    }

    /**
     * Returns whether the undo reaches every row that exists when it begins. A fill without a statement has seen no
     * keys.
     */
    public boolean undoReachesAll() {
        return undoNewRows || fill.statement() == null;
    }

    /** The mistakes in the plan, one sentence each; empty when there is none. */
    List<String> errors() {
        return Stream.of(
                        wrongIdentifier("name", name),
                        wrongIdentifier("table", table),
                        reserved(table),
                        withoutRows("fill", "pending", fill),
                        withoutRows("undo", "filled", undo),
                        wrongPredicate("pending", fill.pending()),
                        wrongPredicate("filled", undo.pending()),
                        wrongStatement("fill", fill.statement()),
                        wrongStatement("undo", undo.statement()))
                .filter(Objects::nonNull)
                .toList();
    }

    private static String wrongIdentifier(String param, String value) {
        if (value == null) {
            return "a backfill needs the parameter '" + param + "'";
        }
        return IDENTIFIER.matcher(value).matches() ? null
                : "'" + param + "' of a backfill must be a plain lower-case identifier, not '" + value + "'";
    }

    private static String reserved(String table) {
        return table == null || !new PostgresDatabase().isReservedWord(table) ? null
                : "'table' of a backfill must be a name without quotes, and '" + table + "' is a reserved word";
    }

    private static String withoutRows(String param, String rows, BackfillSteps pass) {
        return pass.statement() == null || pass.pending() != null ? null
                : "'" + param + "' needs '" + rows + "': a predicate for the rows to change, which it makes false";
    }

    private static String wrongPredicate(String param, String predicate) {
        return predicate == null || SqlLexer.statements(predicate) == 1 ? null
                : "'" + param + "' must be one predicate for the rows to change";
    }

    private static String wrongStatement(String param, String statement) {
        if (statement == null) {
            return null;
        }
        int statements = SqlLexer.statements(statement);
        if (statements != 1) {
            return "'" + param + "' must be one statement, and has " + statements
                    + ": combine them by 'with', or write a backfill for each";
        }
        return places(statement) > 0 ? null
                : "'" + param + "' must be limited to the keys of its batch, on every table it reads: id = any(:keys)";
    }

    /** Returns the statement with its keys replaced, for instance by a variable of a script. */
    public static String bounded(String statement, String keys) {
        return SqlLexer.replace(statement, KEYS, keys);
    }

    /** Returns the number of places where the statement names its keys. */
    public static int places(String statement) {
        return SqlLexer.count(statement, KEYS);
    }
}
