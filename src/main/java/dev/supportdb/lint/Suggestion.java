package dev.supportdb.lint;

import dev.supportdb.changelog.SafeChange;
import dev.supportdb.changelog.YamlText;
import dev.supportdb.lint.ParsedChangeset.Step;
import java.util.List;
import java.util.stream.Collectors;

/** The YAML to write instead, with the names of the objects in question. */
final class Suggestion {

    private Suggestion() {
    }

    static String index(YamlElement index) {
        String columns = index.child("columns").stream().flatMap(list -> list.children().stream())
                .map(column -> column.text("name")).collect(Collectors.joining(", "));
        String where = index.text("where");
        String name = index.text("indexName");
        return SafeChange.outsideTransaction(List.of("drop index concurrently if exists " + name,
                "create %sindex concurrently %s on %s (%s)%s".formatted(
                        index.text("unique").equals("true") ? "unique " : "", name, index.text("tableName"), columns,
                        where.isEmpty() ? "" : " where " + where)));
    }

    static String precondition(ParsedChangeset needed) {
        return """
                preConditions:
                  - onFailMessage: "<what is missing>: run with labels '<labels>'"
                  - changeSetExecuted:
                      id: "%s"
                      author: %s
                      changeLogFile: %s
                """.formatted(needed.id(), needed.element().text("author"), needed.source().path());
    }

    static String unsplit(Step step) {
        return step.kind().equals("sqlFile") ? """
                - sqlFile:
                    path: %s
                    relativeToChangelogFile: true
                    splitStatements: false
                """.formatted(step.element().text("path")) : YamlText.sql(step.sql()) + "\n";
    }

    /**
     * The data-loss check for a table or column.
     *
     * @param rows where the data is: what follows {@code select * from}
     */
    static String refuse(String dropped, String rows) {
        return "- refuse: {loses: %s, rows: select * from %s}\n".formatted(dropped, rows);
    }

    /** The rollback for the objects that the changeset creates. */
    static String undo(ParsedChangeset changeset) {
        return changeset.forward().stream().map(step -> switch (step.kind()) {
            case "createTable" -> refuse(step.element().text("tableName"), step.element().text("tableName"))
                    + "- dropTable: {tableName: %s}\n".formatted(step.element().text("tableName"));
            case "addColumn" -> step.element().child("columns").stream()
                    .flatMap(columns -> columns.children().stream())
                    .map(column -> refuse(step.element().text("tableName") + "." + column.text("name"),
                            step.element().text("tableName") + " where " + filled(column))
                            + "- dropColumn: {tableName: %s, columnName: %s}\n".formatted(
                                    step.element().text("tableName"), column.text("name")))
                    .collect(Collectors.joining());
            default -> "- sql: <what undoes the %s>\n".formatted(step.kind());
        }).collect(Collectors.joining()).indent(2);
    }

    /** The predicate of rows whose value would be lost. A default value, which all old rows have, does not count. */
    private static String filled(YamlElement column) {
        String number = column.text("defaultValueNumeric") + column.text("defaultValueBoolean");
        String text = column.text("defaultValue");
        return column.text("name") + (!number.isEmpty() ? " is distinct from " + number
                : text.matches("[\\w -]+") && !column.text("type").equals("json")
                ? " is distinct from '%s'".formatted(text) : " is not null");
    }
}
