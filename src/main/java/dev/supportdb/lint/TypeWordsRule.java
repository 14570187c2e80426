package dev.supportdb.lint;

import dev.supportdb.changelog.SafeChange;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds a type that contains more than a type. Checks the files as written. */
final class TypeWordsRule {

    static final Rule RULE = new Rule("type-words", "A type is the type alone: Liquibase drops some of the words "
            + "after it, such as the not null of a text, and turns a serial into an integer.", TypeWordsRule::find);

    private static final Pattern WORDS = Pattern.compile("(?i)(?<type>.*?)\\s+(?<words>(?:not\\s+null|null|default"
            + "|unique|primary\\s+key|generated|references|check|constraint|collate)\\b.*)");

    /** Words that a column has an attribute for; other words need SQL. */
    private static final Pattern NOT_NULL = Pattern.compile("(?i)\\bnot\\s+null\\b");
    private static final Pattern UNIQUE = Pattern.compile("(?i)\\bunique\\b");
    private static final Pattern KEY = Pattern.compile("(?i)\\bprimary\\s+key\\b");
    private static final Pattern DEFAULT = Pattern.compile("(?i)\\bdefault\\s+(\\S.*)");

    private TypeWordsRule() {
    }

    private static void find(ChangelogProject project, Rule.Report report) {
        for (ChangelogFile source : project.sources()) {
            source.root().all().forEach(change -> {
                change.child("columns").stream().flatMap(columns -> columns.children().stream())
                        .filter(column -> column.key().equals("column"))
                        .forEach(column -> find(change, column, column.text("type"), source, report));
                find(change, change, change.text("newDataType"), source, report);
            });
        }
    }

    private static void find(YamlElement change, YamlElement at, String type, ChangelogFile source,
            Rule.Report report) {
        String integer = HintRules.SERIAL.get(type.strip().toLowerCase(Locale.ROOT));
        Matcher words = WORDS.matcher(type.strip());
        if (integer != null) {
            report.add(source, at, "On an existing table, Liquibase turns '%s' into a plain integer.".formatted(type),
                    "- column: {name: %s, type: %s, autoIncrement: true, remarks: <what its values mean>}\n"
                            .formatted(at.text("name"), integer));
        } else if (words.matches()) {
            report.add(source, at, "Liquibase may drop '%s'.".formatted(words.group("words")),
                    instead(change, at, words.group("type"), words.group("words")));
        }
    }

    private static String instead(YamlElement change, YamlElement at, String type, String words) {
        String name = at.text("name");
        Matcher value = DEFAULT.matcher(words);
        String rest = words;
        StringBuilder attributes = new StringBuilder();
        if (value.find()) {
            String expression = NOT_NULL.matcher(UNIQUE.matcher(value.group(1)).replaceAll("")).replaceAll("").strip();
            attributes.append(", defaultValueComputed: \"").append(expression.replace("\"", "\\\"")).append('"');
            rest = value.replaceFirst("");
        }
        String constraints = (NOT_NULL.matcher(words).find() ? ", nullable: false" : "")
                + (UNIQUE.matcher(words).find() ? ", unique: true" : "")
                + (KEY.matcher(words).find() ? ", primaryKey: true" : "");
        for (Pattern known : List.of(NOT_NULL, UNIQUE, KEY)) {
            rest = known.matcher(rest).replaceAll("");
        }
        if (!rest.isBlank() || name.isEmpty()) {
            String table = change.text("tableName");
            return SafeChange.sql(List.of(name.isEmpty()
                    ? "alter table %s alter column %s type %s".formatted(table, change.text("columnName"), type)
                    : "alter table %s add column %s %s %s".formatted(table, name, type, words)));
        }
        return "- column: {name: %s, type: \"%s\"%s, remarks: <what its values mean>%s}\n".formatted(name, type,
                attributes, constraints.isEmpty() ? "" : ", constraints: {" + constraints.substring(2) + "}");
    }
}
