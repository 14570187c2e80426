package dev.supportdb.preflight;

import java.util.Arrays;
import java.util.List;
import liquibase.change.AbstractChange;
import liquibase.change.ChangeMetaData;
import liquibase.change.DatabaseChange;
import liquibase.change.DatabaseChangeProperty;
import liquibase.database.Database;
import liquibase.statement.SqlStatement;

/**
 * Says which values a column has from this changeset on that it may not have had before. Changes nothing: before a run,
 * the checks of other people are tried with each of them. In a changelog it is {@code writes}, in a rollback block the
 * values that come back; {@code values} are texts with commas between them.
 */
@DatabaseChange(name = "writes", description = "Says which values a column gets",
        priority = ChangeMetaData.PRIORITY_DEFAULT)
public final class WritesChange extends AbstractChange {

    /** Said here, since Liquibase would find it out by trial. */
    private static final String EVERY_DATABASE = "all";

    private String tableName;
    private String columnName;
    private String values;

    List<String> texts() {
        return Arrays.stream(values.split(",")).map(String::strip).toList();
    }

    @Override
    public SqlStatement[] generateStatements(Database database) {
        return SqlStatement.EMPTY_SQL_STATEMENT;
    }

    @Override
    public String getConfirmationMessage() {
        return "%s.%s may be %s".formatted(tableName, columnName, values);
    }

    @DatabaseChangeProperty(requiredForDatabase = EVERY_DATABASE, supportsDatabase = EVERY_DATABASE)
    public String getTableName() {
        return tableName;
    }

    public void setTableName(String tableName) {
        this.tableName = tableName;
    }

    @DatabaseChangeProperty(requiredForDatabase = EVERY_DATABASE, supportsDatabase = EVERY_DATABASE)
    public String getColumnName() {
        return columnName;
    }

    public void setColumnName(String columnName) {
        this.columnName = columnName;
    }

    @DatabaseChangeProperty(requiredForDatabase = EVERY_DATABASE, supportsDatabase = EVERY_DATABASE)
    public String getValues() {
        return values;
    }

    public void setValues(String values) {
        this.values = values;
    }
}
