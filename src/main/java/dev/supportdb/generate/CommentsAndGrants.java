package dev.supportdb.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is said of an object beside its definition: comments, and who may do what. */
final class CommentsAndGrants {

    private static final Pattern COLUMN =
            Pattern.compile("(?:table|view) column (.+)\\.(\"(?:[^\"]|\"\")+\"|[^\".]+)");
    private static final Pattern PART = Pattern.compile("(?:table constraint|trigger|policy|rule) .+ on .+");
    private static final Pattern WHOLE = Pattern.compile(
            "(table|view|materialized view|index|sequence|function|procedure|type|schema) (.+)");
    private static final Pattern PRIVILEGE =
            Pattern.compile("(grant|revoke) (.+) (?:to|from) (\\S+|\".*\")( with grant option)?");

    private CommentsAndGrants() {
    }

    static boolean isNote(String fact) {
        return fact.startsWith("comment ") || fact.startsWith("grant ") || fact.startsWith("revoke ")
                || fact.startsWith("owner ");
    }

    /** From what is said to what shall be said; empty where that cannot be put into a statement for every database. */
    static Optional<List<String>> change(String object, List<String> from, List<String> to) {
        List<String> statements = new ArrayList<>();
        for (String fact : from) {
            Optional<String> statement = fact.startsWith("comment ")
                    ? to.stream().anyMatch(other -> other.startsWith("comment ")) ? Optional.of("")
                            : comment(object, "null")
                    : privilege(object, fact, true);
            if (statement.isEmpty()) {
                return Optional.empty();
            }
            statements.add(statement.get());
        }
        for (String fact : to) {
            Optional<String> statement = fact.startsWith("comment ")
                    ? comment(object, fact.substring("comment ".length())) : privilege(object, fact, false);
            if (statement.isEmpty()) {
                return Optional.empty();
            }
            statements.add(statement.get());
        }
        statements.removeIf(String::isEmpty);
        return Optional.of(statements);
    }

    private static Optional<String> comment(String object, String text) {
        Matcher column = COLUMN.matcher(object);
        Matcher whole = WHOLE.matcher(object);
        String place = column.matches() ? "column %s.%s".formatted(ObjectDdl.plain(column.group(1)), column.group(2))
                : PART.matcher(object).matches() ? object.replaceFirst("^table ", "").replace(" on public.", " on ")
                : whole.matches() ? whole.group(1) + " " + ObjectDdl.plain(whole.group(2)) : null;
        return Optional.ofNullable(place).map(found -> "comment on %s is %s".formatted(found, text));
    }

    private static Optional<String> privilege(String object, String fact, boolean back) {
        Matcher privilege = PRIVILEGE.matcher(fact);
        Matcher column = COLUMN.matcher(object);
        Matcher whole = WHOLE.matcher(object);
        if (!privilege.matches() || fact.endsWith(" the owner") || !column.matches() && !whole.matches()) {
            return Optional.empty();
        }
        boolean grant = privilege.group(1).equals("grant") != back;
        String what = privilege.group(2);
        String place;
        if (column.matches()) {
            what = what.replaceAll("\\w+", "$0 (" + Matcher.quoteReplacement(column.group(2)) + ")");
            place = "table " + ObjectDdl.plain(column.group(1));
        } else {
            place = whole.group(1).replaceFirst(".*view", "table") + " " + ObjectDdl.plain(whole.group(2));
        }
        return Optional.of("%s %s on %s %s %s%s".formatted(grant ? "grant" : "revoke", what, place,
                grant ? "to" : "from", privilege.group(3),
                grant && privilege.group(4) != null ? privilege.group(4) : ""));
    }
}
