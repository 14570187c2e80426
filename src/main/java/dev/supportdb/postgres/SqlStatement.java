package dev.supportdb.postgres;

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
 * @param text the SQL without comments, in lower case except quoted text
 * @param bare the text with empty quotes, in the same length
 */
public record SqlStatement(String text, String bare) {

    /**
     * One action of an {@code alter table}, which may have several.
     *
     * @param table   the name of the table
     * @param written the same as written, with its schema and quotes
     */
    public record Action(String table, String written, String text, String bare) {

        public Optional<Matcher> matches(Pattern pattern) {
            return found(pattern, bare);
        }
    }

    /**
     * A named object.
     *
     * @param kind the SQL name of its kind: a table, a materialized view
     */
    public record Made(String kind, String name) {
    }

    /**
     * An object in a list.
     *
     * @param written its name as written, with its schema and quotes
     */
    public record Named(String name, String written) {
    }

    /** A pattern for a name; in quotes, with any letters. */
    public static final String NAME =
            "(?:(?:\"[^\"]+\"|\\w+)\\s*\\.\\s*)?\"?((?<=\")[^\"]+(?=\")|(?<!\")\\w+)\"?";

    /** The body of a function whose semicolons do not end the statement. */
    private static final Pattern ATOMIC_BODY =
            Pattern.compile("(?is)\\bbegin\\s+atomic\\b.*?(?:;\\s*end\\b\\s*(?=;|\\z)|\\z)");

    private static final Pattern ALTER_TABLE = pattern(
            "alter (materialized view|table) (if exists )?(only )?(" + NAME + ") ");

    private static final Pattern CREATE_TABLE = pattern(
            "create (unlogged |temp |temporary )?(table|materialized view) (if not exists )?" + NAME);

    private static final Pattern COLUMNS = pattern(
            "create (?:(?:unlogged|temp|temporary) )?table (?:if not exists )?(" + NAME + ")\\s*\\(");
    private static final Pattern LISTED = Pattern.compile("\\s*(?:only\\s+)?(" + NAME + ")");

    private static final Pattern CREATE = pattern("create (?:(?:or replace|unlogged|temp|temporary|recursive|unique"
            + "|constraint) )*(table|materialized view|event trigger|foreign table|(?!temp|unique|or )\\w+) "
            + "(?:concurrently )?(?:if not exists )?" + NAME);

    /** Compiles a regular expression in which a space matches any white space; it must match from the beginning. */
    public static Pattern pattern(String regex) {
        return Pattern.compile(regex.replace(" ", "\\s+"), Pattern.DOTALL);
    }

    /** Returns the statements of a text, including those in {@code do} blocks. */
    public static List<SqlStatement> of(String sql) {
        String bare = withNames(sql, SqlLexer.bare(sql).toLowerCase(Locale.ROOT));
        String text = withoutComments(sql, bare);
        String ends = withoutInnerEnds(bare);
        List<SqlStatement> statements = new ArrayList<>();
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

    /** Blanks the semicolons in the body of a function, complete or not, because they do not end the statement. */
    static String withoutInnerEnds(String bare) {
        return ATOMIC_BODY.matcher(bare).replaceAll(body -> body.group().replace(';', ' '));
    }

    private static void add(String text, String bare, List<SqlStatement> statements) {
        SqlStatement statement = new SqlStatement(text, bare);
        statements.add(statement);
        PlPgSqlBody.statements(statement).forEach(statements::add);
    }

    /** Restores names in double quotes, so that patterns find them like unquoted names. */
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

    SqlStatement part(int from, int to) {
        return new SqlStatement(text.substring(from, to), bare.substring(from, to));
    }

    /** Returns the match at the beginning of the statement, if it has this form. */
    public Optional<Matcher> matches(Pattern pattern) {
        return found(pattern, bare);
    }

    private static Optional<Matcher> found(Pattern pattern, String bare) {
        Matcher matcher = pattern.matcher(bare);
        return matcher.lookingAt() ? Optional.of(matcher) : Optional.empty();
    }

    public boolean has(String words) {
        return pattern(".*\\b" + words + "\\b").matcher(bare).lookingAt();
    }

    /** Returns the object that the statement creates, of any kind. */
    public Optional<Made> makes() {
        return matches(CREATE).map(found -> new Made(found.group(1).replaceAll("\\s+", " "), found.group(2)));
    }

    /** Returns the table or materialized view that the statement creates. */
    public Optional<String> creates() {
        return matches(CREATE_TABLE).map(found -> found.group(4));
    }

    /** Returns the actions of an {@code alter table}, in order. */
    public Stream<Action> actions() {
        return matches(ALTER_TABLE).stream()
                .flatMap(found -> actions(found.group(5), found.group(4), found.end()).stream());
    }

    /** Returns the columns and constraints of a {@code create table}. */
    public Stream<Action> parts() {
        return matches(COLUMNS).stream()
                .flatMap(found -> actions(found.group(2), found.group(1), found.end()).stream());
    }

    private List<Action> actions(String table, String written, int begin) {
        List<Action> actions = new ArrayList<>();
        int from = begin;
        for (int comma : commas(bare.substring(begin))) {
            String action = bare.substring(from, begin + comma);
            int start = from + action.length() - action.stripLeading().length();
            actions.add(new Action(table, written, text.substring(start, begin + comma),
                    bare.substring(start, begin + comma)));
            from = begin + comma + 1;
        }
        return actions;
    }

    /** The ends of the items of a list: a comma outside parentheses, or the end of the list. */
    private static List<Integer> commas(String list) {
        List<Integer> commas = new ArrayList<>();
        int depth = 0;
        for (int i = 0; i < list.length(); i++) {
            char c = list.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c == ',' && depth == 0) {
                commas.add(i);
            }
        }
        commas.add(list.length());
        return commas;
    }

    /** Returns the names in a list, each of which may have a schema and arguments. */
    public static Stream<String> names(String list) {
        return named(list).map(Named::name);
    }

    /** Returns the objects in a list, each of which may have arguments. */
    public static Stream<Named> named(String list) {
        List<Named> names = new ArrayList<>();
        int from = 0;
        for (int comma : commas(list)) {
            found(LISTED, list.substring(from, comma))
                    .ifPresent(name -> names.add(new Named(name.group(2), name.group(1))));
            from = comma + 1;
        }
        return names.stream();
    }
}
