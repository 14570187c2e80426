package dev.supportdb.verify;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.schema.SchemaFingerprint;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import liquibase.ContextExpression;
import liquibase.Contexts;
import liquibase.Labels;
import liquibase.Scope;
import liquibase.changelog.ChangeLogParameters;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.DefaultChangeExecListener;
import liquibase.command.core.helpers.DatabaseChangelogCommandStep;
import liquibase.database.Database;
import liquibase.database.core.PostgresDatabase;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.LiquibaseException;

/**
 * The schema of a database that has run certain changesets and nothing else: they run in a scratch database, which is
 * dropped afterwards in any case.
 *
 * <p>Filters and preconditions are ignored: the question is not whether the changesets would run, but which schema they
 * leave. The scratch database is empty, so backfills have nothing to move; demo data is that of one ticket.
 */
public final class ExpectedSchema {

    /** Remembers the changeset that failed. */
    private static final class Failed extends DefaultChangeExecListener {

        private Optional<ChangeSet> changeSet = Optional.empty();

        @Override
        public void runFailed(ChangeSet failed, DatabaseChangeLog changeLog, Database database, Exception why) {
            changeSet = Optional.of(failed);
        }
    }

    private final TargetDatabase server;
    private final Path root;
    private final Function<ChangeSet, String> advice;

    /**
     * @param server a database of the server for the scratch database, and the changelog
     * @param root   the folder the changelog's path starts from
     */
    public ExpectedSchema(TargetDatabase server, Path root) {
        this(server, root, failed -> "");
    }

    /** @param advice advice for a changeset that fails, on lines of its own; may be empty */
    public ExpectedSchema(TargetDatabase server, Path root, Function<ChangeSet, String> advice) {
        this.server = server;
        this.root = root;
        this.advice = advice;
    }

    /** The folder that the changelog's path starts from. */
    Path root() {
        return root;
    }

    /**
     * Returns the schema after those changesets of the changelog that {@code ran} accepts, in the order of the files.
     *
     * @throws CommandExecutionException if the scratch database may not be created, or a changeset fails in it
     */
    public SchemaFingerprint of(Predicate<ChangeSet> ran) throws SQLException, LiquibaseException {
        try (ScratchDatabase scratch = ScratchDatabase.beside(server, "expected")) {
            TargetDatabase target = scratch.target(server.contexts(), null, 1);
            DatabaseChangeLog these = parse(target, changeLog -> only(ran, changeLog));
            Failed failed = new Failed();
            try {
                new LiquibaseRunner(target, root, line -> { }, failed)
                        .run("update", Map.of("databaseChangelog", these, "contextFilter", ""));
            } catch (CommandExecutionException e) {
                // Without the cause, because the message of the innermost cause is the one that is shown.
                throw new CommandExecutionException("""
                        Cannot compare: the changesets recorded as run here fail in an empty scratch database. In the \
                        database itself nothing has been changed or recorded.
                        %s
                        To try another server, set SCRATCH_URL.%s"""
                        .formatted(LiquibaseRunner.reason(e), failed.changeSet.map(advice).orElse("")));
            }
            try (Connection connection = scratch.connect()) {
                return SchemaFingerprint.of(connection);
            }
        }
    }

    /** Keeps only the changesets that have run, and removes the conditions that depend on others. */
    private static DatabaseChangeLog only(Predicate<ChangeSet> ran, DatabaseChangeLog changeLog) {
        changeLog.getChangeSets().removeIf(ran.negate());
        for (ChangeSet changeSet : changeLog.getChangeSets()) {
            changeSet.setPreconditions(null);
            changeSet.setLabels(new Labels());
            // A context with @ does not run without a context, so the filter is removed.
            changeSet.setContextFilter(new ContextExpression());
            for (DatabaseChangeLog file = changeSet.getChangeLog(); file != null; file = file.getParentChangeLog()) {
                file.setContextFilter(new ContextExpression());
                file.setIncludeContextFilter(new ContextExpression());
            }
        }
        return changeLog;
    }

    /** Refuses a scratch server of another major version, which would, for example, write the same view differently. */
    void refuseUnlessVersion(int major) throws CommandExecutionException {
        try (Connection connection = server.connect()) {
            int other = connection.getMetaData().getDatabaseMajorVersion();
            if (other != major) {
                throw new CommandExecutionException("""
                        The database is on PostgreSQL %d, and the server of SCRATCH_URL is PostgreSQL %d, which \
                        describes some objects differently: set SCRATCH_URL to a server of the same major version."""
                        .formatted(major, other));
            }
        } catch (SQLException e) {
            throw ScratchDatabase.noServer(e);
        }
    }

    /**
     * Answers a question about the whole changelog. The changelog is parsed with access to its files, which checksums
     * need.
     */
    <T> T ask(Function<DatabaseChangeLog, T> question) throws LiquibaseException {
        return parse(server, question);
    }

    private <T> T parse(TargetDatabase target, Function<DatabaseChangeLog, T> question) throws LiquibaseException {
        ChangeLogParameters parameters = LiquibaseRunner.parameters(target);
        // The contexts may choose between two values of a property.
        parameters.setContexts(new Contexts(target.contexts()));
        try {
            return Scope.child(LiquibaseRunner.scope(root, line -> { }),
                    () -> question.apply(DatabaseChangelogCommandStep
                    .getDatabaseChangeLog(target.changelog(), parameters, new PostgresDatabase())));
        } catch (LiquibaseException e) {
            throw e;
        } catch (Exception e) {
            throw new CommandExecutionException(e);
        }
    }
}
