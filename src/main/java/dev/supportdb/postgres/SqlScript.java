package dev.supportdb.postgres;

import java.io.BufferedReader;
import java.io.IOException;
import java.sql.SQLException;
import java.util.regex.Pattern;

/**
 * Reads a psql script statement by statement, so that it can run without psql: the output of {@code pg_dump} and of
 * migration tools. Skips psql's own commands, lines that begin with a backslash.
 */
public final class SqlScript {

    private static final Pattern COPY = Pattern.compile("(?is)\\s*copy\\s.*\\sfrom\\s+stdin\\b.*");
    private static final String END_OF_ROWS = "\\.";

    /** The rows below a {@code copy … from stdin}. */
    public interface Rows {

        /** Returns the next statement as written; null after the last. */
        String next() throws IOException;
    }

    /** Receives the statements in their order, without the semicolon, with the comments above them. */
    public interface Handler {

        void statement(String sql) throws SQLException, IOException;

        void copy(String sql, Rows rows) throws SQLException, IOException;
    }

    private SqlScript() {
    }

    /** Reads the script to its end. Text after the last semicolon is a statement as well, unless it is a comment. */
    public static void read(BufferedReader script, Handler handler) throws IOException, SQLException {
        StringBuilder open = new StringBuilder();
        for (String line = script.readLine(); line != null; line = script.readLine()) {
            if (line.startsWith("\\") && SqlLexer.bare(open.toString()).isBlank()) {
                continue;
            }
            open.append(line).append('\n');
            if (line.indexOf(';') >= 0) {
                handOver(open, script, handler);
            }
        }
        if (!SqlLexer.bare(open.toString()).isBlank()) {
            handler.statement(open.toString().strip());
        }
    }

    private static void handOver(StringBuilder open, BufferedReader script, Handler handler)
            throws IOException, SQLException {
        String text = open.toString();
        String ends = SqlStatement.withoutInnerEnds(SqlLexer.bare(text));
        int from = 0;
        for (int end = ends.indexOf(';'); end >= 0; end = ends.indexOf(';', from)) {
            String sql = text.substring(from, end).strip();
            if (COPY.matcher(ends.substring(from, end)).matches()) {
                handler.copy(sql, () -> row(script));
            } else if (!ends.substring(from, end).isBlank()) {
                handler.statement(sql);
            }
            from = end + 1;
        }
        open.delete(0, from);
    }

    private static String row(BufferedReader script) throws IOException {
        String line = script.readLine();
        return END_OF_ROWS.equals(line) ? null : line;
    }
}
