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

/** A script for psql, written instead of run. */
final class ScriptExecutor extends LoggingExecutor {

    /** Liquibase says this of every custom change. Ours say the same SQL each time. */
    private static final String NOT_SO = "WARNING The following SQL may change each run";

    ScriptExecutor(Executor reader, Writer output, Database database) {
        super(reader, output, database);
    }

    /** psql goes on after an error unless told not to: half a migration would be recorded as a whole one. */
    void stopAtTheFirstError() throws DatabaseException {
        try {
            getOutput().write("\\set ON_ERROR_STOP on\n");
        } catch (IOException e) {
            throw new DatabaseException(e);
        }
    }

    /** A database that has gone all the way back has this table, which is all that is left there. */
    @Override
    public void execute(SqlStatement statement) throws DatabaseException {
        if (statement instanceof CreateDatabaseChangeLogTableStatement) {
            ReplaceSqlVisitor unlessThere = new ReplaceSqlVisitor();
            unlessThere.setReplace("CREATE TABLE ");
            unlessThere.setWith("CREATE TABLE IF NOT EXISTS ");
            execute(statement, List.of(unlessThere));
        } else {
            super.execute(statement);
        }
    }

    @Override
    public void comment(String message) throws DatabaseException {
        boolean isAgainstNothing = message.startsWith("Against: ")
                && database.getConnection() instanceof OfflineConnection;
        if (!message.startsWith(NOT_SO) && !isAgainstNothing) {
            super.comment(message);
        }
    }
}
