package dev.supportdb.lint;

import dev.supportdb.changelog.SafeChange;
import dev.supportdb.changelog.YamlText;
import dev.supportdb.lint.ParsedChangeset.Step;
import java.util.List;
import java.util.Locale;
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
                    .flatMap(columns -> columns.children().stream()).map(column -> column.text("name"))
                    .map(column -> refuse(step.element().text("tableName") + "." + column,
                            "%s where %s is not null".formatted(step.element().text("tableName"), column))
                            + "- dropColumn: {tableName: %s, columnName: %s}\n".formatted(
                                    step.element().text("tableName"), column))
                    .collect(Collectors.joining());
            default -> "- sql: <what undoes the %s>\n".formatted(step.kind().toLowerCase(Locale.ROOT));
        }).collect(Collectors.joining()).indent(2);
    }
}
