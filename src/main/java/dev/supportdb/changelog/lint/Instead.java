package dev.supportdb.changelog.lint;

import dev.supportdb.changelog.lint.Changeset.Step;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The YAML to write instead, with the names of what it is for. */
final class Instead {

    private Instead() {
    }

    /** SQL on one line, or under a bar. */
    private static String sql(String statement) {
        String text = statement.strip().replaceAll("\\s+", " ");
        return text.length() < 100 && !text.contains(": ") && !text.contains(" #")
                ? "- sql: " + text + "\n" : "- sql: |\n    " + text + "\n";
    }

    private static String sql(String... statements) {
        return List.of(statements).stream().map(Instead::sql).collect(Collectors.joining());
    }

    static String index(Element index) {
        String columns = index.child("columns").stream().flatMap(list -> list.children().stream())
                .map(column -> column.text("name")).collect(Collectors.joining(", "));
        String where = index.text("where");
        String name = index.text("indexName");
        return "runInTransaction: false\nchanges:\n" + sql("drop index concurrently if exists " + name,
                "create %sindex concurrently %s on %s (%s)%s".formatted(
                        index.text("unique").equals("true") ? "unique " : "", name, index.text("tableName"), columns,
                        where.isEmpty() ? "" : " where " + where)).indent(2);
    }

    /** @param name may be null */
    static String concurrently(String name, Statement index) {
        String named = name == null ? "index concurrently ix_… " : "index concurrently ";
        return "runInTransaction: false\nchanges:\n" + sql(
                "drop index concurrently if exists " + (name == null ? "ix_…" : name),
                index.text().strip().replaceFirst("(?i)index\\s+(if\\s+not\\s+exists\\s+)?", named))
                        .indent(2);
    }

    static String uniqueConstraint(String table, String name, String kind, String columns) {
        return "runInTransaction: false\nchanges:\n" + sql(
                "alter table %s drop constraint if exists %s".formatted(table, name),
                "drop index concurrently if exists " + name,
                "create unique index concurrently %s on %s (%s)".formatted(name, table, columns),
                "alter table %s add constraint %s %s using index %s".formatted(table, name, kind, name)).indent(2);
    }

    static String constraint(String table, String name, String action) {
        String constraint = name == null ? "ck_" + table + "_…" : name;
        String added = name == null ? action.replaceFirst("(?i)add\\s+", "add constraint " + constraint + " ") : action;
        return "runInTransaction: false\nchanges:\n" + sql(
                "alter table %s drop constraint if exists %s".formatted(table, constraint),
                "alter table %s %s not valid".formatted(table, added.strip()),
                "alter table %s validate constraint %s".formatted(table, constraint)).indent(2);
    }

    static String required(String table, String column) {
        String check = "ck_%s_%s_required".formatted(table, column);
        return "runInTransaction: false\nchanges:\n" + sql(
                "alter table %s drop constraint if exists %s".formatted(table, check),
                "alter table %s add constraint %s check (%s is not null) not valid".formatted(table, check, column),
                "alter table %s validate constraint %s".formatted(table, check),
                "alter table %s alter column %s set not null".formatted(table, column),
                "alter table %s drop constraint %s".formatted(table, check)).indent(2);
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

    static String backfill(String table, Statement statement) {
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

    static String precondition(Changeset needed) {
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

    /** What takes away what the changeset makes. */
    static String undo(Changeset changeset) {
        return changeset.forward().stream().map(step -> switch (step.kind()) {
            case "createTable" -> "- refuse: {loses: %1$s, rows: select * from %1$s}\n- dropTable: {tableName: %1$s}\n"
                    .formatted(step.element().text("tableName"));
            case "addColumn" -> "- dropColumn: {tableName: %s, columnName: %s}\n".formatted(
                    step.element().text("tableName"), step.element().child("columns").stream()
                            .flatMap(columns -> columns.children().stream()).map(column -> column.text("name"))
                            .collect(Collectors.joining(", ")));
            default -> "- sql: …   # what undoes the %s\n".formatted(step.kind().toLowerCase(Locale.ROOT));
        }).collect(Collectors.joining()).indent(2);
    }
}
