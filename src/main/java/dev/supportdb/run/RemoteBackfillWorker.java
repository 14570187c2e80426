package dev.supportdb.run;

import dev.supportdb.backfill.Backfill;
import dev.supportdb.changelog.Changelog;
import dev.supportdb.postgres.ConnectionSource;
import dev.supportdb.preflight.ReadOnlyCheck;
import dev.supportdb.preflight.SearchPathCheck;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Consumer;
import liquibase.Scope;
import liquibase.database.Database;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.CustomChangeException;
import liquibase.exception.LiquibaseException;

/**
 * An additional worker for a backfill of another process, perhaps on another machine. It takes no lock of a Liquibase
 * run.
 */
public final class RemoteBackfillWorker {

    private final TargetDatabase target;
    private final Path root;
    private final Consumer<String> say;

    /**
     * @param root the folder the changelog's path starts from; it must be the changelog that the other process has
     * @param say  receives what the worker waits for
     */
    public RemoteBackfillWorker(TargetDatabase target, Path root, Consumer<String> say) {
        this.target = target;
        this.root = root;
        this.say = say;
    }

    /**
     * Works until no range of the backfill is left; returns at once if it is not running.
     *
     * @throws LiquibaseException when the changelog has no such backfill, no connection can be had, a batch fails for
     *                            good, or the backfill is cancelled
     */
    public void join(String name) throws LiquibaseException {
        try {
            Scope.child(LiquibaseRunner.scope(root, say), () -> work(name));
        } catch (LiquibaseException e) {
            throw e;
        } catch (Exception e) {
            throw new CommandExecutionException(e);
        }
    }

    private void work(String name) throws LiquibaseException, CustomChangeException {
        Backfill backfill = find(name);
        try (Connection connection = connect()) {
            backfill.join(connection, say);
        } catch (SQLException e) {
            throw new CustomChangeException("This worker on backfill '%s' stopped: %s. Rows already written are kept."
                    .formatted(name, e.getMessage()), e);
        }
    }

    private Backfill find(String name) throws LiquibaseException {
        return Changelog.parse(target.changelog(), target.parameters()).getChangeSets().stream()
                .flatMap(Backfill::in)
                .filter(backfill -> backfill.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new CommandExecutionException(
                        "%s has no backfill '%s': use the version of the project that runs it."
                                .formatted(target.changelog(), name)));
    }

    private Connection connect() throws LiquibaseException, SQLException {
        Database database = LiquibaseRunner.open(target, root);
        try {
            new ReadOnlyCheck(database).check();
            new SearchPathCheck(database).check();
            return ((ConnectionSource) database.getConnection()).reopen();
        } finally {
            database.close();
        }
    }
}
