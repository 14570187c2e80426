package dev.supportdb.deploy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import liquibase.Scope;
import liquibase.change.core.RawSQLChange;
import liquibase.changelog.ChangeSet;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.DatabaseException;
import liquibase.executor.Executor;
import liquibase.executor.ExecutorService;
import liquibase.statement.core.RawParameterizedSqlStatement;
import org.postgresql.util.PSQLException;

/**
 * Asks the guards of all changesets about to be undone, before the first of them is.
 *
 * <p>A guard is an {@code sql} in a changeset's rollback block that begins with {@code do $refuse$}: it changes
 * nothing, and raises an exception where the old shape cannot hold the data of the new one. It is run again at its
 * turn, so what cannot be answered yet, because the shape it asks about comes back only on the way, is answered then.
 */
final class RollbackGuards {

    private static final String GUARD = "do $refuse$";

    /** Syntax error or access rule violation: here, that something is not there. */
    private static final String NOT_THERE = "42";

    private final Database database;

    RollbackGuards(Database database) {
        this.database = database;
    }

    /** Refuses with the words of all guards that do. */
    void check(List<ChangeSet> undone) throws DatabaseException, SQLException, CommandExecutionException {
        List<String> refusals = new ArrayList<>();
        for (ChangeSet changeSet : undone) {
            for (String guard : guards(changeSet)) {
                String refusal = ask(guard);
                if (refusal != null) {
                    refusals.add(changeSet.toString(false) + ": " + refusal);
                }
            }
        }
        if (!refusals.isEmpty()) {
            throw new CommandExecutionException("This rollback would lose data, and nothing has been rolled back.\n- %s"
                    .formatted(String.join("\n- ", refusals)));
        }
    }

    /** Puts the guards that can be asked by now before everything else in a script. */
    void write(List<ChangeSet> undone) throws DatabaseException, SQLException {
        Executor script = Scope.getCurrentScope().getSingleton(ExecutorService.class).getExecutor("jdbc", database);
        for (ChangeSet changeSet : undone) {
            for (String guard : guards(changeSet)) {
                if (isThere(guard)) {
                    script.comment("Before anything is undone: what " + changeSet.toString(false) + " asks");
                    script.execute(new RawParameterizedSqlStatement(guard));
                }
            }
        }
    }

    private boolean isThere(String guard) throws DatabaseException, SQLException {
        try {
            run(guard);
            return true;
        } catch (PSQLException e) {
            return !e.getSQLState().startsWith(NOT_THERE);
        }
    }

    private static List<String> guards(ChangeSet changeSet) {
        return changeSet.getRollback().getChanges().stream()
                .filter(RawSQLChange.class::isInstance)
                .map(change -> ((RawSQLChange) change).getSql().strip())
                .filter(sql -> sql.regionMatches(true, 0, GUARD, 0, GUARD.length()))
                .toList();
    }

    /** Null when the guard has nothing against it. */
    private String ask(String guard) throws DatabaseException, SQLException {
        try {
            run(guard);
            return null;
        } catch (PSQLException e) {
            if (e.getSQLState().startsWith(NOT_THERE)) {
                return null;
            }
            return e.getServerErrorMessage() == null ? e.getMessage() : words(e);
        }
    }

    private void run(String guard) throws DatabaseException, SQLException {
        Connection connection = ((JdbcConnection) database.getConnection()).getUnderlyingConnection();
        database.rollback();
        try (Statement statement = connection.createStatement()) {
            // Who waits to read makes nobody wait.
            statement.execute("set transaction read only; set local lock_timeout = '1min'");
            statement.execute(guard);
        } finally {
            database.rollback();
        }
    }

    private static String words(PSQLException refusal) {
        String hint = refusal.getServerErrorMessage().getHint();
        return refusal.getServerErrorMessage().getMessage() + (hint == null ? "" : "\n  %s".formatted(hint));
    }
}
