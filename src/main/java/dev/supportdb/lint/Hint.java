package dev.supportdb.lint;

import dev.supportdb.postgres.SqlStatement;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import liquibase.change.AbstractSQLChange;
import liquibase.change.custom.CustomChangeWrapper;

/**
 * One row of {@code hints.yaml}, which documents its keys.
 *
 * @param pattern the pattern of the row
 */
record Hint(Map<String, Object> row, Pattern pattern) {

    private static final Pattern PLACE = Pattern.compile("\\{([a-z]+)}");
    private static final Map<String, String> LISTS =
            Map.of("tables", "table", "indexes", "index", "names", "name");
    private static final String NEW = "add (column )?(if not exists )?"
            + "(?!(constraint|unique|primary|foreign|check|exclude|not)\\b){column} (?=(?<type>.+?)"
            + "( (not null|null|default|generated|references|check|unique|primary|constraint)\\b.*)?$)";
    private static final Pattern GROUP = Pattern.compile("\\(\\?<(\\w+)>");
    private static final Pattern INDEX = SqlStatement.pattern("create (?:unique )?index (?:concurrently )?"
            + "(?:if not exists )?" + SqlStatement.NAME + " on (?:only )?" + SqlStatement.NAME);

    /** A part of a statement, and its table, also as written. */
    private record Part(String table, String written, String text, String bare) {}

    /**
     * Compiles a row. Each name {@code x} in braces becomes two groups: {@code x} without schema and quotes, and
     * {@code xWritten} with them.
     */
    static Hint of(Map<String, Object> row) {
        String written = Stream.of("when", "part", "column", "text").map(row::get).filter(String.class::isInstance)
                .map(String.class::cast).findFirst().orElseThrow();
        String regex = PLACE.matcher(written.replace("{new}", NEW)).replaceAll(place -> Matcher.quoteReplacement(
                LISTS.containsKey(place.group(1)) ? "(?<" + place.group(1) + ">.+)"
                        : "(?<%1$sWritten>%2$s)".formatted(place.group(1),
                                SqlStatement.NAME.replaceFirst("\\(\\(\\?<=", "(?<" + place.group(1) + ">(?<="))));
        return new Hint(row, compiled(regex));
    }

    private static Pattern compiled(String regex) {
        return SqlStatement.pattern(regex.replace("\n", ""));
    }

    /** The names in each match of the statement; empty if the hint does not apply. */
    Stream<Map<String, String>> in(StatementAt at) {
        return isMeant(at) ? parts(at.statement()).flatMap(part -> names(part).stream())
                .flatMap(names -> each(names, at)).filter(names -> applies(names, at)) : Stream.of();
    }

    private boolean isMeant(StatementAt at) {
        return switch (text("only")) {
            case "forward" -> !at.back();
            case "expand" -> !at.back() && !at.changeset().isContract();
            case "inside" -> !at.changeset().isOutsideTransaction();
            // Backfills are excluded, because the engine keeps their progress.
            case "outside" -> at.changeset().isOutsideTransaction()
                    && !(at.step().change() instanceof CustomChangeWrapper);
            case "sql" -> at.step().change() instanceof AbstractSQLChange
                    || at.step().change() instanceof CustomChangeWrapper;
            default -> true;
        };
    }

    private Stream<Part> parts(SqlStatement statement) {
        Stream<Part> actions = statement.actions().map(action ->
                new Part(action.table(), action.written(), action.text(), action.bare()));
        return row.containsKey("part") ? actions
                : row.containsKey("column") ? Stream.concat(actions, statement.parts().map(part ->
                        new Part(part.table(), part.written(), part.text(), part.bare())))
                : Stream.of(new Part(null, null, statement.text(),
                        row.containsKey("text") ? statement.text() : statement.bare()));
    }

    private Optional<Map<String, String>> names(Part part) {
        Matcher found = pattern.matcher(part.bare());
        if (!found.lookingAt()) {
            return Optional.empty();
        }
        Map<String, String> names = new HashMap<>();
        if (part.table() != null) {
            names.put("table", part.table());
            names.put("tableWritten", part.written());
        }
        GROUP.matcher(pattern.pattern()).results().map(group -> group.group(1))
                .filter(group -> found.start(group) >= 0).forEach(group -> names.put(group,
                        part.text().substring(found.start(group), found.end(group))));
        return Optional.of(names);
    }

    private static Stream<Map<String, String>> each(Map<String, String> names, StatementAt at) {
        Map<String, String> all = new LinkedHashMap<>(names);
        all.put("statement", at.statement().text());
        String table = names.getOrDefault("tableWritten", "");
        all.put("schema", table.substring(0, table.lastIndexOf('.') + 1));
        return LISTS.entrySet().stream().filter(list -> names.containsKey(list.getKey())).findFirst()
                .map(list -> SqlStatement.named(names.get(list.getKey())).map(object -> {
                    Map<String, String> one = new HashMap<>(all);
                    one.put(list.getValue(), object.name());
                    one.put(list.getValue() + "Written", object.written());
                    return one;
                })).orElse(Stream.of(all));
    }

    private boolean applies(Map<String, String> names, StatementAt at) {
        String table = names.containsKey("index") ? table(names.get("index"), at) : names.getOrDefault("table", "");
        boolean isNew = !at.isExisting(table);
        return (!isNew || row.containsKey("column"))
                && (!row.containsKey("unless") || before(at, true).noneMatch(begins("unless", names)))
                && (!row.containsKey("except") || at.ofChangeset().noneMatch(begins("except", names)))
                && (!row.containsKey("after") || before(at, false).anyMatch(begins("after", names)))
                && (!row.containsKey("exists") || earlier(at).anyMatch(begins("exists", names)))
                && (!row.containsKey("absent") || at.project().forward().noneMatch(begins("absent", names)));
    }

    /** Returns the table of an index. An index that no file builds has an unknown table, which counts as in use. */
    private static String table(String index, StatementAt at) {
        return at.project().forward().flatMap(statement -> statement.matches(INDEX).stream())
                .filter(made -> made.group(1).equals(index)).map(made -> made.group(2)).findFirst().orElse("");
    }

    private Predicate<SqlStatement> begins(String key, Map<String, String> names) {
        Pattern other = compiled(PLACE.matcher(text(key)).replaceAll(place -> Matcher.quoteReplacement(
                "(?:(?:\\w+|\"[^\"]+\")\\s*\\.\\s*)?\"?" + Pattern.quote(names.getOrDefault(place.group(1), ""))
                        .replace(" ", "\\E\\s+\\Q") + "\"?")));
        return statement -> statement.matches(other).isPresent();
    }

    private static Stream<SqlStatement> earlier(StatementAt at) {
        return at.project().changesets().stream().takeWhile(changeset -> changeset.source() != at.source())
                .flatMap(ParsedChangeset::statements);
    }

    private static Stream<SqlStatement> before(StatementAt at, boolean file) {
        return file && !at.back() ? at.project().changesets(at.source()).flatMap(ParsedChangeset::statements)
                .takeWhile(statement -> statement != at.statement()) : at.before();
    }

    String text(String key) {
        return row.getOrDefault(key, "") instanceof String text ? text : "";
    }

    /** Puts the names into a text of the row as they are written, or as a part of another name: {@code ck_{table}}. */
    static String filled(String text, Map<String, String> names) {
        return PLACE.matcher(text).replaceAll(place -> {
            String name = names.getOrDefault(place.group(1), "");
            return Matcher.quoteReplacement(isJoined(text, place.start() - 1) || isJoined(text, place.end())
                    ? name.replaceAll("\\W", "_") : names.getOrDefault(place.group(1) + "Written", name));
        });
    }

    private static boolean isJoined(String text, int at) {
        return at >= 0 && at < text.length() && text.charAt(at) == '_';
    }
}
