package dev.supportdb.verify;

import dev.supportdb.postgres.Sql;
import dev.supportdb.postgres.SqlLiteral;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The position of every sequence of a database. A rollback does not restore them; to assign the same keys again, they
 * must be set.
 *
 * @param positions the positions by qualified name
 */
public record SequencePositions(Map<String, Position> positions) {

    /** Selects the sequences, except those of extensions. */
    private static final String NAMES = """
            select format('%I.%I', nspname, relname) from pg_class c join pg_namespace n on n.oid = relnamespace
            where relkind = 'S' and nspname !~ '^pg_' and not exists (
                select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
            order by 1
            """;

    /** The sequences that one statement reads: a check reads them all a thousand times. */
    private static final int AT_ONCE = 100;

    /**
     * The arguments of setval.
     *
     * @param isCalled whether the number has been drawn; if not, it is the next one
     */
    public record Position(long number, boolean isCalled) {

        @Override
        public String toString() {
            return number + ", " + isCalled;
        }
    }

    public static SequencePositions of(Connection connection) throws SQLException {
        List<String> selects = Sql.texts(connection, NAMES).stream()
                .map(name -> "select %s, last_value, is_called from %s".formatted(SqlLiteral.of(name), name)).toList();
        Map<String, Position> positions = new LinkedHashMap<>();
        for (int from = 0; from < selects.size(); from += AT_ONCE) {
            Sql.rows(connection, String.join(" union all ",
                    selects.subList(from, Math.min(from + AT_ONCE, selects.size()))),
                    row -> positions.put(row.getString(1), new Position(row.getLong(2), row.getBoolean(3))));
        }
        return new SequencePositions(positions);
    }

    /** Sets the sequences that still exist back to their positions. */
    void restore(Connection connection) throws SQLException {
        List<String> names = Sql.texts(connection, NAMES).stream().filter(positions::containsKey).toList();
        List<Position> before = names.stream().map(positions::get).toList();
        Sql.texts(connection, "select setval(name::regclass, number, is_called) "
                + "from unnest(?::text[], ?::bigint[], ?::boolean[]) p (name, number, is_called)",
                connection.createArrayOf("text", names.toArray()),
                connection.createArrayOf("bigint", before.stream().map(Position::number).toArray()),
                connection.createArrayOf("boolean", before.stream().map(Position::isCalled).toArray()));
    }
}
