package dev.supportdb.objects;

import liquibase.change.AbstractChange;
import liquibase.change.DatabaseChangeProperty;

/** A change of one column in a changelog. */
public abstract class AbstractColumnChange extends AbstractChange {

    /** The supported databases, declared because Liquibase would otherwise find them by calling this class. */
    protected static final String EVERY_DATABASE = "all";

    private String tableName;
    private String columnName;

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
}
