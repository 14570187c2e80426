package dev.supportdb.changelog.lint;

import dev.supportdb.backfill.SqlText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One SQL statement.
 *
 * @param text without comments, in lower case but for what is quoted
 * @param bare the same with nothing in its quotes, as long as the text
 */
record Statement(String text, String bare) {

    /** One part of an {@code alter table}, of which there may be several. */
    record Action(String table, String text, String bare) {

        Optional<Matcher> matches(Pattern pattern) {
            return found(pattern, bare);
        }
    }

    /** Where a name stands in a pattern. */
    static final String NAME = "(?:\"?\\w+\"?\\.)?\"?(\\w+)\"?";

    /** It ends no statement of its own. */
    private static final Pattern ATOMIC_BODY =
            Pattern.compile("\\bbegin\\s+atomic\\b.*?;\\s*end\\b\\s*(?=;|\\z)", Pattern.DOTALL);

    private static final Pattern DO = Pattern.compile(
            "do\\s.*?\\$(\\w*)\\$(.*)\\$\\1\\$.*", Pattern.DOTALL | Pattern.CASE_INSENSITIVE);

    /** What stands before a statement in a block. */
    private static final Pattern BLOCK = pattern("(declare .*?\\bbegin|begin|(els)?if .*?\\bthen|else|exception "
            + "when .*?\\bthen|(for|while) .*?\\bloop|loop) ");

    private static final Pattern ALTER_TABLE = pattern(
            "alter (materialized view|table) (if exists )?(only )?" + NAME + " ");

    private static final Pattern CREATE_TABLE = pattern(
            "create (unlogged |temp |temporary )?(table|materialized view) (if not exists )?" + NAME);

    /** A regular expression in which a space is any white space; it has to match from the beginning. */
    static Pattern pattern(String regex) {
        return Pattern.compile(regex.replace(" ", "\\s+"), Pattern.DOTALL);
    }

    /** The statements of a text, those in a {@code do} block among them. */
    static List<Statement> of(String sql) {
        String bare = withNames(sql, SqlText.bare(sql)).toLowerCase(Locale.ROOT);
        String text = withoutComments(sql, bare);
        String ends = ATOMIC_BODY.matcher(bare).replaceAll(body -> body.group().replace(';', ' '));
        List<Statement> statements = new ArrayList<>();
        int from = 0;
        while (from < ends.length()) {
            int end = ends.indexOf(';', from);
            int to = end < 0 ? ends.length() : end;
            while (from < to && Character.isWhitespace(bare.charAt(from))) {
                from++;
            }
            if (from < to) {
                add(text.substring(from, to), bare.substring(from, to), statements);
            }
            from = to + 1;
        }
        return statements;
    }

    private static void add(String text, String bare, List<Statement> statements) {
        statements.add(new Statement(text, bare));
        Matcher block = DO.matcher(text);
        if (block.matches()) {
            of(block.group(2)).forEach(inner -> statements.add(inner.afterKeywords()));
        }
    }

    /** In double quotes stands a name, which is looked for as one without. */
    private static String withNames(String sql, String bare) {
        StringBuilder names = new StringBuilder(bare);
        for (int i = 0; i < sql.length(); i++) {
            boolean begins = sql.charAt(i) == '"' && bare.charAt(i) == '\'' && (i == 0 || bare.charAt(i - 1) != '\'');
            int end = begins ? sql.indexOf('"', i + 1) : -1;
            if (end > 0) {
                names.replace(i, end + 1, sql.substring(i, end + 1));
                i = end;
            }
        }
        return names.toString();
    }

    private static String withoutComments(String sql, String bare) {
        StringBuilder text = new StringBuilder(sql);
        for (int i = 0; i < bare.length(); i++) {
            char c = bare.charAt(i);
            if (c != '\'') {
                text.setCharAt(i, Character.isWhitespace(c) ? ' ' : c);
            }
        }
        return text.toString();
    }

    private Statement afterKeywords() {
        Matcher keyword = BLOCK.matcher(bare);
        return keyword.lookingAt()
                ? new Statement(text.substring(keyword.end()), bare.substring(keyword.end())).afterKeywords() : this;
    }

    /** What it begins with, when that is of this form. */
    Optional<Matcher> matches(Pattern pattern) {
        return found(pattern, bare);
    }

    private static Optional<Matcher> found(Pattern pattern, String bare) {
        Matcher matcher = pattern.matcher(bare);
        return matcher.lookingAt() ? Optional.of(matcher) : Optional.empty();
    }

    boolean has(String words) {
        return pattern(".*\\b" + words + "\\b").matcher(bare).lookingAt();
    }

    /** The table or materialised view that it makes. */
    Optional<String> creates() {
        return matches(CREATE_TABLE).map(found -> found.group(4));
    }

    /** What an {@code alter table} does, one after the other. */
    Stream<Action> actions() {
        return matches(ALTER_TABLE).stream().flatMap(found -> actions(found.group(4), found.end()).stream());
    }

    private List<Action> actions(String table, int begin) {
        List<Action> actions = new ArrayList<>();
        int depth = 0;
        int from = begin;
        for (int i = begin; i <= bare.length(); i++) {
            char c = i == bare.length() ? ',' : bare.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c == ',' && (depth == 0 || i == bare.length())) {
                String action = bare.substring(from, i);
                int start = from + action.length() - action.stripLeading().length();
                actions.add(new Action(table, text.substring(start, i), bare.substring(start, i)));
                from = i + 1;
            }
        }
        return actions;
    }
}
