package dev.supportdb.lint;

import dev.supportdb.changelog.OnlineDdl;
import dev.supportdb.changelog.YamlText;
import dev.supportdb.lint.ParsedChangeset.Step;
import dev.supportdb.postgres.SqlStatement;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The YAML to write instead, with the names of what it is for. */
final class Suggestion {

    private Suggestion() {
    }

    /** Each a change of its own, however its lines were broken. */
    static String sql(List<String> statements) {
        return statements.stream().map(statement -> YamlText.sql(statement.replaceAll("\\s+", " ")) + "\n")
                .collect(Collectors.joining());
    }

    static String outsideTransaction(List<String> statements) {
        return "runInTransaction: false\nchanges:\n" + sql(statements).indent(2);
    }

    static String index(YamlElement index) {
        String columns = index.child("columns").stream().flatMap(list -> list.children().stream())
                .map(column -> column.text("name")).collect(Collectors.joining(", "));
        String where = index.text("where");
        String name = index.text("indexName");
        return outsideTransaction(List.of("drop index concurrently if exists " + name,
                "create %sindex concurrently %s on %s (%s)%s".formatted(
                        index.text("unique").equals("true") ? "unique " : "", name, index.text("tableName"), columns,
                        where.isEmpty() ? "" : " where " + where)));
    }

    /** @param name may be null */
    static String concurrently(String name, SqlStatement index) {
        String named = name == null ? "index concurrently ix_… " : "index concurrently ";
        return outsideTransaction(List.of("drop index concurrently if exists " + (name == null ? "ix_…" : name),
                index.text().strip().replaceFirst("(?i)index\\s+(if\\s+not\\s+exists\\s+)?", named)));
    }

    static String uniqueConstraint(String table, String name, String kind, String columns) {
        return outsideTransaction(OnlineDdl.unique(table, name, kind, columns));
    }

    /** @param name may be null */
    static String constraint(String table, String name, String action) {
        return outsideTransaction(OnlineDdl.validated(table, name == null ? "ck_" + table + "_…" : name,
                action.strip().replaceFirst("(?i)add\\s+(constraint\\s+\\S+\\s+)?", "")));
    }

    static String required(String table, String column) {
        return outsideTransaction(OnlineDdl.require(table, column));
    }

    /**
     * The same, for want of anything better, excused.
     *
     * @param better what to think of first
     */
    static String allowed(String rule, String better, StatementAt found) {
        return "# %s, where it is a small table:%n# lint: allow %s: <how long it takes, and who waits>%n%s".formatted(
                better, rule, sql(List.of(found.statement().text())));
    }

    static String column(String table, String column, String definition) {
        return """
                - addColumn:   # the default in the next changeset, for new rows; then a backfill for the others
                    tableName: %s
                    columns:
                      - column: {name: %s, type: "%s", remarks: …}
                """.formatted(table, column,
                        definition.replaceFirst("(?si)\\s+(not null|default|generated|references).*", ""));
    }

    static String newColumn(String table, String column, String type) {
        return """
                - addColumn:   # kept equal by a trigger, filled by a backfill; gets the name in the phase contract
                    tableName: %s
                    columns:
                      - column: {name: %s_new, type: "%s", remarks: …}
                """.formatted(table, column, type);
    }

    static String backfill(String table) {
        return """
                labels: backfill
                runInTransaction: false
                changes:
                  - customChange:
                      class: dev.supportdb.backfill.SqlBackfill
                      params:
                        - param: {name: name, value: …}
                        - param: {name: table, value: %s}
                        - param: {name: pending, value: …}
                        - param: {name: fill, value: "… where id = any(:keys)"}
                        - param: {name: filled, value: …}
                        - param: {name: undo, value: "… where id = any(:keys)"}
                """.formatted(table);
    }

    static String precondition(ParsedChangeset needed) {
        return """
                preConditions:
                  - onFailMessage: "…: run with labels '…'"
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
                """.formatted(step.element().text("path")) : """
                - sql:
                    splitStatements: false
                    sql: |
                      …
                """;
    }

    /** What asks before a table, or {@code table.column}, goes. */
    static String refuse(String dropped) {
        int dot = dropped.indexOf('.');
        return "- refuse: {loses: %s, rows: select * from %s}\n".formatted(dropped, dot < 0 ? dropped
                : "%s where %s is not null".formatted(dropped.substring(0, dot), dropped.substring(dot + 1)));
    }

    /** What takes away what the changeset makes. */
    static String undo(ParsedChangeset changeset) {
        return changeset.forward().stream().map(step -> switch (step.kind()) {
            case "createTable" -> refuse(step.element().text("tableName"))
                    + "- dropTable: {tableName: %s}\n".formatted(step.element().text("tableName"));
            case "addColumn" -> step.element().child("columns").stream()
                    .flatMap(columns -> columns.children().stream()).map(column -> column.text("name"))
                    .map(column -> refuse(step.element().text("tableName") + "." + column)
                            + "- dropColumn: {tableName: %s, columnName: %s}\n".formatted(
                                    step.element().text("tableName"), column))
                    .collect(Collectors.joining());
            default -> "- sql: …   # what undoes the %s\n".formatted(step.kind().toLowerCase(Locale.ROOT));
        }).collect(Collectors.joining()).indent(2);
    }
}
