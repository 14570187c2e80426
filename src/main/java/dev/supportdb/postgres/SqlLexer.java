package dev.supportdb.postgres;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.core.Parser;

/**
 * SQL that somebody has written, taken for what it says: what stands in quotes, of whatever kind, or in a comment is
 * left alone. Which that is the driver decides, for it goes by the same when it looks for the places of values.
 */
public final class SqlLexer {

    private static final Pattern END = Pattern.compile("[\\s;]*\\z");

    private SqlLexer() {
    }

    public static String replace(String sql, Pattern what, String by) {
        StringBuilder text = new StringBuilder();
        Matcher found = what.matcher(bare(sql));
        int from = 0;
        while (found.find()) {
            text.append(sql, from, found.start()).append(by);
            from = found.end();
        }
        return text.append(sql, from, sql.length()).toString();
    }

    public static int count(String sql, Pattern what) {
        return (int) what.matcher(bare(sql)).results().count();
    }

    /** The number of statements, separated by semicolons. */
    public static int statements(String sql) {
        return (int) Arrays.stream(bare(sql).split(";")).filter(statement -> !statement.isBlank()).count();
    }

    /** Without a semicolon or a comment at its end, so that something can be put behind it. */
    public static String withoutEnd(String sql) {
        return sql.substring(0, END.matcher(bare(sql)).replaceFirst("").length());
    }

    /** The SQL with quotes in place of all that is quoted and white space in place of comments; as long. */
    public static String bare(String sql) {
        char[] written = sql.toCharArray();
        char[] bare = written.clone();
        int next;
        for (int at = 0; at < written.length; at = next) {
            next = Math.min(last(written, at) + 1, written.length);
            if (next > at + 1) {
                boolean comment = written[at] == '-' || written[at] == '/';
                for (int i = at; i < next; i++) {
                    bare[i] = !comment ? '\'' : written[i] == '\n' ? '\n' : ' ';
                }
            }
        }
        return new String(bare);
    }

    /** The last index of the quoted part or comment that starts at this index; the index itself if none starts here. */
    private static int last(char[] sql, int at) {
        return switch (sql[at]) {
            case '\'' -> Parser.parseSingleQuotes(sql, at, true);
            case '"' -> Parser.parseDoubleQuotes(sql, at);
            case '$' -> Parser.parseDollarQuotes(sql, at);
            case '-' -> Parser.parseLineComment(sql, at);
            case '/' -> Parser.parseBlockComment(sql, at);
            default -> at;
        };
    }
}
