package dev.supportdb.generate;

import static java.util.stream.Collectors.joining;

import dev.supportdb.changelog.YamlText;
import dev.supportdb.postgres.SqlLiteral;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Liquibase's changes as YAML text. */
final class YamlChanges {

    /** Marks a value that a model does not define and a person must write. */
    static final String TODO = "TODO";

    private static final Pattern TEXT = Pattern.compile("'([^']*)'::(?:character varying|text)");

    private YamlChanges() {
    }

    /** All changes that create a table. The foreign keys come last, since they lock other tables. */
    static List<String> table(JpaTable table, Predicate<TableKey> wanted) {
        List<String> changes = new ArrayList<>(List.of(createTable(table)));
        table.columns().values().stream()
                .filter(column -> !column.isPlain() && !table.keyColumns().contains(column.name()))
                .forEach(column -> changes.add(addColumn(table, column)));
        table.keys().values().stream().filter(key -> key.type().equals("unique"))
                .forEach(key -> changes.add(uniqueConstraint(key)));
        table.indexes().values().forEach(index -> changes.add(index(index)));
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
                                first.contains(column.name()) ? table.primaryKey().orElseThrow().name() : null))
                        .collect(joining("\n")))).stripTrailing();
    }

    static String addColumn(JpaTable table, CatalogColumn column) {
        if (!column.isPlain()) {
            return YamlText.sql(
                    "alter table %s add column %s".formatted(table.name(), column.sql())) + "\n"
                    + YamlText.sql("comment on column %s.%s is %s".formatted(table.name(), column.name(),
                            SqlLiteral.of(column.remarks().orElse(TODO))));
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

    /** @param primaryKey the name of the primary key that the column is part of, or null */
    private static String column(CatalogColumn column, String primaryKey) {
        StringBuilder text = new StringBuilder("""
                - column:
                    name: %s
                    type: %s
                """.formatted(column.plainName(), column.type()));
        if (column.identity().isPresent()) {
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

    /** @param object the commented object, as {@code comment on} names it */
    static ChangesetDraft comment(String object, Optional<String> before, String after) {
        return new ChangesetDraft("comment_on_" + object.replaceAll("\\W+", "_"), "Say of %s what the models say"
                .formatted(object))
                .changeSql("comment on %s is %s".formatted(object, SqlLiteral.of(after)))
                .backSql("comment on %s is %s".formatted(object, before.map(SqlLiteral::of).orElse("null")));
    }

    private static String remarks(Optional<String> remarks) {
        return YamlText.scalar(remarks.orElse(TODO));
    }

    private static String uniqueConstraint(TableKey key) {
        return """
                - addUniqueConstraint:
                    constraintName: %s
                    tableName: %s
                    columnNames: %s""".formatted(key.name(), plain(key.table()), plain(key.columnList()));
    }

    private static String foreignKey(TableKey key) {
        return """
                - addForeignKeyConstraint:
                    constraintName: %s
                    baseTableName: %s
                    baseColumnNames: %s
                    referencedTableName: %s
                    referencedColumnNames: %s%s""".formatted(key.name(), plain(key.table()), plain(key.columnList()),
                plain(key.references()), plain(String.join(", ", key.toColumns())),
                action("onDelete", key.onDelete()) + action("onUpdate", key.onUpdate()));
    }

    private static String action(String event, Optional<String> action) {
        return action.map(words -> "\n    %s: %s".formatted(event, words.toUpperCase(Locale.ROOT))).orElse("");
    }

    private static String index(TableIndex index) {
        return index.unique() || !index.keys().equals(index.columns()) || index.columnList().contains("\"")
                ? YamlText.sql(index.sql())
                : """
                - createIndex:
                    indexName: %s
                    tableName: %s
                    columns:
                %s""".formatted(index.name(), index.table(), index.columns().stream()
                        .map(column -> "      - column: {name: " + column + "}").collect(joining("\n")));
    }

    private static String plain(String name) {
        return name.replace("\"", "");
    }
}
