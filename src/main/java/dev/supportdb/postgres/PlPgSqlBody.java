package dev.supportdb.postgres;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Finds the statements inside another one: in a {@code do} block, a function, or a text that is executed. */
public final class PlPgSqlBody {

    private static final String DOLLARS = "\\$(\\w*)\\$(.*)\\$\\%d\\$.*";
    private static final Pattern DO = body("do\\s.*?" + DOLLARS.formatted(1));
    private static final Pattern DO_QUOTED = body("do\\s(?:\\s*language\\s+\\w+\\s)?\\s*('(?:[^']|'')*+').*");
    private static final Pattern FUNCTION = body("create\\s.*?" + DOLLARS.formatted(1));
    private static final Pattern ATOMIC = body("create\\s.*?\\bbegin\\s+atomic\\b(.*)\\bend\\b.*");

    /** An EXECUTE of a literal without parameters in its text, so that its statement can be read. */
    private static final Pattern EXECUTED = body(
            "execute\\s+('(?:[^']|'')*+'|\\$(\\w*)\\$(?:(?!\\$\\2\\$).)*\\$\\2\\$)\\s*(?:(?:into|using)\\b.*)?");

    /** The keywords before a statement in a block. */
    private static final Pattern KEYWORD = SqlStatement.pattern("(<<\\s*\\w+\\s*>>\\s*|declare .*?\\bbegin "
            + "|begin (?!atomic)|(els)?if .*?\\bthen |else |(exception )?when .*?\\bthen |case .*?\\bwhen .*?\\bthen "
            + "|for [\\w\\s,.]+?\\bin (?<rows>.*?)\\bloop |(for|foreach|while) .*?\\bloop |loop |return query )");

    private PlPgSqlBody() {
    }

    private static Pattern body(String regex) {
        return Pattern.compile(regex, Pattern.DOTALL | Pattern.CASE_INSENSITIVE);
    }

    /** Returns the statements that a block runs; none if the statement is no block. */
    public static Stream<SqlStatement> statements(SqlStatement statement) {
        Matcher block = DO.matcher(statement.text());
        Matcher quoted = DO_QUOTED.matcher(statement.text());
        return block.matches() ? inside(block.group(2))
                : quoted.matches() ? inside(unquoted(quoted.group(1))) : Stream.empty();
    }

    /** Returns the statements of a function or procedure that the statement creates. */
    public static List<SqlStatement> body(SqlStatement create) {
        Matcher body = FUNCTION.matcher(create.text());
        Matcher atomic = ATOMIC.matcher(create.text());
        return body.matches() ? inside(body.group(2)).toList()
                : atomic.matches() ? inside(atomic.group(1)).toList() : List.of();
    }

    private static Stream<SqlStatement> inside(String sql) {
        return SqlStatement.of(sql).stream().flatMap(PlPgSqlBody::parts);
    }

    /** Removes the keywords before a statement, and adds the query of a loop. */
    private static Stream<SqlStatement> parts(SqlStatement statement) {
        Matcher keyword = KEYWORD.matcher(statement.bare());
        if (!keyword.lookingAt()) {
            return Stream.concat(Stream.of(statement), executed(statement).stream().flatMap(PlPgSqlBody::inside));
        }
        Stream<SqlStatement> rest = parts(statement.part(keyword.end(), statement.bare().length()));
        return keyword.group("rows") == null ? rest
                : Stream.concat(parts(statement.part(keyword.start("rows"), keyword.end("rows"))), rest);
    }

    /** Returns the text that an {@code execute} runs; empty if it is only known at run time. */
    public static Optional<String> executed(SqlStatement statement) {
        Matcher executed = EXECUTED.matcher(statement.text().strip());
        return executed.matches() ? Optional.of(unquoted(executed.group(1))) : Optional.empty();
    }

    private static String unquoted(String text) {
        return text.startsWith("'") ? text.substring(1, text.length() - 1).replace("''", "'")
                : text.replaceAll("(?s)^\\$\\w*\\$|\\$\\w*\\$$", "");
    }
}
