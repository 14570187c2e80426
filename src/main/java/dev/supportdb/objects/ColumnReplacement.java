package dev.supportdb.objects;

import dev.supportdb.objects.SchemaEdit.Verb;
import dev.supportdb.postgres.SqlLiteral;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A change of a column's type that carries over the objects that others have attached to the column, as far as the
 * catalogue can.
 *
 * @param newColumn takes the place of the column, in one instant: its name and what is on it; null if the type is
 *                  altered in place
 * @param oldColumn the new name of the replaced column; null if it is dropped
 * @param newType   the type afterwards
 */
public record ColumnReplacement(String table, String column, String newColumn, String oldColumn, String newType) {

    private static final Pattern WRITTEN = Pattern.compile("(\\w+)\\.(\\w+)\\s+(?:by\\s+(\\w+)\\s+)?to\\s+(\\S.*)");

    /**
     * Parses {@code orders.note to text}, which alters the type in place, or {@code orders.note by note_new to text},
     * which drops the column; throws {@link IllegalArgumentException} for anything else.
     */
    public static ColumnReplacement parse(String written) {
        Matcher parts = WRITTEN.matcher(written.strip());
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "'%s' cannot be read: write 'orders.note to text' or 'orders.note by note_new to text'"
                            .formatted(written));
        }
        return new ColumnReplacement(parts.group(1), parts.group(2), parts.group(3), null, parts.group(4));
    }

    /** Returns the SQL: one statement, which locks the table for an instant. */
    public String sql() {
        return Resource.REPLACE_COLUMN
                .replace("%dependants%", Resource.dependants(isInPlace() ? "array['retype']" : "array['replace']",
                        "array['column']", "array[(select relname from pg_class where oid = _table)]", "array[_column]",
                        "_schemas"))
                .replace("%carried%", Dependant.CARRIED_AT_ONCE.stream().sorted().map(SqlLiteral::of)
                        .collect(Collectors.joining(", ")))
                .replace("%name(p.name,_new)%", TwinName.sql("p.name", "_column", "_new"))
                .replace("%name(p.name,_old)%", TwinName.sql("p.name", "_column", "_old"))
                .replace("%table%", SqlLiteral.of(table))
                .replace("%column%", SqlLiteral.of(column))
                .replace("%new%", literal(newColumn))
                .replace("%old%", literal(oldColumn))
                .replace("%type%", SqlLiteral.of(newType)).strip();
    }

    private static String literal(String name) {
        return name == null ? "null" : SqlLiteral.of(name);
    }

    private boolean isInPlace() {
        return newColumn == null;
    }

    /** The edits to objects, by their names. */
    public Stream<SchemaEdit> edits() {
        ObjectName replaced = ObjectName.column(table, column);
        return isInPlace() ? Stream.of(new SchemaEdit(Verb.RETYPE, replaced, null, newType, null))
                : Stream.of(new SchemaEdit(Verb.REPLACE, replaced, oldColumn, newType, newColumn),
                        new SchemaEdit(Verb.RENAME, ObjectName.column(table, newColumn), column));
    }
}
