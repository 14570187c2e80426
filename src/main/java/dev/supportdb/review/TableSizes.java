package dev.supportdb.review;

import dev.supportdb.postgres.Sql;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The number of rows in the tables of a database.
 *
 * @param rows by qualified name, as {@code %I.%I} of PostgreSQL's format has it
 * @param from their source, as a part of a sentence
 */
public record TableSizes(Map<String, Long> rows, String from) {

    private static final String HEADER = "name,rows";

    /** Reads sizes from the catalogue only. Leaves out partitioned tables, whose rows belong to their partitions. */
    private static final String SELECT = """
            select format('%I.%I', n.nspname, c.relname) as name, c.reltuples::bigint as rows
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind = 'r' and c.reltuples >= 0 and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
            order by 1
            """;

    /** The query for psql, on a database that only others may connect to: it writes the input of {@link #read}. */
    public static final String QUERY = "copy (\n" + SELECT.stripTrailing().indent(4)
            + ") to stdout with (format csv, header);";

    public TableSizes {
        rows = Map.copyOf(rows);
    }

    /** Returns the sizes from the server's statistics, without tables that were never analyzed. */
    public static TableSizes of(Connection connection) throws SQLException {
        return new TableSizes(rows(connection), "by its statistics");
    }

    private static Map<String, Long> rows(Connection connection) throws SQLException {
        Map<String, Long> rows = new TreeMap<>();
        Sql.rows(connection, SELECT, row -> rows.put(row.getString("name"), row.getLong("rows")));
        return rows;
    }

    /**
     * Reads the output of {@link #QUERY}.
     *
     * @throws IllegalArgumentException naming the line that is wrong
     */
    public static TableSizes read(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        if (lines.isEmpty() || !lines.get(0).strip().equals(HEADER)) {
            throw wrong(file, 1, "the header " + HEADER);
        }
        Map<String, Long> rows = new TreeMap<>();
        for (int i = 1; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            int comma = line.lastIndexOf(',');
            if (comma < 1 || !line.substring(comma + 1).matches("\\d{1,18}")) {
                throw wrong(file, i + 1, "a table and its number of rows");
            }
            String name = line.substring(0, comma);
            rows.put(name.startsWith("\"") ? name.substring(1, name.length() - 1).replace("\"\"", "\"") : name,
                    Long.parseLong(line.substring(comma + 1)));
        }
        return new TableSizes(rows, "by " + file);
    }

    private static IllegalArgumentException wrong(Path file, int line, String expected) {
        return new IllegalArgumentException("%s has something else in line %d than %s".formatted(file, line, expected));
    }
}
