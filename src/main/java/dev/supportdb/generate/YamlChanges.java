package dev.supportdb.generate;

import static java.util.stream.Collectors.joining;

import dev.supportdb.changelog.YamlText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Liquibase's changes, as they are written in a changelog's file. */
final class YamlChanges {

    /** What a model does not say is for a person to say. */
    static final String TODO = "TODO";

    private static final Pattern TEXT = Pattern.compile("'([^']*)'::(?:varchar|text)");
    private static final Pattern PLAIN_INDEX = Pattern.compile("CREATE INDEX (\\S+) ON (\\S+) \\(([\\w, ]+)\\)");

    private YamlChanges() {
    }

    /** All that makes a table; the foreign keys come last, since they lock others. */
    static List<String> table(JpaTable table, Predicate<ForeignKey> wanted) {
        List<String> changes = new ArrayList<>(List.of(createTable(table)));
        table.columns().values().stream()
                .filter(column -> !column.isPlain() && !table.keyColumns().contains(column.name()))
                .forEach(column -> changes.add(addColumn(table, column)));
        table.constraints().forEach((name, definition) -> {
            if (definition.startsWith("UNIQUE")) {
                changes.add(uniqueConstraint(table, name, definition));
            }
        });
        table.indexes().values().forEach(definition -> changes.add(index(definition)));
        table.foreignKeys().filter(wanted).forEach(key -> changes.add(foreignKey(key)));
        return changes;
    }

    private static String createTable(JpaTable table) {
        List<String> first = table.keyColumns();
        List<CatalogColumn> columns = new ArrayList<>(first.stream().map(table.columns()::get).toList());
        table.columns().values().stream().filter(column -> column.isPlain() && !columns.contains(column))
                .forEach(columns::add);
        return """
                - createTable:
                    tableName: %s
                    remarks: %s
                    columns:
                %s""".formatted(plain(table.name()), remarks(table.remarks()),
                        YamlText.indent("      ", columns.stream()
                        .map(column -> column(column,
                                first.contains(column.name()) ? table.primaryKey().orElseThrow() : null))
                        .collect(joining("\n")))).stripTrailing();
    }

    static String addColumn(JpaTable table, CatalogColumn column) {
        if (!column.isPlain()) {
            return YamlText.sql(
                    "alter table %s add column %s %s%s%s".formatted(table.name(), column.name(), column.type(),
                    column.defaultValue().map(value -> " default " + value).orElse(""),
                    column.notNull() ? " not null" : "")) + "\n"
                    + YamlText.sql("comment on column %s.%s is '%s'".formatted(table.name(), column.name(),
                            column.remarks().orElse(TODO).replace("'", "''")));
        }
        return """
                - addColumn:
                    tableName: %s
                    columns:
                %s""".formatted(plain(table.name()), YamlText.indent("      ", column(column, null))).stripTrailing();
    }

    static String dropColumn(JpaTable table, CatalogColumn column) {
        return "- dropColumn: {tableName: %s, columnName: %s}".formatted(plain(table.name()), column.plainName());
    }

    /** @param primaryKey its name where the column is part of it, else null */
    private static String column(CatalogColumn column, String primaryKey) {
        StringBuilder text = new StringBuilder("""
                - column:
                    name: %s
                    type: %s
                """.formatted(column.plainName(), column.type()));
        if (column.identity()) {
            text.append("    autoIncrement: true\n");
        }
        column.defaultValue().ifPresent(value -> text.append("    ").append(defaultValue(value)).append('\n'));
        text.append("    remarks: ").append(remarks(column.remarks())).append('\n');
        if (primaryKey != null) {
            text.append("    constraints: {nullable: false, primaryKey: true, primaryKeyName: ").append(primaryKey)
                    .append("}\n");
        } else if (column.notNull()) {
            text.append("    constraints: {nullable: false}\n");
        }
        return text.toString().stripTrailing();
    }

    private static String defaultValue(String expression) {
        Matcher text = TEXT.matcher(expression);
        if (expression.matches("true|false")) {
            return "defaultValueBoolean: " + expression;
        }
        if (expression.matches("-?\\d+(\\.\\d+)?")) {
            return "defaultValueNumeric: " + expression;
        }
        return text.matches() ? "defaultValue: " + YamlText.quoted(text.group(1))
                : "defaultValueComputed: " + YamlText.quoted(expression);
    }

    private static String remarks(Optional<String> remarks) {
        return YamlText.scalar(remarks.orElse(TODO));
    }

    private static String uniqueConstraint(JpaTable table, String name, String definition) {
        return """
                - addUniqueConstraint:
                    constraintName: %s
                    tableName: %s
                    columnNames: %s""".formatted(name, plain(table.name()),
                String.join(", ", JpaTable.columnsOf(definition)).replace("\"", ""));
    }

    private static String foreignKey(ForeignKey key) {
        return """
                - addForeignKeyConstraint:
                    constraintName: %s
                    baseTableName: %s
                    baseColumnNames: %s
                    referencedTableName: %s
                    referencedColumnNames: %s%s""".formatted(key.name(), plain(key.table()), plain(key.columns()),
                plain(key.toTable()), plain(key.toColumns()),
                key.onDelete().map(action -> "\n    onDelete: " + action).orElse(""));
    }

    private static String index(String definition) {
        Matcher index = PLAIN_INDEX.matcher(definition);
        return !index.matches() || definition.contains(" DESC") || definition.contains(" NULLS ")
                ? YamlText.sql(ObjectDdl.house(definition))
                : """
                - createIndex:
                    indexName: %s
                    tableName: %s
                    columns:
                %s""".formatted(index.group(1), index.group(2), JpaTable.columnsOf(definition).stream()
                        .map(column -> "      - column: {name: " + column + "}").collect(joining("\n")));
    }

    private static String plain(String name) {
        return name.replace("\"", "");
    }
}
