package dev.supportdb.changelog;

import static java.util.stream.Collectors.joining;

import java.util.List;

/** The YAML of changes that are safe on a table in use, to be pasted; a person fills in {@code <…>}. */
public final class SafeChange {

    private SafeChange() {
    }

    /** Writes each statement as a change of its own, on one line. */
    public static String sql(List<String> statements) {
        return statements.stream().map(statement -> YamlText.sql(statement.strip().replaceAll("\\s+", " ")) + "\n")
                .collect(joining());
    }

    /** Returns the keys of a changeset whose statements commit one by one. */
    public static String outsideTransaction(List<String> statements) {
        return "runInTransaction: false\nchanges:\n" + sql(statements).indent(2);
    }

    /**
     * Adds a column without rewriting the rows.
     *
     * @param table  as in SQL, with its schema and quotes if it needs them
     * @param column as in SQL
     */
    public static String addColumn(String table, String column, String type) {
        return added("the default in the next changeset, for new rows; then a backfill for the others", table, column,
                type);
    }

    /** Adds a column of another type beside the old one; the names are as for {@link #addColumn}. */
    public static String replaceColumn(String table, String column, String type) {
        return added("kept equal by a trigger, filled by a backfill; gets the name in the phase contract", table,
                replacing(column), type);
    }

    /** Returns the name of the column that replaces another one, which may be quoted. */
    public static String replacing(String column) {
        return column.endsWith("\"") ? column.substring(0, column.length() - 1) + "_new\"" : column + "_new";
    }

    /** Names with quotes or a schema are only understood in SQL. */
    private static String added(String next, String table, String column, String type) {
        return (table + column).contains("\"") || table.contains(".") ? "# " + next + "\n" + sql(List.of(
                "alter table %s add column %s %s".formatted(table, column, type),
                "comment on column %s.%s is '<what its values mean>'".formatted(table, column))) : """
                - addColumn:   # %s
                    tableName: %s
                    columns:
                      - column: {name: %s, type: "%s", remarks: <what its values mean>}
                """.formatted(next, table, column, type);
    }
}
