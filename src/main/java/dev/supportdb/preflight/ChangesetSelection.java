package dev.supportdb.preflight;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.postgres.Plural;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.TagVersionEnum;
import liquibase.change.core.TagDatabaseChange;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.RanChangeSet;
import liquibase.changelog.filter.AfterTagChangeSetFilter;
import liquibase.changelog.filter.ChangeSetFilter;
import liquibase.changelog.filter.ContextChangeSetFilter;
import liquibase.changelog.filter.CountChangeSetFilter;
import liquibase.changelog.filter.DbmsChangeSetFilter;
import liquibase.changelog.filter.ExecutedAfterChangeSetFilter;
import liquibase.changelog.filter.IgnoreChangeSetFilter;
import liquibase.changelog.filter.LabelChangeSetFilter;
import liquibase.changelog.filter.ShouldRunChangeSetFilter;
import liquibase.changelog.filter.UpToTagChangeSetFilter;
import liquibase.command.CommandScope;
import liquibase.command.core.RollbackCommandStep;
import liquibase.command.core.RollbackCountCommandStep;
import liquibase.command.core.RollbackToDateCommandStep;
import liquibase.command.core.UpdateCountCommandStep;
import liquibase.command.core.UpdateToTagCommandStep;
import liquibase.database.Database;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.LiquibaseException;

/** The changesets that a command will run or undo, by the filters that Liquibase itself uses. */
public final class ChangesetSelection {

    private final CommandScope command;
    private final Database database;
    private final DatabaseChangeLog changeLog;
    private final ChangesetSubset part = ChangesetSubset.current();

    public ChangesetSelection(CommandScope command, Database database, DatabaseChangeLog changeLog) {
        this.command = command;
        this.database = database;
        this.changeLog = changeLog;
    }

    private static boolean accept(List<ChangeSetFilter> filters, ChangeSet changeSet) {
        return filters.stream().allMatch(filter -> filter.accepts(changeSet).isAccepted());
    }

    /** Returns whether a changeset is for this database, whichever labels are selected. */
    boolean isForDatabase(ChangeSet changeSet) {
        return accept(filtersOfDatabase(), changeSet);
    }

    private List<ChangeSetFilter> filtersOfDatabase() {
        return List.of(new ContextChangeSetFilter((Contexts) command.getDependency(Contexts.class)),
                new IgnoreChangeSetFilter(), new DbmsChangeSetFilter(database));
    }

    private List<ChangeSetFilter> filters(ChangeSetFilter... more) {
        List<ChangeSetFilter> filters = new ArrayList<>(filtersOfDatabase());
        filters.add(new LabelChangeSetFilter((LabelExpression) command.getDependency(LabelExpression.class)));
        filters.addAll(List.of(more));
        return filters;
    }

    /**
     * Returns the changesets in the order in which they will run, or be marked as run. Refuses a tag to stop at if no
     * selected changeset sets it.
     */
    public List<ChangeSet> toRun() throws LiquibaseException {
        String name = command.getCommand().getName()[0];
        ChangeSetFilter notYetRan = new ShouldRunChangeSetFilter(database);
        if (name.startsWith("updateToTag") || name.startsWith("changelogSyncToTag")) {
            String tag = command.getArgumentValue(UpdateToTagCommandStep.TAG_ARG);
            UpToTagChangeSetFilter upToTag = new UpToTagChangeSetFilter(tag, database.getRanChangeSetList());
            List<ChangeSet> toRun = inOrder(filters(upToTag, notYetRan));
            if (!upToTag.isSeenTag()) {
                throw noSuchTag(tag, "this changelog, as filtered, sets", tagsInFiles());
            }
            return toRun;
        }
        if (name.startsWith("updateCount")) {
            int count = command.getArgumentValue(UpdateCountCommandStep.COUNT_ARG);
            return inOrder(filters(notYetRan, new CountChangeSetFilter(count)));
        }
        return inOrder(filters(notYetRan));
    }

    private List<ChangeSet> inOrder(List<ChangeSetFilter> filters) {
        return changeLog.getChangeSets().stream().filter(changeSet -> part == null || part.has(changeSet))
                .filter(changeSet -> accept(filters, changeSet)).toList();
    }

    /**
     * The changesets to roll back, newest first. Refuses if one of them is no longer in the files (Liquibase would skip
     * it and roll back the ones below), if the filters exclude a part of a selected subset, and if the database does
     * not have the tag.
     */
    List<ChangeSet> toUndo() throws LiquibaseException {
        List<RanChangeSet> newestFirst = new ArrayList<>(database.getRanChangeSetList());
        List<ChangeSetFilter> filters = filters(range(newestFirst));
        List<RanChangeSet> unknown = Changelog.unknown(newestFirst, ran -> changeLog.getChangeSet(ran) != null);
        newestFirst.removeIf(ran -> changeLog.getChangeSet(ran) == null && !unknown.contains(ran));
        Collections.reverse(newestFirst);
        List<ChangeSet> toUndo = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        List<String> leftOut = new ArrayList<>();
        for (RanChangeSet ran : part == null ? newestFirst : part.of(newestFirst, changeLog)) {
            ChangeSet inFiles = changeLog.getChangeSet(ran);
            ChangeSet changeSet = inFiles == null ? remembered(ran) : inFiles;
            changeSet.setFilePath(DatabaseChangeLog.normalizePath(ran.getChangeLog()));
            boolean isAccepted = accept(filters, changeSet);
            if (inFiles == null && (part != null || isAccepted)) {
                missing.add(changeSet.toString(false));
            } else if (isAccepted) {
                toUndo.add(changeSet);
            } else {
                leftOut.add(changeSet.toString(false));
            }
        }
        boolean forgets = part != null && part.forgets();
        if (!missing.isEmpty()) {
            throw new CommandExecutionException("""
                    Cannot %s: %s in the history %s not in the changelog files:
                      %s
                    %s is written there, so restore the files first. Nothing has been %s."""
                    .formatted(forgets ? "stamp" : "roll back", Plural.of(missing.size(), "changeset"),
                            missing.size() == 1 ? "is" : "are", String.join("\n  ", missing),
                            part == null ? "Their rollback" : "What they depend on",
                            forgets ? "recorded" : "rolled back"));
        }
        if (part != null && !leftOut.isEmpty()) {
            throw new CommandExecutionException("""
                    The contexts or the label filter exclude changesets that must be %1$s as well:
                      %2$s
                    Change the filter to include them. Nothing has been %3$s."""
                    .formatted(forgets ? "recorded as not run" : "undone", String.join("\n  ", leftOut),
                            forgets ? "recorded" : "rolled back"));
        }
        return toUndo;
    }

    /** Selects the part of the history, given oldest first, that is to be rolled back. */
    private ChangeSetFilter range(List<RanChangeSet> history) throws LiquibaseException {
        String name = command.getCommand().getName()[0];
        if (name.startsWith("rollbackCount")) {
            return new CountChangeSetFilter(command.getArgumentValue(RollbackCountCommandStep.COUNT_ARG));
        }
        if (name.startsWith("rollbackToDate")) {
            return new ExecutedAfterChangeSetFilter(
                    command.getArgumentValue(RollbackToDateCommandStep.DATE_ARG), history);
        }
        String tag = command.getArgumentValue(RollbackCommandStep.TAG_ARG);
        List<String> tags = history.stream().map(RanChangeSet::getTag).filter(Objects::nonNull).distinct().toList();
        if (tags.stream().noneMatch(tag::equalsIgnoreCase)) {
            throw noSuchTag(tag, "this database has", tags);
        }
        String version = command.getArgumentValue(RollbackCommandStep.TAG_VERSION_ARG);
        return new AfterTagChangeSetFilter(
                tag, history, TagVersionEnum.valueOf(version), changeLog);
    }

    private ChangeSet remembered(RanChangeSet ran) {
        ChangeSet changeSet = new ChangeSet(
                ran.getId(), ran.getAuthor(), false, false, ran.getChangeLog(), null, null, changeLog);
        changeSet.setLabels(ran.getLabels());
        changeSet.setContextFilter(ran.getContextExpression());
        return changeSet;
    }

    private List<String> tagsInFiles() {
        return changeLog.getChangeSets().stream()
                .flatMap(changeSet -> changeSet.getChanges().stream())
                .filter(TagDatabaseChange.class::isInstance)
                .map(change -> ((TagDatabaseChange) change).getTag())
                .toList();
    }

    private static CommandExecutionException noSuchTag(String tag, String where, List<String> tags) {
        return new CommandExecutionException("There is no tag '%s'. The tags that %s: %s. Nothing has been changed."
                .formatted(tag, where, tags.isEmpty() ? "none" : String.join(", ", tags)));
    }
}
