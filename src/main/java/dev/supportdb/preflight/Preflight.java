package dev.supportdb.preflight;

import dev.supportdb.backfill.Backfill;
import dev.supportdb.changelog.LabelFilter;
import dev.supportdb.changelog.MergeConflict;
import dev.supportdb.objects.AbstractColumnChange;
import dev.supportdb.postgres.PrintableText;
import dev.supportdb.preflight.PlannedRun.Kind;
import dev.supportdb.session.HistoryIdentity;
import dev.supportdb.session.MavenLog;
import dev.supportdb.session.SupportDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
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
import liquibase.exception.LiquibaseException;
import liquibase.lockservice.LockService;
import liquibase.lockservice.LockServiceFactory;

/**
 * Makes the checks before a run, while nothing has been changed yet: before every update and rollback, and before
 * changesets are marked as run, by any goal.
 *
 * <p>Replaces the step that reads the changelog, which every such command takes. A refusal is a
 * {@link CommandExecutionException}, the only exception whose message Liquibase shows unchanged.
 */
@CommandOverride(override = DatabaseChangelogCommandStep.class)
public final class Preflight extends DatabaseChangelogCommandStep {

    /** A check, which throws {@link CommandExecutionException} to refuse the run. */
    private interface Check {
        void on(PlannedRun run) throws Exception;
    }

    interface Part {
        void run() throws Exception;
    }

    /**
     * A check in its place.
     *
     * @param looks whether it writes nothing, so that it can also run when no update follows
     */
    private record Step(Check check, boolean looks) {

        static Step looks(Check check) {
            return new Step(check, true);
        }

        static Step acts(Check check) {
            return new Step(check, false);
        }
    }

    /** The checks before Liquibase creates its own tables, in order. */
    private static final List<Check> BEFORE_READING = List.of(
            Preflight::checkSchema,
            Preflight::checkReadOnly,
            Preflight::checkSearchPath,
            Preflight::checkStandbys,
            Preflight::checkHistory,
            Preflight::checkOtherTool,
            Preflight::checkOtherSchema,
            Preflight::checkHistoryRights,
            Preflight::checkFilterSyntax);

    /** The checks with the changelog, in order. Some of them also complete unfinished backfills first. */
    private static final List<Step> AFTER_READING = List.of(
            Step.looks(Preflight::checkOtherChangelog),
            Step.acts(Preflight::ensureHistoryIdentity),
            Step.looks(run -> UniqueBackfillNames.check(run.changeLog())),
            Step.looks(Preflight::checkLabels),
            Step.looks(Preflight::checkTables),
            Step.acts(Preflight::writeChecks),
            Step.looks(Preflight::checkNames),
            Step.looks(Preflight::checkRights),
            Step.looks(Preflight::checkRowSecurity),
            Step.looks(Preflight::checkDependencies),
            Step.looks(Preflight::checkForeignObjects),
            Step.looks(Preflight::checkSubscribers),
            Step.looks(Preflight::checkBackfillTables),
            Step.acts(Preflight::fillUnfinishedBackfills),
            Step.acts(Preflight::checkMarking),
            Step.acts(Preflight::checkRollback),
            Step.acts(Preflight::reduce));

    /**
     * Returns all reasons of these checks against a planned update, not only the first. Writes nothing and takes no
     * lock.
     *
     * @param run of the command {@code update}, with the changelog that it would read
     */
    static List<String> findings(PlannedRun run) throws Exception {
        List<String> findings = new ArrayList<>();
        for (Check check : Stream.concat(BEFORE_READING.stream(),
                AFTER_READING.stream().filter(Step::looks).map(Step::check)).toList()) {
            try {
                printable(() -> check.on(run));
            } catch (CommandExecutionException refusal) {
                findings.add(refusal.getMessage());
            } catch (SQLException | LiquibaseException | RuntimeException e) {
                // A finding of an earlier check is the likely reason for this failure, and is reported instead.
                if (findings.isEmpty()) {
                    throw e;
                }
            }
        }
        return findings;
    }

    /** The checks for a changelog that does not use the rules. */
    private static final List<Step> WITHOUT_RULES =
            List.of(Step.looks(Preflight::checkAsksForRules), Step.acts(Preflight::reduce));

    @Override
    public void run(CommandResultsBuilder resultsBuilder) throws Exception {
        CommandScope command = resultsBuilder.getCommandScope();
        if (!(command.getDependency(Database.class) instanceof SupportDatabase database)) {
            super.run(resultsBuilder);
            return;
        }
        MavenLog.begin(command);
        try {
            check(resultsBuilder, command, database);
        } catch (Exception refused) {
            MavenLog.end(command);
            throw refused;
        }
    }

    /** Liquibase calls this for the steps that have run, not for one that fails. */
    @Override
    public void cleanUp(CommandResultsBuilder resultsBuilder) {
        MavenLog.end(resultsBuilder.getCommandScope());
        super.cleanUp(resultsBuilder);
    }

    private void check(CommandResultsBuilder resultsBuilder, CommandScope command, SupportDatabase database)
            throws Exception {
        keepFilters(command);
        PlannedRun run = new PlannedRun(command, database);
        printable(() -> {
            for (Check check : database.hasRules() ? BEFORE_READING : List.<Check>of()) {
                check.on(run);
            }
            boolean isFirst = run.mayWrite() && !new PrivilegeCheck(database).hasHistory();
            try {
                readChangelog(resultsBuilder, run);
                for (Step step : database.hasRules() ? AFTER_READING : WITHOUT_RULES) {
                    step.check().on(run);
                }
            } catch (Exception refused) {
                if (isFirst) {
                    NewHistory.drop(database, refused);
                }
                throw refused;
            }
        });
    }

    /** Runs a part of a command, and makes its refusal printable: names in it are of unknown origin. */
    static void printable(Part part) throws Exception {
        try {
            part.run();
        } catch (CommandExecutionException e) {
            String message = PrintableText.of(e.getMessage());
            throw message == null || message.equals(e.getMessage()) ? e
                    : new CommandExecutionException(message, e.getCause());
        }
    }

    /**
     * Refuses a connection with another schema than the changelog's, also before a script is written, which sets the
     * schema too.
     */
    private static void checkSchema(PlannedRun run) throws Exception {
        String named = run.database().namedSchema();
        String own = run.database().schemaOfChangelog();
        if (named != null && !named.equals(own)) {
            throw new CommandExecutionException("""
                    The connection uses schema %1$s, and %3$s belongs in %2$s. Nothing has been changed. Remove the \
                    setting that names %1$s: currentSchema in the URL, the schema of the pool or defaultSchemaName. A \
                    changelog of your own names its schema in its root file:
                      - property: {name: supportdb.schema, value: %1$s}""".formatted(
                    named, own, run.command().getArgumentValue(CHANGELOG_FILE_ARG)));
        }
    }

    /**
     * Refuses changes that need the rules in a changelog without them. Backfills and data-loss checks need a session
     * that sees all rows, and the checks for unfinished backfills.
     */
    private static void checkAsksForRules(PlannedRun run) throws Exception {
        Optional<ChangeSet> first = run.changeLog().getChangeSets().stream().filter(Preflight::needsRules).findFirst();
        if (run.is(Kind.OTHER) || first.isEmpty()) {
            return;
        }
        throw new CommandExecutionException("""
                Changeset %s uses a change of support-db, which needs its session settings and its checks before a \
                run, and the changelog does not enable them. Nothing has been changed. Name the schema of the \
                changelog in its root file, %s:
                  - property: {name: supportdb.schema, value: %s}""".formatted(first.get().toString(false),
                run.command().getArgumentValue(CHANGELOG_FILE_ARG), run.database().getDefaultSchemaName()));
    }

    private static boolean needsRules(ChangeSet changeSet) {
        return Backfill.in(changeSet).findAny().isPresent()
                || Stream.concat(changeSet.getChanges().stream(), changeSet.getRollback().getChanges().stream())
                        .anyMatch(change -> change instanceof RefuseChange || change instanceof AbstractColumnChange);
    }

    /**
     * Refuses a read-only server. If there is no history table, Liquibase creates it even for a command that only
     * reads.
     */
    private static void checkReadOnly(PlannedRun run) throws Exception {
        if (run.mayWrite() && !(run.onlyLooks() && new PrivilegeCheck(run.database()).hasHistory())) {
            new ReadOnlyCheck(run.database()).check();
        }
    }

    private static void checkStandbys(PlannedRun run) throws Exception {
        if (run.writes()) {
            StandbysCheck standbys = new StandbysCheck(run.database());
            standbys.checkConfirmation();
            standbys.sayUnusedSlots();
        } else if (run.writesScript()) {
            StandbysCheck.write(run.database());
        }
    }

    /**
     * Checks the search path, also before a script is written: its writer reads with the same path as the session that
     * runs it.
     */
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

    /** Refuses a database of another tool. A stamp has already compared the schema, or was told not to. */
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

    /**
     * Checks the privileges on the history. Liquibase reports nothing if it cannot write the row of a marked changeset.
     */
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

    /** Refuses a database of another changelog, also before a script is written, which is made for this database. */
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

    private static void checkTables(PlannedRun run) throws Exception {
        if (run.isOnline() && (run.is(Kind.UPDATE) || run.is(Kind.ROLLBACK)) && !run.forgets()) {
            new TakenOverTables(run.database()).check(run.changeLog());
        }
    }

    /** Writes the same checks into a script, since the database may have changed by the time it runs. */
    private static void writeChecks(PlannedRun run) throws Exception {
        if (run.writesScript() && (run.is(Kind.UPDATE) || run.is(Kind.ROLLBACK))) {
            new RowSecurityCheck(run.database()).write(run.changeLog());
            new ScriptHistoryCheck(run.database(), run.changeLog())
                    .write(run.is(Kind.UPDATE) ? run.selection().toRun() : run.selection().toUndo());
        }
    }

    private static void checkNames(PlannedRun run) throws Exception {
        if (run.is(Kind.UPDATE) && run.isOnline()) {
            new TakenNamesCheck(run.database(), run.edits()).check(run.selection().toRun(), run.ran());
        }
    }

    private static void checkRights(PlannedRun run) throws Exception {
        if (!run.writes() || run.is(Kind.MARKING)) {
            return;
        }
        Stream<Change> work = run.is(Kind.UPDATE)
                ? run.selection().toRun().stream().flatMap(changeSet -> changeSet.getChanges().stream())
                : run.selection().toUndo().stream().flatMap(changeSet -> changeSet.getRollback().getChanges().stream());
        new PrivilegeCheck(run.database()).check(run.ran(), work.toList());
    }

    private static void checkRowSecurity(PlannedRun run) throws Exception {
        if (run.writes() && !run.is(Kind.MARKING) && !run.forgets()) {
            new RowSecurityCheck(run.database()).check(run.changeLog());
        }
    }

    private static void checkDependencies(PlannedRun run) throws Exception {
        if (run.is(Kind.UPDATE)) {
            new DependencyCheck(run.database(), run.changeLog()).check(run.selection().toRun(),
                    run.selection()::isForDatabase);
        }
    }

    private static void checkForeignObjects(PlannedRun run) throws Exception {
        if (run.is(Kind.UPDATE)) {
            new ForeignObjectsCheck(run.database(), run.changeLog(), run.edits(), run.writes())
                    .checkUpdate(run.selection().toRun());
        }
    }

    private static void checkSubscribers(PlannedRun run) throws Exception {
        if (run.is(Kind.UPDATE) && run.writes()) {
            new SubscribersCheck(run.database(), run.edits()).check(run.selection().toRun(), true);
        }
    }

    private static void checkBackfillTables(PlannedRun run) throws Exception {
        if (run.is(Kind.UPDATE) && run.isOnline()) {
            new BackfillTablesCheck(run.database().getConnection().getUnderlyingConnection())
                    .check(run.selection().toRun());
        }
    }

    private static void fillUnfinishedBackfills(PlannedRun run) throws Exception {
        if (run.is(Kind.UPDATE) && run.isOnline()) {
            new UnfinishedBackfills(run.database(), run.changeLog()).fill();
        }
    }

    /** Makes the selection refuse: without a changeset that sets the given tag, Liquibase would mark everything. */
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
        } else {
            checkRollbacksExist(undone, run.database());
        }
        new ForeignObjectsCheck(run.database(), run.changeLog(), run.edits(), run.writes()).checkRollback(undone);
        if (run.writes() && !run.forgets()) {
            new SubscribersCheck(run.database(), run.edits()).check(undone, false);
        }
        DataLossCheck guards = new DataLossCheck(run.database(), run.changeLog());
        if (run.writes()) {
            guards.check(undone);
        } else if (run.isOnline()) {
            guards.write(undone);
        }
        // From here on, only backfills of this run count: others stay unchanged.
        reduce(run);
        if (run.isOnline() && !run.forgets()) {
            new UnfinishedBackfills(run.database(), run.changeLog()).undo(undone);
        }
    }

    /** Refuses a changeset without a rollback, where Liquibase would stop only once it has undone those after it. */
    private static void checkRollbacksExist(List<ChangeSet> undone, Database database)
            throws CommandExecutionException {
        List<String> missing = undone.stream().filter(changeSet -> !changeSet.supportsRollback(database))
                .map(changeSet -> "- " + changeSet.toString(false)).toList();
        if (!missing.isEmpty()) {
            throw new CommandExecutionException("""
                    Cannot roll back: these changesets have no rollback. Nothing was rolled back.
                    %s
                    Write a rollback for each, which does not change its checksum, then run the same command again."""
                    .formatted(String.join("\n", missing)));
        }
    }

    /** Leaves only the changesets of the run in the changelog. */
    private static void reduce(PlannedRun run) {
        if (ChangesetSubset.current() != null) {
            ChangesetSubset.current().reduce(run.changeLog());
        }
    }

    /**
     * Passes on the filters that Maven's status goal hands over as parameters only. Otherwise those of the properties
     * file would win over the command line.
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

    /**
     * Reads the changelog with the lock held: Liquibase creates its history table here, before it takes its lock, so of
     * two first runs at once, one would fail.
     */
    private void readChangelog(CommandResultsBuilder resultsBuilder, PlannedRun run) throws Exception {
        LockService lock = LockServiceFactory.getInstance().getLockService(run.database());
        boolean locks = run.mayWrite() && !new PrivilegeCheck(run.database()).hasHistory() && !lock.hasChangeLogLock();
        if (locks) {
            lock.waitForLock();
        }
        try {
            super.run(resultsBuilder);
        } catch (Exception e) {
            MergeConflict.throwIfCause(e);
            throw e;
        } finally {
            if (locks) {
                lock.releaseLock();
            }
        }
    }
}
