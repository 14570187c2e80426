package dev.supportdb.preflight;

import java.util.Collection;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.change.AbstractSQLChange;
import liquibase.change.Change;
import liquibase.change.ColumnConfig;
import liquibase.change.ConstraintsConfig;
import liquibase.change.core.AddColumnChange;
import liquibase.change.core.AddForeignKeyConstraintChange;
import liquibase.change.core.CreateProcedureChange;
import liquibase.change.core.CreateSequenceChange;
import liquibase.change.core.CreateTableChange;
import liquibase.change.core.CreateViewChange;
import liquibase.change.core.ModifyDataTypeChange;
import liquibase.change.core.RenameTableChange;
import liquibase.change.core.RenameViewChange;
import liquibase.changelog.DatabaseChangeLog;

/** Names of objects in changes, as the server stores them. Names in a function body or a comment count too. */
final class NamedObjects {

    private static final String NAME = "(?:\"?\\w+\"?\\s*\\.\\s*)?(\"[^\"]+\"|\\w+)";
    private static final Pattern CREATED = sql("create\\s+(?:or\\s+replace\\s+)?(?:unlogged\\s+|foreign\\s+|recursive\\s+"
            + "|materialized\\s+)?(?:table|view|function|procedure|aggregate|type|domain|sequence)\\s+"
            + "(?:if\\s+not\\s+exists\\s+)?" + NAME);
    private static final Pattern RENAMED = sql("rename\\s+to\\s+" + NAME);
    private static final Pattern REFERENCED = sql("references\\s+" + NAME);
    private static final Pattern EXTENSION = sql("create\\s+extension\\s+(?:if\\s+not\\s+exists\\s+)?" + NAME);
    private static final Pattern SCHEMA = sql("create\\s+schema\\s+(?:if\\s+not\\s+exists\\s+)?" + NAME);
    private static final Pattern WORD = sql(NAME);

    private final Collection<Change> changes;

    NamedObjects(Collection<Change> changes) {
        this.changes = changes;
    }

    /** The objects named in the changes of all changesets of a changelog. */
    static NamedObjects in(DatabaseChangeLog changeLog) {
        return new NamedObjects(changeLog.getChangeSets().stream()
                .flatMap(changeSet -> changeSet.getChanges().stream()).toList());
    }

    private static Pattern sql(String form) {
        return Pattern.compile("(?<![\\w.])" + form, Pattern.CASE_INSENSITIVE);
    }

    /** The tables, views, sequences, functions and types that the changes create, under all their names. */
    String[] created() {
        return names(change -> change instanceof CreateTableChange table ? table.getTableName()
                : change instanceof CreateViewChange view ? view.getViewName()
                : change instanceof CreateSequenceChange sequence ? sequence.getSequenceName()
                : change instanceof RenameTableChange table ? table.getNewTableName()
                : change instanceof RenameViewChange view ? view.getNewViewName() : null, CREATED, RENAMED);
    }

    /** The tables that new foreign keys refer to. */
    String[] referenced() {
        return names(change -> change instanceof AddForeignKeyConstraintChange key
                ? key.getReferencedTableName() : null, REFERENCED);
    }

    String[] extensions() {
        return names(change -> null, EXTENSION);
    }

    String[] schemas() {
        return names(change -> null, SCHEMA);
    }

    /** Every word of the SQL, including the types of columns. */
    String[] words() {
        return names(change -> null, WORD);
    }

    private interface Name {
        String of(Change change);
    }

    private String[] names(Name own, Pattern... patterns) {
        return changes.stream().flatMap(change -> Stream.concat(Stream.ofNullable(own.of(change)),
                Stream.of(patterns).flatMap(pattern -> pattern.matcher(sql(change)).results())
                        .map(found -> stored(found.group(1))))).distinct().toArray(String[]::new);
    }

    private static String stored(String name) {
        return name.startsWith("\"") ? name.substring(1, name.length() - 1) : name.toLowerCase(Locale.ROOT);
    }

    private static String sql(Change change) {
        String sql = change instanceof AbstractSQLChange raw ? raw.getSql()
                : change instanceof CreateProcedureChange procedure ? procedure.getProcedureText()
                : change instanceof CreateViewChange view ? view.getSelectQuery()
                : change instanceof CreateTableChange table ? columns(table.getColumns())
                : change instanceof AddColumnChange add ? columns(add.getColumns())
                : change instanceof ModifyDataTypeChange type ? type.getNewDataType() : "";
        return sql == null ? "" : sql;
    }

    private static String columns(Collection<? extends ColumnConfig> columns) {
        return columns.stream().map(column -> column.getType() + references(column.getConstraints()))
                .collect(Collectors.joining(" "));
    }

    private static String references(ConstraintsConfig constraints) {
        return constraints == null ? ""
                : constraints.getReferencedTableName() != null ? " references " + constraints.getReferencedTableName()
                : constraints.getReferences() != null ? " references " + constraints.getReferences() : "";
    }
}
