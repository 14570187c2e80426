package dev.supportdb.preflight;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.Feature;
import dev.supportdb.changelog.Phase;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import liquibase.Labels;
import liquibase.change.core.TagDatabaseChange;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.RanChangeSet;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.DatabaseException;
import liquibase.exception.PreconditionErrorException;
import liquibase.exception.PreconditionFailedException;
import liquibase.precondition.Precondition;
import liquibase.precondition.PreconditionLogic;
import liquibase.precondition.core.ChangeSetExecutedPrecondition;
import liquibase.precondition.core.NotPrecondition;
import liquibase.precondition.core.OrPrecondition;
import liquibase.precondition.core.PreconditionContainer;
import liquibase.precondition.core.SqlPrecondition;

/**
 * Checks dependencies: whether the preconditions of the changesets to run will hold when each begins, as far as that
 * can be known before: {@code changeSetExecuted}, given all that will have run by then, and a {@code sqlCheck} that
 * queries only the extensions available on the server, which no changeset alters. All others are evaluated later. It
 * also checks whether the preconditions of the features that stay deployed will still hold after a rollback.
 */
public final class DependencyCheck {

    private enum Answer {
        YES, NO, UNKNOWN;

        Answer negated() {
            return this == UNKNOWN ? UNKNOWN : this == YES ? NO : YES;
        }
    }

    private static final Pattern SOURCES = Pattern.compile("\\b(?:from|join)\\s+([\\w.]+)", Pattern.CASE_INSENSITIVE);
    private static final Pattern WHAT_THE_SERVER_OFFERS =
            Pattern.compile("(pg_catalog\\.)?pg_available_extension(s|_versions)", Pattern.CASE_INSENSITIVE);

    private final Database database;
    private final DatabaseChangeLog changeLog;
    private final List<RanChangeSet> executed = new ArrayList<>();

    public DependencyCheck(Database database, DatabaseChangeLog changeLog) throws DatabaseException {
        this.database = database;
        this.changeLog = changeLog;
        database.getRanChangeSetList().stream()
                .filter(ran -> ran.getExecType() != null && ran.getExecType().ran).forEach(executed::add);
    }

    /**
     * Refuses with all missing dependencies, named as in the changelog.
     *
     * @param isForDatabase whether a changeset is for this database, whichever labels are selected
     */
    void check(List<ChangeSet> toRun, Predicate<ChangeSet> isForDatabase) throws CommandExecutionException {
        List<String> refusals = new ArrayList<>();
        for (ChangeSet changeSet : toRun) {
            missing(changeSet, isForDatabase).map(DependencyCheck::refusal)
                    .filter(why -> !refusals.contains(why)).ifPresent(refusals::add);
            PreconditionContainer preconditions = changeSet.getPreconditions();
            boolean met = preconditions == null || answer(preconditions, changeSet) != Answer.NO;
            if (!met && preconditions.getOnFail() == PreconditionContainer.FailOption.HALT) {
                refusals.add(refusal(changeSet, preconditions));
            }
            if (met) {
                RefuseChange.certainly(changeSet)
                        .ifPresent(why -> refusals.add(changeSet.toString(false) + ": " + why));
            }
            if (met || preconditions.getOnFail() != PreconditionContainer.FailOption.CONTINUE) {
                // A refused changeset counts as executed, so that its dependents are not refused for the same reason.
                executed.add(new RanChangeSet(changeSet));
            }
        }
        if (!refusals.isEmpty()) {
            throw new CommandExecutionException("This update cannot be done, and nothing has been changed.\n- %s"
                    .formatted(String.join("\n- ", refusals)));
        }
    }

    /** Returns the changesets that will be deferred, because their dependencies will be missing. */
    public List<ChangeSet> waiting(List<ChangeSet> toRun) {
        List<ChangeSet> waiting = new ArrayList<>();
        for (ChangeSet changeSet : toRun) {
            PreconditionContainer preconditions = changeSet.getPreconditions();
            if (preconditions != null && preconditions.getOnFail() == PreconditionContainer.FailOption.CONTINUE
                    && answer(preconditions, changeSet) == Answer.NO) {
                waiting.add(changeSet);
            } else {
                executed.add(new RanChangeSet(changeSet));
            }
        }
        return waiting;
    }

    /**
     * Refuses to roll back a changeset while a dependent one stays, because a filter excludes it or it is not in the
     * selected subset. Liquibase does not check this.
     */
    void checkRollback(List<ChangeSet> undone) throws CommandExecutionException {
        List<ChangeSet> staying = changeLog.getChangeSets().stream()
                .filter(changeSet -> hasRun(changeSet) && !undone.contains(changeSet)).toList();
        List<ChangeSet> needing = staying.stream()
                .filter(changeSet -> changeSet.getPreconditions() != null && !isTagAlone(changeSet, staying))
                .filter(changeSet -> answer(changeSet.getPreconditions(), changeSet) != Answer.NO)
                .toList();
        List<String> refusals = new ArrayList<>();
        for (ChangeSet changeSet : staying) {
            if (isPhase(changeSet) && undone.stream().anyMatch(earlier -> dependsOn(changeSet, earlier))) {
                refusals.add("%s is a later phase of what would be undone: include the label '%s'"
                        .formatted(changeSet.toString(false), changeSet.getLabels()));
            }
        }
        executed.removeIf(ran -> undone.stream().anyMatch(ran::isSameAs));
        List<ChangeSet> behind = needing.stream()
                .filter(changeSet -> answer(changeSet.getPreconditions(), changeSet) == Answer.NO).toList();
        behind.forEach(changeSet -> refusals.add(changeSet.toString(false) + " depends on it"));
        if (!refusals.isEmpty()) {
            ChangesetSubset part = ChangesetSubset.current();
            boolean forgets = part != null && part.forgets();
            throw new CommandExecutionException("""
                    %s what depends on this and must be %s. Nothing has been %s.
                    - %s%s""".formatted(part == null ? "The filter excludes"
                            : forgets ? "This would keep recorded as run" : "This would leave behind",
                    forgets ? "recorded as not run with it" : "rolled back first", forgets ? "recorded" : "rolled back",
                    String.join("\n- ", refusals),
                    part == null || behind.isEmpty() ? "" : alsoBefore(behind, forgets ? "include" : "undo")));
        }
    }

    /** The first of them on each branch, because later ones on the same branch are included. */
    private String alsoBefore(List<ChangeSet> behind, String verb) {
        Collection<String> firsts = Changelog.of(changeLog).features().stream()
                .filter(feature -> behind.stream().anyMatch(feature.changeSets()::contains))
                .collect(Collectors.toMap(Feature::branch, feature -> "before-" + feature.name(),
                        (first, later) -> first, LinkedHashMap::new)).values();
        String command = ChangesetSubset.current().command();
        return "\nTo %s that as well%s %s".formatted(verb, command == null ? ", also name:" : ": " + command,
                String.join(" ", firsts));
    }

    /** The index in the history; negative if it has not run. */
    private int order(ChangeSet changeSet) {
        for (int i = 0; i < executed.size(); i++) {
            if (executed.get(i).isSameAs(changeSet)) {
                return i;
            }
        }
        return -1;
    }

    private boolean hasRun(ChangeSet changeSet) {
        return order(changeSet) >= 0;
    }

    private boolean dependsOn(ChangeSet phase, ChangeSet undone) {
        return undone.getFilePath().equals(phase.getFilePath()) && order(undone) < order(phase);
    }

    /** Returns whether only the tag of a feature stays. A rollback to the tag keeps it, and it has no dependencies. */
    private static boolean isTagAlone(ChangeSet changeSet, List<ChangeSet> staying) {
        return staying.stream()
                .filter(other -> other.getFilePath().equals(changeSet.getFilePath()))
                .flatMap(other -> other.getChanges().stream())
                .allMatch(TagDatabaseChange.class::isInstance);
    }

    /** The first missing changeset that a backfill or contract phase depends on: the earlier ones of the same file. */
    private Optional<ChangeSet> missing(ChangeSet changeSet, Predicate<ChangeSet> isForDatabase) {
        return isPhase(changeSet)
                ? changeLog.getChangeSets().stream()
                        .takeWhile(earlier -> earlier != changeSet)
                        .filter(earlier -> earlier.getFilePath().equals(changeSet.getFilePath()))
                        .filter(earlier -> !isPhase(earlier))
                        .filter(earlier -> !hasRun(earlier) && isForDatabase.test(earlier))
                        .findFirst()
                : Optional.empty();
    }

    private static String refusal(ChangeSet missing) {
        return "the filter excludes %s, and a later phase of its feature depends on it: add the label '%s'".formatted(
                missing.toString(false),
                missing.getInheritableLabels().stream().map(Labels::toString).collect(Collectors.joining(", ")));
    }

    private static boolean isPhase(ChangeSet changeSet) {
        return !Phase.of(changeSet).isEmpty();
    }

    private static String refusal(ChangeSet changeSet, PreconditionContainer preconditions) {
        String why = preconditions.getOnFailMessage();
        return changeSet.toString(false) + ": " + (why == null ? "its preconditions are not met" : why.strip());
    }

    private Answer answer(Precondition precondition, ChangeSet changeSet) {
        if (precondition instanceof ChangeSetExecutedPrecondition dependency) {
            return isExecuted(dependency) ? Answer.YES : Answer.NO;
        }
        if (precondition instanceof SqlPrecondition check) {
            return asksTheServerOnly(check.getSql()) ? ask(check, changeSet) : Answer.UNKNOWN;
        }
        if (precondition instanceof PreconditionLogic logic) {
            List<Answer> answers =
                    logic.getNestedPreconditions().stream().map(nested -> answer(nested, changeSet)).toList();
            Answer none = all(answers.stream().map(Answer::negated).toList());
            return logic instanceof NotPrecondition ? none
                    : logic instanceof OrPrecondition ? none.negated()
                    : all(answers);
        }
        return Answer.UNKNOWN;
    }

    private static Answer all(List<Answer> answers) {
        return answers.contains(Answer.NO) ? Answer.NO : answers.contains(Answer.UNKNOWN) ? Answer.UNKNOWN : Answer.YES;
    }

    private boolean isExecuted(ChangeSetExecutedPrecondition dependency) {
        String file = dependency.getChangeLogFile() == null
                ? changeLog.getLogicalFilePath() : dependency.getChangeLogFile();
        ChangeSet wanted = new ChangeSet(
                dependency.getId(), dependency.getAuthor(), false, false, file, null, null, changeLog);
        return hasRun(wanted);
    }

    private static boolean asksTheServerOnly(String sql) {
        Matcher sources = SOURCES.matcher(sql);
        boolean any = false;
        while (sources.find()) {
            if (!WHAT_THE_SERVER_OFFERS.matcher(sources.group(1)).matches()) {
                return false;
            }
            any = true;
        }
        return any;
    }

    private Answer ask(SqlPrecondition check, ChangeSet changeSet) {
        if (!(database.getConnection() instanceof JdbcConnection)) {
            return Answer.UNKNOWN;
        }
        try {
            check.check(database, changeLog, changeSet, null);
            return Answer.YES;
        } catch (PreconditionFailedException e) {
            return Answer.NO;
        } catch (PreconditionErrorException e) {
            return Answer.UNKNOWN;
        }
    }
}
