package dev.supportdb.generate;

import static java.util.regex.Matcher.quoteReplacement;

import dev.supportdb.changelog.OnlineDdl;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How one object of a fingerprint goes from one definition to another, as statements.
 *
 * @param statements   in their order
 * @param transaction whether they are one transaction; else each commits by itself and can be run again
 */
record ObjectDdl(List<String> statements, boolean transaction) {

    /** Of an object, in the server's words; a part of it is what its table is called. */
    private static final String NAME = "\"(?:[^\"]|\"\")+\"|[^\".]+";
    private static final Pattern COLUMN = Pattern.compile("table column (.+)\\.(" + NAME + ")");
    private static final Pattern PART = Pattern.compile("(table constraint|trigger) (" + NAME + ") on (.+)");
    private static final Pattern WHOLE = Pattern.compile("(index|function|procedure|type|sequence|view) (.+)");

    /** What a server has to be told apart from the definition. */
    private static final Pattern MORE = Pattern.compile("(?s).*(, (?:invalid|not ready|clustered|replica identity"
            + "|tablespace .*|part of .*|disabled|on a replica only|always|its triggers not all enabled)"
            + "| (?:storage|compression) \".\"| statistics \\d+| with \\S+=.*)");
    private static final Pattern RETURNS = Pattern.compile("(?m)^ RETURNS .*$");
    private static final Pattern WORDS = Pattern.compile("^[^'\"]*");
    private static final Pattern UNIQUE = Pattern.compile("UNIQUE \\(([^()]+)\\)");
    private static final Pattern SETTINGS =
            Pattern.compile("(?<type>.*?)(?<required> not null)?(?: default (?<value>.*))?");

    /**
     * Empty where the way is not known, or for a person to decide.
     *
     * @param object as a fingerprint names it
     * @param from   null where there is none
     * @param to     null where there shall be none
     */
    static Optional<ObjectDdl> of(String object, String from, String to) {
        if (!isPlain(from) || !isPlain(to)) {
            return Optional.empty();
        }
        if (from == null && to == null) {
            return inTransaction();
        }
        Matcher column = COLUMN.matcher(object);
        if (column.matches()) {
            return column(plain(column.group(1)), column.group(2), from, to);
        }
        Matcher part = PART.matcher(object);
        if (part.matches()) {
            return part.group(1).equals("trigger")
                    ? trigger(part.group(2), plain(part.group(3)), from, to)
                    : constraint(part.group(2), plain(part.group(3)), to);
        }
        Matcher whole = WHOLE.matcher(object);
        return whole.matches() ? whole(whole.group(1), plain(whole.group(2)), from, to) : Optional.empty();
    }

    /** The changelog speaks of what is in the schema public without naming it. */
    static String plain(String name) {
        return name.startsWith("public.") ? name.substring("public.".length()) : name;
    }

    /** Whether one statement says it all, and Liquibase leaves it as it is. */
    static boolean isPlain(String definition) {
        return definition == null || !MORE.matcher(definition).matches() && !definition.contains("${");
    }

    private static Optional<ObjectDdl> inTransaction(String... statements) {
        return Optional.of(new ObjectDdl(List.of(statements), true));
    }

    private static ObjectDdl oneByOne(String... statements) {
        return new ObjectDdl(List.of(statements), false);
    }

    private static Optional<ObjectDdl> column(String table, String column, String from, String to) {
        String alter = "alter table %s ".formatted(table);
        if (to == null) {
            return inTransaction(alter + "drop column " + column);
        }
        if (from == null) {
            CatalogColumn added = CatalogColumn.of(column, to, Optional.empty());
            return !added.isAddedAtOnce() || added.notNull() && added.defaultValue().isEmpty() ? Optional.empty()
                    : inTransaction(alter + "add column " + column + " " + written(to));
        }
        Matcher after = SETTINGS.matcher(to);
        Matcher before = SETTINGS.matcher(from);
        if (!before.matches() || !after.matches() || !before.group("type").equals(after.group("type"))) {
            return Optional.empty();
        }
        List<String> statements = new ArrayList<>();
        String value = after.group("value");
        if (value == null ? before.group("value") != null : !value.equals(before.group("value"))) {
            statements.add(alter + "alter column " + column
                    + (value == null ? " drop default" : " set default " + value));
        }
        boolean required = after.group("required") != null;
        if (required == (before.group("required") != null)) {
            return Optional.of(new ObjectDdl(statements, true));
        }
        statements.addAll(required ? require(table, column).statements()
                : List.of(alter + "alter column " + column + " drop not null"));
        return Optional.of(new ObjectDdl(statements, false));
    }

    /** As a statement has it. */
    static String written(String column) {
        return column.replaceFirst(" generated, (stored|virtual), (.*)", " generated always as ($2) $1");
    }

    static ObjectDdl require(String table, String column) {
        return new ObjectDdl(OnlineDdl.require(table, column), false);
    }

    private static Optional<ObjectDdl> trigger(String trigger, String table, String from, String to) {
        String drop = "drop trigger %s on %s".formatted(trigger, table);
        return to == null ? inTransaction(drop) : from == null ? inTransaction(to) : inTransaction(drop, to);
    }

    private static Optional<ObjectDdl> constraint(String name, String table, String to) {
        if (to == null) {
            return Optional.of(oneByOne(OnlineDdl.dropConstraint(table, name)));
        }
        Matcher unique = UNIQUE.matcher(to);
        if (unique.matches()) {
            return Optional.of(unique(table, name, "unique", unique.group(1)));
        }
        if (!to.startsWith("CHECK ") && !to.startsWith("FOREIGN KEY ")) {
            return Optional.empty();
        }
        return Optional.of(!to.endsWith(" NOT VALID") ? validated(table, name, house(to))
                : oneByOne(OnlineDdl.dropConstraint(table, name),
                        "alter table %s add constraint %s %s".formatted(table, name, house(to))));
    }

    static ObjectDdl unique(String table, String name, String kind, String columns) {
        return new ObjectDdl(OnlineDdl.unique(table, name, kind, columns), false);
    }

    static ObjectDdl validated(String table, String name, String constraint) {
        return new ObjectDdl(OnlineDdl.validated(table, name, constraint), false);
    }

    /** @param to null where there shall be none */
    static ObjectDdl index(String name, String to) {
        String drop = "drop index concurrently if exists " + name;
        return to == null ? oneByOne(drop)
                : oneByOne(drop, house(to).replaceFirst(" index ", " index concurrently "));
    }

    /**
     * What the server writes, as a statement of the house: in lower case as far as no name or value can be meant, and
     * without what goes without saying.
     */
    static String house(String definition) {
        return WORDS.matcher(definition).replaceFirst(words -> quoteReplacement(words.group().toLowerCase(Locale.ROOT)))
                .replaceFirst("(?i)^([^(]* on |[^(]+\\([^)]*\\) references )public\\.", "$1")
                .replaceFirst("(?i)^(create [^(]*) using btree \\(", "$1 (");
    }

    private static Optional<ObjectDdl> whole(String kind, String name, String from, String to) {
        String drop = "drop " + kind + " " + name;
        return switch (kind) {
            case "index" -> to != null && to.contains(" ON ONLY ") ? Optional.empty()
                    : Optional.of(index(name, to));
            case "function", "procedure" -> to == null ? inTransaction(drop)
                    : from == null || returns(from).equals(returns(to)) ? inTransaction(to) : Optional.empty();
            case "view" -> to == null ? inTransaction(drop)
                    : from == null && to.startsWith("permanent, as\n")
                            ? inTransaction("create view %s as%n%s".formatted(name, to.substring(to.indexOf('\n') + 1)))
                            : Optional.empty();
            case "type" -> to == null && from.startsWith("enum ") ? inTransaction(drop)
                    : from == null && to.startsWith("enum ") ? inTransaction("create type %s as %s".formatted(name, to))
                    : Optional.empty();
            default -> to == null ? inTransaction(drop)
                    : from == null ? inTransaction(sequence(name, to)) : Optional.empty();
        };
    }

    /** Owned or not: the owner may still be to come. */
    static String sequence(String name, String definition) {
        return "create sequence %s as %s".formatted(name,
                definition.replaceFirst("^permanent, ", "").replaceFirst(", owned by .*", ""));
    }

    private static String returns(String function) {
        Matcher returns = RETURNS.matcher(function);
        return returns.find() ? returns.group() : "";
    }
}
