package dev.supportdb.objects;

import liquibase.change.ChangeMetaData;
import liquibase.change.DatabaseChange;
import liquibase.change.DatabaseChangeProperty;
import liquibase.database.Database;
import liquibase.statement.SqlStatement;
import liquibase.statement.core.RawParameterizedSqlStatement;

/**
 * A {@link ColumnReplacement} in a changelog: {@code replaceColumn}. Each index and check is swapped with its
 * counterpart on the new column, which {@link PrepareReplacementChange} has built, or the changelog itself under the
 * same name.
 */
@DatabaseChange(name = "replaceColumn", priority = ChangeMetaData.PRIORITY_DEFAULT,
        description = "Changes the type of a column and keeps its indexes, constraints and privileges")
public final class ReplaceColumnChange extends AbstractColumnChange {

    private String newColumnName;
    private String oldColumnName;
    private String newDataType;

    @Override
    public SqlStatement[] generateStatements(Database database) {
        return new SqlStatement[] {new RawParameterizedSqlStatement(replacement().sql())};
    }

    /** The replacement that this change does. */
    public ColumnReplacement replacement() {
        return new ColumnReplacement(getTableName(), getColumnName(), newColumnName, oldColumnName, newDataType);
    }

    @Override
    public String getConfirmationMessage() {
        return "Column %s of %s now has the type %s".formatted(getColumnName(), getTableName(), newDataType);
    }

    @DatabaseChangeProperty(supportsDatabase = EVERY_DATABASE)
    public String getNewColumnName() {
        return newColumnName;
    }

    public void setNewColumnName(String newColumnName) {
        this.newColumnName = newColumnName;
    }

    @DatabaseChangeProperty(requiredForDatabase = EVERY_DATABASE, supportsDatabase = EVERY_DATABASE)
    public String getNewDataType() {
        return newDataType;
    }

    public void setNewDataType(String newDataType) {
        this.newDataType = newDataType;
    }

    @DatabaseChangeProperty(supportsDatabase = EVERY_DATABASE)
    public String getOldColumnName() {
        return oldColumnName;
    }

    public void setOldColumnName(String oldColumnName) {
        this.oldColumnName = oldColumnName;
    }
}
