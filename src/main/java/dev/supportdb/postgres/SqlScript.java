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

    /** The rows below a {@code copy … from stdin}. Those that nobody takes are skipped. */
    public static final class Rows {

        private final BufferedReader script;
        private boolean ended;

        private Rows(BufferedReader script) {
            this.script = script;
        }

        /** Returns the next row as written; null after the last, however often it is called. */
        public String next() throws IOException {
            String line = ended ? null : script.readLine();
            ended = line == null || line.equals(END_OF_ROWS);
            return ended ? null : line;
        }

        private void skip() throws IOException {
            while (!ended) {
                next();
            }
        }
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
                Rows rows = new Rows(script);
                handler.copy(sql, rows);
                rows.skip();
            } else if (!ends.substring(from, end).isBlank()) {
                handler.statement(sql);
            }
            from = end + 1;
        }
        open.delete(0, from);
    }
}
