package dev.supportdb.preflight;

import dev.supportdb.changelog.LabelFilter;
import dev.supportdb.postgres.PrintableText;
import dev.supportdb.preflight.PlannedRun.Kind;
import dev.supportdb.session.HistoryIdentity;
import dev.supportdb.session.SupportDatabase;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import liquibase.LabelExpression;
import liquibase.change.Change;
import liquibase.changelog.ChangeLogParameters;
import liquibase.changelog.ChangeSet;
import liquibase.command.CommandOverride;
import liquibase.command.CommandResultsBuilder;
import liquibase.command.CommandScope;
import liquibase.command.core.helpers.DatabaseChangelogCommandStep;
import liquibase.database.Database;
import liquibase.exception.CommandExecutionException;
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

    /** Throws {@link CommandExecutionException} where it refuses the run. */
    private interface Check {
        void on(PlannedRun run) throws Exception;
    }

    interface Part {
        void run() throws Exception;
    }

    /** In their order, while even Liquibase's own tables are as they were. */
    private static final List<Check> BEFORE_READING = List.of(
            Preflight::checkReadOnly,
            Preflight::checkSearchPath,
            Preflight::checkHistory,
            Preflight::checkOtherTool,
            Preflight::checkOtherSchema,
            Preflight::checkHistoryRights,
            Preflight::checkFilterSyntax);

    /** In their order. One that has nothing against a run gets half-done backfills out of its way. */
    private static final List<Check> AFTER_READING = List.of(
            Preflight::checkOtherChangelog,
            Preflight::ensureHistoryIdentity,
            run -> UniqueBackfillNames.check(run.changeLog()),
            Preflight::checkLabels,
            Preflight::writeChecks,
            Preflight::checkRights,
            Preflight::checkRowSecurity,
            Preflight::checkUpdate,
            Preflight::checkMarking,
            Preflight::checkRollback,
            Preflight::reduce);

    @Override
    public void run(CommandResultsBuilder resultsBuilder) throws Exception {
        CommandScope command = resultsBuilder.getCommandScope();
        keepFilters(command);
        if (!(command.getDependency(Database.class) instanceof SupportDatabase database)) {
            super.run(resultsBuilder);
            return;
        }
        PlannedRun run = new PlannedRun(command, database);
        printable(() -> {
            for (Check check : BEFORE_READING) {
                check.on(run);
            }
            boolean isFirst = run.mayWrite() && !new PrivilegeCheck(database).hasHistory();
            try {
                readChangelog(resultsBuilder, run);
                for (Check check : AFTER_READING) {
                    check.on(run);
                }
            } catch (Exception refused) {
                if (isFirst) {
                    NewHistory.drop(database, refused);
                }
                throw refused;
            }
        });
    }

    /** Runs a part of a command, and makes printable what it refuses: names in it are of unknown origin. */
    static void printable(Part part) throws Exception {
        try {
            part.run();
        } catch (CommandExecutionException e) {
            String message = PrintableText.of(e.getMessage());
            throw message == null || message.equals(e.getMessage()) ? e
                    : new CommandExecutionException(message, e.getCause());
        }
    }

    /** Where there is no history table, Liquibase makes it even to look. */
    private static void checkReadOnly(PlannedRun run) throws Exception {
        if (run.mayWrite() && !(run.onlyLooks() && new PrivilegeCheck(run.database()).hasHistory())) {
            new ReadOnlyCheck(run.database()).check();
        }
    }

    /** Also before a script is written: its writer reads as whoever runs the script does. */
    private static void checkSearchPath(PlannedRun run) throws Exception {
        SearchPathCheck check = new SearchPathCheck(run.database());
        if (run.isOnline() && run.onlyLooks()) {
            check.checkLooking();
        } else if (run.isOnline()) {
            check.check();
        }
        if (run.writesScript()) {
            check.write();
        }
    }

    private static void checkHistory(PlannedRun run) throws Exception {
        if (run.isOnline()) {
            new RowSecurityCheck(run.database()).checkHistory();
        }
    }

    /** A stamp has compared by now, or was told not to. */
    private static void checkOtherTool(PlannedRun run) throws Exception {
        boolean isStamp = run.is(Kind.MARKING) && ChangesetSubset.current() != null;
        if (run.isOnline() && (run.is(Kind.UPDATE) || run.is(Kind.MARKING)) && !isStamp) {
            Optional<String> refusal = new OtherToolCheck(run.database())
                    .ask(run.command().getArgumentValue(CHANGELOG_FILE_ARG));
            if (refusal.isPresent()) {
                throw new CommandExecutionException(refusal.get());
            }
        }
    }

    private static void checkOtherSchema(PlannedRun run) throws Exception {
        if (run.isOnline() && (run.is(Kind.UPDATE) || run.is(Kind.MARKING))) {
            new OtherSchemaCheck(run.database()).check(run.command().getArgumentValue(CHANGELOG_FILE_ARG));
        }
    }

    /** Of a row that it cannot write when it marks, Liquibase says nothing. */
    private static void checkHistoryRights(PlannedRun run) throws Exception {
        PrivilegeCheck rights = new PrivilegeCheck(run.database());
        if (run.writes()) {
            rights.checkWriting(run.command());
        } else if (run.isOnline() && (run.is(Kind.UPDATE) || run.is(Kind.ROLLBACK))) {
            rights.checkReading();
        } else if (run.isOnline()) {
            rights.checkHistory();
        }
    }

    private static void checkFilterSyntax(PlannedRun run) throws Exception {
        LabelFilter.checkSyntax(run.command().getArgumentValue(CONTEXTS_ARG),
                run.command().getArgumentValue(LABEL_FILTER_ARG));
    }

    /** Also before a script is written, which is for this database. */
    private static void checkOtherChangelog(PlannedRun run) throws Exception {
        if (run.isOnline() && !run.onlyLooks()) {
            OtherChangelogCheck.check(run.command().getArgumentValue(CHANGELOG_FILE_ARG), run.changeLog(),
                    run.database().getRanChangeSetList(), run.database().getConnection().getURL());
        }
    }

    private static void ensureHistoryIdentity(PlannedRun run) throws Exception {
        if (run.writes()) {
            HistoryIdentity.ensure(run.database(), run.database().getConnection().getUnderlyingConnection());
        }
    }

    private static void checkLabels(PlannedRun run) throws Exception {
        LabelFilter.checkLabels((LabelExpression) run.command().getDependency(LabelExpression.class), run.changeLog(),
                run.database().getRanChangeSetList());
    }

    /** For what has become of the database by the time the script is run. */
    private static void writeChecks(PlannedRun run) throws Exception {
        if (run.writesScript() && (run.is(Kind.UPDATE) || run.is(Kind.ROLLBACK))) {
            new RowSecurityCheck(run.database()).write(run.changeLog());
            new ScriptHistoryCheck(run.database(), run.changeLog())
                    .write(run.is(Kind.UPDATE) ? run.selection().toRun() : run.selection().toUndo());
        }
    }

    private static void checkRights(PlannedRun run) throws Exception {
        if (!run.writes() || run.is(Kind.MARKING)) {
            return;
        }
        Stream<Change> work = run.is(Kind.UPDATE)
                ? run.selection().toRun().stream().flatMap(changeSet -> changeSet.getChanges().stream())
                : run.selection().toUndo().stream().flatMap(changeSet -> changeSet.getRollback().getChanges().stream());
        new PrivilegeCheck(run.database()).check(run.changeLog(), work.toList());
    }

    private static void checkRowSecurity(PlannedRun run) throws Exception {
        if (run.writes() && !run.is(Kind.MARKING) && !run.forgets()) {
            new RowSecurityCheck(run.database()).check(run.changeLog());
        }
    }

    private static void checkUpdate(PlannedRun run) throws Exception {
        if (run.is(Kind.UPDATE)) {
            List<ChangeSet> toRun = run.selection().toRun();
            new DependencyCheck(run.database(), run.changeLog()).check(toRun);
            new ForeignObjectsCheck(run.database(), run.changeLog(), run.writes()).checkUpdate(toRun);
            if (run.isOnline()) {
                new UnfinishedBackfills(run.database(), run.changeLog()).fill();
            }
        }
    }

    /** For the refusals of a selection: Liquibase would mark all there is when nothing sets the tag to stop at. */
    private static void checkMarking(PlannedRun run) throws Exception {
        if (run.is(Kind.MARKING)) {
            run.selection().toRun();
        }
    }

    private static void checkRollback(PlannedRun run) throws Exception {
        if (!run.is(Kind.ROLLBACK)) {
            return;
        }
        List<ChangeSet> undone = run.selection().toUndo();
        new DependencyCheck(run.database(), run.changeLog()).checkRollback(undone);
        if (run.forgets()) {
            ChangesetSubset.keepWhatTheyDid(undone);
        }
        new ForeignObjectsCheck(run.database(), run.changeLog(), run.writes()).checkRollback(undone);
        DataLossCheck guards = new DataLossCheck(run.database(), run.changeLog());
        if (run.writes()) {
            guards.check(undone);
        } else if (run.isOnline()) {
            guards.write(undone);
        }
        // A half-done backfill of what is not in this run stays as it is.
        reduce(run);
        if (run.isOnline() && !run.forgets()) {
            new UnfinishedBackfills(run.database(), run.changeLog()).undo(undone);
        }
    }

    /** Leaves in the changelog what the run is for. */
    private static void reduce(PlannedRun run) {
        if (ChangesetSubset.current() != null) {
            ChangesetSubset.current().reduce(run.changeLog());
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
    private void readChangelog(CommandResultsBuilder resultsBuilder, PlannedRun run) throws Exception {
        LockService lock = LockServiceFactory.getInstance().getLockService(run.database());
        if (!run.mayWrite() || new PrivilegeCheck(run.database()).hasHistory() || lock.hasChangeLogLock()) {
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
}
