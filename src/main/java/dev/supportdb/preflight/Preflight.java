package dev.supportdb.preflight;

import dev.supportdb.changelog.LabelFilter;
import dev.supportdb.session.HistoryIdentity;
import dev.supportdb.session.SupportDatabase;
import java.util.List;
import java.util.Set;
import liquibase.LabelExpression;
import liquibase.Scope;
import liquibase.changelog.ChangeLogParameters;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.command.CommandOverride;
import liquibase.command.CommandResultsBuilder;
import liquibase.command.CommandScope;
import liquibase.command.core.helpers.DatabaseChangelogCommandStep;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.CommandExecutionException;
import liquibase.executor.ExecutorService;
import liquibase.lockservice.LockService;
import liquibase.lockservice.LockServiceFactory;

/**
 * The checks before a run, made while nothing has been changed yet: of every update and rollback, and of what marks
 * changesets as run, by whatever goal.
 *
 * <p>Takes the place of the step that reads the changelog, which every such command goes through. A refusal is a
 * {@link CommandExecutionException}, the one exception whose message Liquibase shows as it is.
 */
@CommandOverride(override = DatabaseChangelogCommandStep.class)
public final class Preflight extends DatabaseChangelogCommandStep {

    private static final Set<String> UPDATES = Set.of("update", "updateCount", "updateToTag");
    private static final Set<String> ROLLBACKS = Set.of("rollback", "rollbackCount", "rollbackToDate");
    private static final Set<String> MARKINGS = Set.of("changelogSync", "changelogSyncToTag", "markNextChangesetRan");

    @Override
    public void run(CommandResultsBuilder resultsBuilder) throws Exception {
        CommandScope command = resultsBuilder.getCommandScope();
        keepFilters(command);
        if (!(command.getDependency(Database.class) instanceof SupportDatabase database)) {
            super.run(resultsBuilder);
            return;
        }
        String name = command.getCommand().getName()[0];
        String action = name.endsWith("Sql") ? name.substring(0, name.length() - "Sql".length()) : name;
        boolean marks = MARKINGS.contains(action);
        boolean changes = changes(database) && (UPDATES.contains(action) || ROLLBACKS.contains(action) || marks);

        PrivilegeCheck rights = new PrivilegeCheck(database);
        // Of a row that it cannot write when it marks, Liquibase says nothing.
        if (changes) {
            rights.checkSchema();
        }
        LabelFilter.checkSyntax(command.getArgumentValue(CONTEXTS_ARG), command.getArgumentValue(LABEL_FILTER_ARG));
        readChangelog(resultsBuilder, database, rights);
        if (changes) {
            HistoryIdentity.ensure(database, database.getConnection().getUnderlyingConnection());
        }
        DatabaseChangeLog changeLog = (DatabaseChangeLog) command.getDependency(DatabaseChangeLog.class);
        UniqueBackfillNames.check(changeLog);
        LabelFilter.checkLabels((LabelExpression) command.getDependency(LabelExpression.class), changeLog,
                database.getRanChangeSetList());
        if (changes && !marks) {
            rights.checkTables(changeLog);
        }
        ChangesetSubset part = ChangesetSubset.current();
        boolean forgets = part != null && part.forgets();
        ChangesetSelection selection = new ChangesetSelection(command, database, changeLog);
        boolean online = database.getConnection() instanceof JdbcConnection;
        UnfinishedBackfills halfDone = new UnfinishedBackfills(database, changeLog);
        List<ChangeSet> undone = ROLLBACKS.contains(action) ? selection.toUndo() : List.of();
        if (UPDATES.contains(action)) {
            new DependencyCheck(database, changeLog).check(selection.toRun());
            new ForeignObjectsCheck(database, changeLog, changes).checkUpdate(selection.toRun());
            if (online) {
                halfDone.fill();
            }
        } else if (ROLLBACKS.contains(action)) {
            new DependencyCheck(database, changeLog).checkRollback(undone);
            if (forgets) {
                ChangesetSubset.keepWhatTheyDid(undone);
            }
            new ForeignObjectsCheck(database, changeLog, changes).checkRollback(undone);
            DataLossCheck guards = new DataLossCheck(database, changeLog);
            if (changes) {
                guards.check(undone);
            } else if (online) {
                guards.write(undone);
            }
        } else if (marks) {
            // For its refusals: Liquibase would mark all there is when nothing sets the tag to stop at.
            selection.toRun();
        }
        if (part != null) {
            part.reduce(changeLog);
        }
        if (ROLLBACKS.contains(action) && online && !forgets) {
            halfDone.undo(undone);
        }
    }

    /**
     * The status goal hands its filters on with the parameters alone, and those of the properties file then win over
     * the command line.
     */
    private static void keepFilters(CommandScope command) {
        ChangeLogParameters given = command.getArgumentValue(CHANGELOG_PARAMETERS);
        if (given != null && given.getLabels() != null && !given.getLabels().isEmpty()) {
            command.addArgumentValue(LABEL_FILTER_ARG, given.getLabels().toString());
        }
        if (given != null && given.getContexts() != null && !given.getContexts().isEmpty()) {
            command.addArgumentValue(CONTEXTS_ARG, given.getContexts().toString());
        }
    }

    /** Liquibase makes its history table here, before it takes its lock: of two first runs at once, one would fail. */
    private void readChangelog(CommandResultsBuilder resultsBuilder, Database database, PrivilegeCheck rights)
            throws Exception {
        LockService lock = LockServiceFactory.getInstance().getLockService(database);
        if (!changes(database) || rights.hasHistory() || lock.hasChangeLogLock()) {
            super.run(resultsBuilder);
            return;
        }
        lock.waitForLock();
        try {
            super.run(resultsBuilder);
        } finally {
            lock.releaseLock();
        }
    }

    /** False when a script is written, and without a server. */
    private static boolean changes(Database database) {
        return database.getConnection() instanceof JdbcConnection
                && Scope.getCurrentScope().getSingleton(ExecutorService.class).getExecutor("jdbc", database)
                        .updatesDatabase();
    }
}
