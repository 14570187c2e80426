package dev.supportdb.session;

import java.io.IOException;
import java.io.Writer;
import java.util.List;
import liquibase.database.Database;
import liquibase.database.OfflineConnection;
import liquibase.exception.DatabaseException;
import liquibase.executor.Executor;
import liquibase.executor.LoggingExecutor;
import liquibase.sql.visitor.ReplaceSqlVisitor;
import liquibase.statement.SqlStatement;
import liquibase.statement.core.CreateDatabaseChangeLogTableStatement;

/** Writes a script for psql instead of running its statements. */
final class ScriptExecutor extends LoggingExecutor {

    /** Liquibase writes this warning before every custom change. Those of this project write the same SQL each time. */
    private static final String CUSTOM_CHANGE_WARNING = "WARNING The following SQL may change each run";

    ScriptExecutor(Executor reader, Writer output, Database database) {
        super(reader, output, database);
    }

    /**
     * Writes how to run the script, and psql commands that stop at an error: otherwise psql would continue, and half a
     * migration would be recorded as complete. Also turns autocommit on, which a psqlrc may have turned off.
     */
    void writeOrders() throws DatabaseException {
        try {
            getOutput().write("""
                    -- Run this with psql -f. It stops at the first error. A changeset is applied whole or not at all,
                    -- except a backfill, which keeps the batches it has committed. To resume after an error, run the
                    -- same update or rollback without a script, or write a new script.
                    \\set ON_ERROR_STOP on
                    \\set AUTOCOMMIT on
                    """);
        } catch (IOException e) {
            throw new DatabaseException(e);
        }
    }

    /** Creates the history table only if it does not exist: a database that was rolled back completely still has it. */
    @Override
    public void execute(SqlStatement statement) throws DatabaseException {
        if (statement instanceof CreateDatabaseChangeLogTableStatement) {
            ReplaceSqlVisitor ifNotExists = new ReplaceSqlVisitor();
            ifNotExists.setReplace("CREATE TABLE ");
            ifNotExists.setWith("CREATE TABLE IF NOT EXISTS ");
            execute(statement, List.of(ifNotExists));
        } else {
            super.execute(statement);
        }
    }

    /** Leaves out the warning about custom changes, and the server name of a script written without a server. */
    @Override
    public void comment(String message) throws DatabaseException {
        boolean namesNoServer = message.startsWith("Against: ")
                && database.getConnection() instanceof OfflineConnection;
        if (!message.startsWith(CUSTOM_CHANGE_WARNING) && !namesNoServer) {
            super.comment(message);
        }
    }
}
