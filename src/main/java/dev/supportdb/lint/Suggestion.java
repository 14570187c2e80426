package dev.supportdb.lint;

import dev.supportdb.changelog.SafeChange;
import dev.supportdb.changelog.YamlText;
import dev.supportdb.lint.ParsedChangeset.Step;
import java.util.ArrayList;
import java.util.Collections;
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

    /** The rollback for the changes of a changeset, the last of them first. */
    static String undo(ChangelogProject project, ParsedChangeset changeset) {
        List<Step> steps = new ArrayList<>(changeset.forward());
        Collections.reverse(steps);
        return steps.stream().map(step -> undo(step, project, changeset.source())).collect(Collectors.joining())
                .indent(2);
    }

    private static String undo(Step step, ChangelogProject project, ChangelogFile source) {
        YamlElement change = step.element();
        String table = change.text("tableName");
        return switch (step.kind()) {
            case "createTable" -> refuse(table, table) + "- dropTable: {tableName: %s}\n".formatted(table);
            case "addColumn" -> change.child("columns").stream().flatMap(columns -> columns.children().stream())
                    .map(column -> refuse(table + "." + column.text("name"), table + " where " + filled(column))
                            + "- dropColumn: {tableName: %s, columnName: %s}\n".formatted(table, column.text("name")))
                    .collect(Collectors.joining());
            case "renameTable" -> "- renameTable: {oldTableName: %s, newTableName: %s}\n".formatted(
                    change.text("newTableName"), change.text("oldTableName"));
            case "renameColumn" -> "- renameColumn: {tableName: %s, oldColumnName: %s, newColumnName: %s}\n".formatted(
                    table, change.text("newColumnName"), change.text("oldColumnName"));
            case "createIndex" -> (project.isExisting(table, source)
                    ? "- sql: drop index concurrently if exists %s\n" : "- dropIndex: {tableName: %2$s, indexName: %1$s}\n")
                    .formatted(change.text("indexName"), table);
            default -> "- sql: <what undoes the %s>\n".formatted(step.kind());
        };
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
