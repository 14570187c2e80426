package dev.supportdb.run;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.Feature;
import dev.supportdb.changelog.FeatureState;
import dev.supportdb.changelog.LabelFilter;
import dev.supportdb.changelog.NameParser;
import dev.supportdb.preflight.ChangesetSelection;
import dev.supportdb.preflight.DependencyCheck;
import dev.supportdb.preflight.OtherChangelogCheck;
import dev.supportdb.preflight.OtherToolCheck;
import dev.supportdb.preflight.PrivilegeCheck;
import dev.supportdb.preflight.ReadOnlyCheck;
import dev.supportdb.preflight.RowSecurityCheck;
import dev.supportdb.preflight.SearchPathCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.Scope;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.RanChangeSet;
import liquibase.command.CommandScope;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.DatabaseException;
import liquibase.exception.LiquibaseException;

/**
 * The state of a database in the changelog, from Liquibase's own history. Reading it locks and writes nothing, not even
 * the history table if there is none yet.
 *
 * @param history the changesets that have run, in their order
 * @param pending the changesets that the next update would run, by the target's contexts and labels, in their order
 * @param waiting the changesets that these also select, but that the next update would defer
 * @param edited  the changesets that have run and were edited in the files since, so that an update is refused
 * @param notes   other reasons against an update
 */
public record DatabaseState(Changelog changelog, List<RanChangeSet> history, List<ChangeSet> pending,
        List<ChangeSet> waiting, List<RanChangeSet> edited, Notes notes) {

    /**
     * Problems of a database, in words for people; each is null if there is none.
     *
     * @param otherChangelog the other changelog that has built it
     * @param otherTool      the other tool that manages it, and how to adopt it
     * @param hiddenRows     the roles from which row-level security hides rows, and how to end that
     */
    public record Notes(String otherChangelog, String otherTool, String hiddenRows) {

        private static final Notes NONE = new Notes(null, null, null);

        static Notes of(Database database, String master, DatabaseChangeLog changeLog) throws LiquibaseException {
            if (!(database.getConnection() instanceof JdbcConnection)) {
                return NONE;
            }
            try {
                return new Notes(OtherChangelogCheck.report(master, changeLog, database.getRanChangeSetList(),
                        database.getConnection().getURL()).orElse(null),
                        new OtherToolCheck(database).ask(changeLog).orElse(null),
                        RowSecurityCheck.report(database, changeLog).orElse(null));
            } catch (SQLException | IOException e) {
                throw new DatabaseException(e.getMessage(), e);
            }
        }

        /** The notes that are not null. */
        public List<String> all() {
            return Stream.of(otherChangelog, otherTool, hiddenRows).filter(Objects::nonNull).toList();
        }
    }

    public DatabaseState {
        history = List.copyOf(history);
        pending = List.copyOf(pending);
        waiting = List.copyOf(waiting);
        edited = List.copyOf(edited);
    }

    /**
     * @param root the folder that the changelog's path starts from
     * @throws liquibase.exception.DatabaseException if the database does not answer
     * @throws LiquibaseException if the changelog or a filter cannot be parsed, or a label does not exist
     */
    public static DatabaseState of(TargetDatabase target, Path root) throws LiquibaseException {
        LabelFilter.checkSyntax(target.contexts(), target.labels());
        return ask(target, root, DatabaseState::of);
    }

    /** Reads only the notes, whatever has run. */
    public static Notes notes(TargetDatabase target, Path root) throws LiquibaseException {
        return ask(target, root, (database, its) ->
                Notes.of(database, its.changelog(), Changelog.parse(its.changelog(), its.parameters())));
    }

    /** Throws {@link CommandExecutionException} if the server or the session is read-only. */
    public static void requireWritable(TargetDatabase target, Path root) throws LiquibaseException {
        ask(target, root, (database, its) -> {
            new ReadOnlyCheck(database).check();
            return null;
        });
    }

    private interface Question<T> {
        T of(Database database, TargetDatabase target) throws LiquibaseException, SQLException;
    }

    private static <T> T ask(TargetDatabase target, Path root, Question<T> question) throws LiquibaseException {
        try {
            return Scope.child(LiquibaseRunner.scope(root, line -> { }), () -> {
                try (Database database = LiquibaseRunner.open(target, root)) {
                    return question.of(database, target);
                }
            });
        } catch (LiquibaseException e) {
            throw e;
        } catch (Exception e) {
            throw new CommandExecutionException(e);
        }
    }

    private static DatabaseState of(Database database, TargetDatabase target) throws LiquibaseException, SQLException {
        new SearchPathCheck(database).checkLooking();
        new PrivilegeCheck(database).checkHistory();
        DatabaseChangeLog parsed = Changelog.parse(target.changelog(), target.parameters());
        LabelExpression labels = new LabelExpression(target.labels());
        LabelFilter.checkLabels(labels, parsed, database.getRanChangeSetList());
        CommandScope update = new CommandScope("update")
                .provideDependency(Contexts.class, new Contexts(target.contexts()))
                .provideDependency(LabelExpression.class, labels);
        List<ChangeSet> toRun = new ChangesetSelection(update, database, parsed).toRun();
        List<ChangeSet> waiting = new DependencyCheck(database, parsed).waiting(toRun);
        return new DatabaseState(Changelog.of(parsed), database.getRanChangeSetList(),
                toRun.stream().filter(changeSet -> !waiting.contains(changeSet)).toList(), waiting,
                edited(database.getRanChangeSetList(), parsed), Notes.of(database, target.changelog(), parsed));
    }

    /** Returns the changesets of a history that were edited in the files since; reads the files. */
    public static List<RanChangeSet> edited(List<RanChangeSet> history, DatabaseChangeLog files) {
        return history.stream().filter(ran -> files.getChangeSet(ran) != null)
                .filter(ran -> !files.getChangeSet(ran).isCheckSumValid(ran.getLastCheckSum())).toList();
    }

    /** Parses names; relative ones count from this state. */
    public NameParser names() {
        return new NameParser(changelog, applied(), changelog.features().stream()
                .filter(feature -> feature.changeSets().stream().anyMatch(pending::contains)).toList());
    }

    /** Returns the row of a changeset, if it has run. */
    public Optional<RanChangeSet> ran(ChangeSet changeSet) {
        return history.stream().filter(ran -> ran.isSameAs(changeSet)).findFirst();
    }

    /** Returns the last row of a feature of which more than the tag has run. */
    public Optional<RanChangeSet> ran(Feature feature) {
        return feature.workingChangeSets().stream().flatMap(changeSet -> ran(changeSet).stream())
                .max(Comparator.comparing(history::indexOf));
    }

    /** Returns the features of which more than the tag has run, in the order in which they were last changed. */
    public List<Feature> applied() {
        return changelog.features().stream().filter(feature -> ran(feature).isPresent())
                .sorted(Comparator.comparing(feature -> history.indexOf(ran(feature).orElseThrow()))).toList();
    }

    public FeatureState state(Feature feature) {
        List<ChangeSet> work = feature.workingChangeSets();
        long ran = work.stream().filter(changeSet -> ran(changeSet).isPresent()).count();
        return ran == work.size() ? FeatureState.APPLIED
                : ran > 0 ? FeatureState.PARTLY
                : work.stream().anyMatch(pending::contains) ? FeatureState.PENDING
                : work.stream().anyMatch(waiting::contains) ? FeatureState.WAITING
                : FeatureState.LEFT_OUT;
    }

    /** Returns the changesets that have run and are not in the files. */
    public List<RanChangeSet> unknown() {
        return Changelog.unknown(history, ran -> changelog.featureOf(ran).isPresent());
    }
}
