package dev.supportdb.verify;

import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where every sequence of a database stands. A rollback cannot give back the numbers that were drawn; who wants to see
 * the same keys drawn again has to.
 *
 * @param positions by qualified name, as arguments of setval
 */
record SequencePositions(Map<String, String> positions) {

    private static final String NAMES = "select format('%I.%I', schemaname, sequencename) from pg_sequences";

    static SequencePositions of(Connection connection) throws SQLException {
        Map<String, String> positions = new LinkedHashMap<>();
        for (String name : Sql.texts(connection, NAMES)) {
            positions.put(name, Sql.row(connection, "select last_value, is_called from " + name,
                    row -> row.getLong(1) + ", " + row.getBoolean(2)));
        }
        return new SequencePositions(positions);
    }

    /** Puts those that are still there back to where they stood. */
    void restore(Connection connection) throws SQLException {
        for (String name : Sql.texts(connection, NAMES)) {
            if (positions.containsKey(name)) {
                Sql.number(connection, "select setval(?::regclass, %s)".formatted(positions.get(name)), name);
            }
        }
    }
}
