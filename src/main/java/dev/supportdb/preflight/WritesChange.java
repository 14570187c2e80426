package dev.supportdb.preflight;

import dev.supportdb.objects.AbstractColumnChange;
import java.util.Arrays;
import java.util.List;
import liquibase.change.ChangeMetaData;
import liquibase.change.DatabaseChange;
import liquibase.change.DatabaseChangeProperty;
import liquibase.database.Database;
import liquibase.statement.SqlStatement;

/**
 * Declares values that a column may have from this changeset on and did not have before. Changes nothing: before a run,
 * other people's check constraints are tried with each value. In a changelog it is {@code writes}, in a rollback block
 * for the values that come back; {@code values} are comma-separated texts.
 */
@DatabaseChange(name = "writes", description = "Says which values a column gets",
        priority = ChangeMetaData.PRIORITY_DEFAULT)
public final class WritesChange extends AbstractColumnChange {

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
        return "%s.%s may be %s".formatted(getTableName(), getColumnName(), values);
    }

    @DatabaseChangeProperty(requiredForDatabase = EVERY_DATABASE, supportsDatabase = EVERY_DATABASE)
    public String getValues() {
        return values;
    }

    public void setValues(String values) {
        this.values = values;
    }
}
