package dev.supportdb.verify;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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
        try (Statement statement = connection.createStatement()) {
            for (String name : names(statement)) {
                try (ResultSet row = statement.executeQuery("select last_value, is_called from " + name)) {
                    row.next();
                    positions.put(name, row.getLong(1) + ", " + row.getBoolean(2));
                }
            }
        }
        return new SequencePositions(positions);
    }

    /** Puts those that are still there back to where they stood. */
    void restore(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String name : names(statement)) {
                if (positions.containsKey(name)) {
                    statement.execute("select setval('%s', %s)"
                            .formatted(name.replace("'", "''"), positions.get(name)));
                }
            }
        }
    }

    private static List<String> names(Statement statement) throws SQLException {
        List<String> names = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery(NAMES)) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }
}
