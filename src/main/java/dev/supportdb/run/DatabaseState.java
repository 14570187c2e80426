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
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.DatabaseException;
import liquibase.exception.LiquibaseException;

/**
 * Where a database is on the changelog, by Liquibase's own record of what has run. Nothing is locked and nothing is
 * written, not even the table of that record where there is none yet.
 *
 * @param history what has run, in its order
 * @param pending what the next update would run, as the target's contexts and labels choose it, in its order
 * @param waiting what they choose too, but the next update would pass over
 * @param edited  what has run and reads otherwise in the files by now, so that an update is refused
 * @param notes   what else stands in the way of an update
 */
public record DatabaseState(Changelog changelog, List<RanChangeSet> history, List<ChangeSet> pending,
        List<ChangeSet> waiting, List<RanChangeSet> edited, Notes notes) {

    /**
     * What is wrong with a database, in words for people; each is null where nothing is.
     *
     * @param otherChangelog which other changelog has made it
     * @param otherTool      which other tool keeps it, and how to take it over
     * @param hiddenRows     from whom row-level security hides rows, and how to end that
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
     * @param root the folder the changelog's path starts from
     * @throws liquibase.exception.DatabaseException when the database does not answer
     * @throws LiquibaseException when the changelog cannot be parsed, a filter cannot be read, or a label is none
     */
    public static DatabaseState of(TargetDatabase target, Path root) throws LiquibaseException {
        LabelFilter.checkSyntax(target.contexts(), target.labels());
        return ask(target, root, DatabaseState::of);
    }

    /** Its notes alone, whatever has run. */
    public static Notes notes(TargetDatabase target, Path root) throws LiquibaseException {
        return ask(target, root, (database, its) ->
                Notes.of(database, its.changelog(), Changelog.parse(its.changelog(), its.parameters())));
    }

    /** Throws {@link CommandExecutionException} where the server or the session takes no writes. */
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
                try (Database database = DatabaseFactory.getInstance()
                        .openDatabase(target.url(), target.username(), target.password(), null, null)) {
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

    /** The changesets of a history that were edited in the files since; reads the files. */
    public static List<RanChangeSet> edited(List<RanChangeSet> history, DatabaseChangeLog files) {
        return history.stream().filter(ran -> files.getChangeSet(ran) != null)
                .filter(ran -> !files.getChangeSet(ran).isCheckSumValid(ran.getLastCheckSum())).toList();
    }

    /** Parses names; relative ones count from this state. */
    public NameParser names() {
        return new NameParser(changelog, applied(), changelog.features().stream()
                .filter(feature -> feature.changeSets().stream().anyMatch(pending::contains)).toList());
    }

    /** The row of a changeset, where it has run. */
    public Optional<RanChangeSet> ran(ChangeSet changeSet) {
        return history.stream().filter(ran -> ran.isSameAs(changeSet)).findFirst();
    }

    /** The last row of a feature of which anything but its tag is there. */
    public Optional<RanChangeSet> ran(Feature feature) {
        return feature.workingChangeSets().stream().flatMap(changeSet -> ran(changeSet).stream())
                .max(Comparator.comparing(history::indexOf));
    }

    /** The features of which anything but the tag is there, in the order in which they were last worked on. */
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

    /** Changesets that have run and are not in the files. */
    public List<RanChangeSet> unknown() {
        return history.stream().filter(ran -> changelog.featureOf(ran).isEmpty()).toList();
    }
}
