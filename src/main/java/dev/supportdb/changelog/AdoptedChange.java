package dev.supportdb.changelog;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** One object's way into the changelog, as a changeset. */
public final class AdoptedChange {

    /** What YAML takes for a text as it is; all else stands in a block, where nothing has a meaning. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z](?:[\\w .,()/=<>'-]|:(?=[^ ])){0,100}");

    private final String object;
    private final String verb;
    private final boolean transaction;
    private final List<String> changes = new ArrayList<>();
    private final List<String> rollback = new ArrayList<>();

    /**
     * @param object as a fingerprint names it
     * @param verb   add, change or drop
     */
    AdoptedChange(String object, String verb, boolean transaction) {
        this.object = object;
        this.verb = verb;
        this.transaction = transaction;
    }

    String object() {
        return object;
    }

    AdoptedChange run(String statement) {
        changes.add(sql(statement));
        return this;
    }

    AdoptedChange undo(String statement) {
        rollback.add(sql(statement));
        return this;
    }

    /** Before a rollback loses rows. */
    AdoptedChange refuse(String loses, String rows) {
        rollback.add("- refuse:%n    loses: %s%n    rows: |%n%s".formatted(loses, indented("      ", rows)));
        return this;
    }

    private static String sql(String statement) {
        String text = statement.strip();
        return PLAIN.matcher(text).matches() ? "- sql: " + text
                : text.contains(";") || text.contains("\n")
                        ? "- sql:%n    splitStatements: false%n    sql: |%n%s".formatted(indented("      ", text))
                : "- sql: |%n%s".formatted(indented("    ", text));
    }

    String changeSet(String feature, int number) {
        String what = object.replaceFirst("^table (column|constraint) ", "").replace("public.", "");
        String id = what.replaceAll("\\(.*", "").replaceAll("[^\\w]+", "_").replaceAll("^_|_$", "");
        return """
                  - changeSet:
                      id: "%s-%02d-%s_%s"
                      author: support-db
                %s      comment: "%s %s, as was done by hand"
                      changes:
                %s
                      rollback:
                %s
                """.formatted(feature, number, verb, id, transaction ? "" : "      runInTransaction: false\n",
                Character.toUpperCase(verb.charAt(0)) + verb.substring(1),
                what.replace("\\", "\\\\").replace("\"", "\\\""), block(changes), block(rollback));
    }

    private static String block(List<String> items) {
        return items.stream().map(item -> indented("        ", item)).collect(Collectors.joining("\n"));
    }

    /** Spaces at the end of a line may belong to a function's body. */
    private static String indented(String indent, String text) {
        return text.lines().map(line -> line.isEmpty() ? "" : indent + line).collect(Collectors.joining("\n"));
    }
}
