package dev.supportdb.postgres;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.core.Parser;

/**
 * Analyzes SQL without its quoted text, of any kind, and its comments. The driver decides what is quoted, because it
 * uses the same rules to find parameters.
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

    /** Returns the SQL without a semicolon or comment at its end, so that more can be appended. */
    public static String withoutEnd(String sql) {
        return sql.substring(0, END.matcher(bare(sql)).replaceFirst("").length());
    }

    /** Returns the SQL from its first word on, without the comments and the white space above. */
    public static String fromFirstWord(String sql) {
        return sql.substring(sql.length() - bare(sql).stripLeading().length());
    }

    /** Returns the SQL with quoted text replaced by quotes and comments by white space, in the same length. */
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
