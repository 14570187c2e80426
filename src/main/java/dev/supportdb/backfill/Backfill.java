package dev.supportdb.backfill;

import dev.supportdb.backfill.engine.BackfillDirection;
import dev.supportdb.backfill.engine.BackfillEngine;
import dev.supportdb.objects.ColumnReplacement;
import dev.supportdb.postgres.ConnectionSource;
import dev.supportdb.postgres.LiquibaseExecutor;
import dev.supportdb.postgres.LostConnection;
import dev.supportdb.postgres.PrintableText;
import dev.supportdb.postgres.UserMessages;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import liquibase.change.custom.CustomChangeWrapper;
import liquibase.change.custom.CustomTaskChange;
import liquibase.change.custom.CustomTaskRollback;
import liquibase.changelog.ChangeSet;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.CustomChangeException;
import liquibase.exception.DatabaseException;
import liquibase.exception.ValidationErrors;
import liquibase.resource.ResourceAccessor;

/**
 * A Liquibase custom change that moves the rows of a large table in short transactions, forward and back.
 *
 * <p>A subclass says what to do, as a {@link BackfillPlan}; how it is done is the same for all of them. Its changeset
 * must say {@code runInTransaction: false} and carry no rollback block: Liquibase then calls {@link #rollback}.
 *
 * <p>Liquibase calls {@link #execute} and {@link #rollback} also when it only writes SQL for review (updateSQL,
 * rollbackSQL, futureRollbackSQL, offline). Then nothing is run; the same plan is written as a script instead.
 *
 * <p>A class named in a changelog that has been run somewhere can never be renamed or deleted.
 */
public abstract class Backfill implements CustomTaskChange, CustomTaskRollback {

    /** The setting of a run under which one worker takes the rows in the same order each time. */
    public static final String SAME_ORDER = "supportdb.backfill.sameOrder";

    /** The setting of how long to pause between batches, a number for each unit of work. */
    public static final String REST_RATIO = "supportdb.backfill.restRatio";

    /**
     * Returns the backfills of a changeset, without those whose parameters are wrong, which Liquibase refuses anyway.
     */
    public static Stream<Backfill> in(ChangeSet changeSet) {
        return changeSet.getChanges().stream()
                .filter(CustomChangeWrapper.class::isInstance)
                .map(CustomChangeWrapper.class::cast)
                // A custom change has its parameters only after its validation.
                .filter(change -> !change.validate(null).hasErrors())
                .map(CustomChangeWrapper::getCustomChange)
                .filter(Backfill.class::isInstance)
                .map(Backfill.class::cast);
    }

    /** Returns the plan; never null. Called often, also before there is a connection, so it must only describe. */
    protected abstract BackfillPlan plan();

    /** The key of its row in the table {@code backfills}. */
    public final String name() {
        return plan().name();
    }

    /**
     * Returns the column whose type this backfill changes before or after its batches, for a fill or an undo; empty for
     * none.
     */
    public Optional<ColumnReplacement> replacement(boolean fill) {
        return Optional.empty();
    }

    /** The table whose rows it writes, from its plan. */
    public final String table() {
        return plan().table();
    }

    /**
     * Returns why this backfill cannot run on this database, as a sentence; empty if it can, or if its table does not
     * exist yet.
     */
    public final Optional<String> refusal(Connection connection) throws SQLException {
        return KeyColumn.refusal(connection, table());
    }

    /** Returns the statement for a batch of rows, for a fill or an undo; null if there is none for that direction. */
    public final String statement(boolean fill) {
        return (fill ? plan().fill() : plan().undo()).statement();
    }

    /** Returns the SQL that runs before the first batch and after the last one, for a fill or an undo. */
    public final Stream<String> statementsAround(boolean fill) {
        BackfillSteps steps = fill ? plan().fill() : plan().undo();
        return Stream.of(steps.prepare(), steps.finish()).filter(Objects::nonNull);
    }

    /**
     * Joins a run of this backfill in another process, also one that has stopped: works until no range is left, or the
     * backfill is cancelled. The steps before and after the batches are left to the run itself.
     *
     * @param connection for this worker alone, to the database of the run, its session prepared as Liquibase's is
     * @param say        receives what it waits for, when it lasts
     * @return false when there was no run to take part in
     * @throws SQLException when a batch fails for good, or when it is cancelled
     */
    public final boolean join(Connection connection, Consumer<String> say) throws SQLException {
        return new BackfillEngine(plan()).join(connection, say);
    }

    @Override
    public final void execute(Database database) throws CustomChangeException {
        run(database, BackfillDirection.FILL);
    }

    @Override
    public final void rollback(Database database) throws CustomChangeException {
        run(database, BackfillDirection.UNDO);
    }

    private void run(Database database, BackfillDirection direction) throws CustomChangeException {
        try {
            if (LiquibaseExecutor.updatesDatabase(database)) {
                run(connection(database), direction);
            } else {
                LiquibaseExecutor.execute(database, new BackfillEngine(plan()).script(direction));
            }
        } catch (DatabaseException e) {
            throw new CustomChangeException(e.getMessage(), e);
        }
    }

    private void run(JdbcConnection jdbc, BackfillDirection direction) throws CustomChangeException {
        ConnectionSource more = jdbc instanceof ConnectionSource reopenable ? reopenable : null;
        Connection connection = jdbc.getUnderlyingConnection();
        try {
            boolean autoCommit = connection.getAutoCommit();
            connection.setAutoCommit(false);
            try {
                Optional<String> refusal = refusal(connection);
                connection.rollback();
                if (refusal.isPresent()) {
                    throw new CustomChangeException("Backfill '%s' cannot run: %s".formatted(name(), refusal.get()));
                }
                // Messages go to this thread's scope; other workers run in threads of their own.
                new BackfillEngine(plan()).run(connection, more, direction, UserMessages.ofScope());
            } finally {
                leave(connection, autoCommit);
            }
        } catch (SQLException e) {
            throw new CustomChangeException("""
                    %s of backfill '%s' on table %s stopped: %s. Rows already written are kept. \
                    Run the same command to resume.""".formatted(
                            direction == BackfillDirection.FILL ? "The fill" : "The undo", plan().name(),
                            plan().table(), PrintableText.of(LostConnection.words(e))), e);
        }
    }

    /**
     * Restores the settings of the connection. Ignores the failure of a lost connection, so that it does not hide the
     * first failure.
     */
    private static void leave(Connection connection, boolean autoCommit) {
        try {
            connection.rollback();
            connection.setAutoCommit(autoCommit);
        } catch (SQLException lost) {
            // The caller throws the first failure. If there was none, the next use of the connection fails.
        }
    }

    private static JdbcConnection connection(Database database) throws CustomChangeException {
        if (database.getConnection() instanceof JdbcConnection jdbc) {
            return jdbc;
        }
        throw new CustomChangeException("A backfill needs a JDBC connection, not " + database.getConnection());
    }

    @Override
    public final ValidationErrors validate(Database database) {
        ValidationErrors errors = new ValidationErrors();
        try {
            plan().errors().forEach(errors::addError);
        } catch (IllegalArgumentException e) {
            errors.addError(e.getMessage());
        }
        return errors;
    }

    @Override
    public final String getConfirmationMessage() {
        return "Backfill " + plan().name();
    }

    @Override
    public final void setUp() {
        // Nothing to set up: a plan is only text.
    }

    @Override
    public final void setFileOpener(ResourceAccessor resourceAccessor) {
        // A plan reads no files.
    }
}
