package dev.supportdb.postgres;

import liquibase.Scope;
import liquibase.database.Database;
import liquibase.exception.DatabaseException;
import liquibase.executor.Executor;
import liquibase.executor.ExecutorService;
import liquibase.statement.core.RawParameterizedSqlStatement;

/** Executes the statements of a Liquibase command, or writes them into its script. */
public final class LiquibaseExecutor {

    private LiquibaseExecutor() {
    }

    /** Returns whether statements are executed; false in SQL mode, where they are written into a script. */
    public static boolean updatesDatabase(Database database) {
        return of(database).updatesDatabase();
    }

    /** Executes a statement, or writes it into the script. */
    public static void execute(Database database, String sql) throws DatabaseException {
        of(database).execute(new RawParameterizedSqlStatement(sql));
    }

    /** Writes a comment into the script; does nothing without a script. */
    public static void comment(Database database, String text) throws DatabaseException {
        of(database).comment(text);
    }

    private static Executor of(Database database) {
        return Scope.getCurrentScope().getSingleton(ExecutorService.class).getExecutor("jdbc", database);
    }
}
