package dev.supportdb.cli;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.NameParser;
import dev.supportdb.changelog.PositionRange;
import dev.supportdb.run.DatabaseState;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.verify.SampleData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.RanChangeSet;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * The part of a changelog that is measured.
 *
 * @param there     the changesets that have run before
 * @param traced    the changesets to measure, and the demo data between them
 * @param changelog the files
 * @param edited    changesets that have run and were edited since, so that an update is refused
 */
record MeasuredPart(List<ChangeSet> there, List<ChangeSet> traced, Changelog changelog, List<String> edited) {

    /** The pending changesets of the target. Demo data before its last changeset counts as run. */
    static MeasuredPart pending(TargetDatabase target) throws LiquibaseException {
        DatabaseState state = DatabaseState.of(target, Path.of(""));
        if (state.notes().otherChangelog() != null) {
            throw new CommandExecutionException(state.notes().otherChangelog());
        }
        List<String> edited = state.edited().stream().map(RanChangeSet::toString).toList();
        if (state.pending().isEmpty()) {
            return new MeasuredPart(List.of(), List.of(), state.changelog(), edited);
        }
        List<ChangeSet> all = state.changelog().features().stream()
                .flatMap(feature -> feature.changeSets().stream()).toList();
        List<ChangeSet> there = new ArrayList<>(all.stream()
                .filter(changeSet -> state.ran(changeSet).isPresent()).toList());
        int last = all.lastIndexOf(there.isEmpty() ? null : there.get(there.size() - 1));
        List<ChangeSet> traced = new ArrayList<>();
        for (ChangeSet changeSet : all) {
            boolean demo = SampleData.isDemo(changeSet);
            if (demo && !there.contains(changeSet) && all.indexOf(changeSet) < last) {
                there.add(changeSet);
            } else if (demo && !there.contains(changeSet) || state.pending().contains(changeSet)) {
                traced.add(changeSet);
            }
        }
        return new MeasuredPart(there, traced, state.changelog(), edited);
    }

    /** The changesets between two names, without reading the target. */
    static MeasuredPart between(EnvironmentOptions environment, NameRange range, CommandLine command)
            throws IOException, LiquibaseException {
        Changelog changelog = environment.changelog();
        NameParser names = new NameParser(changelog);
        try {
            List<ChangeSet> there = new PositionRange(changelog, SqlRange.places(names, range.from(), "base")).state();
            List<ChangeSet> traced = new ArrayList<>(
                    new PositionRange(changelog, SqlRange.places(names, range.to(), "heads")).stateAfter(there));
            traced.removeAll(there);
            return new MeasuredPart(there, traced, changelog, List.of());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command, e.getMessage(), e);
        }
    }

    /** The same part, only up to a name. */
    MeasuredPart upTo(String name, CommandLine command) {
        try {
            return only(new PositionRange(changelog, SqlRange.places(new NameParser(changelog), name, "heads"))
                    .stateAfter(there));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command, e.getMessage(), e);
        }
    }

    /** The same part with only these changesets to measure. */
    MeasuredPart only(Collection<ChangeSet> these) {
        Set<ChangeSet> wanted = new HashSet<>(these);
        return new MeasuredPart(there, traced.stream().filter(wanted::contains).toList(), changelog, edited);
    }

    /** The measured changesets without the demo data. */
    List<ChangeSet> reviewed() {
        return traced.stream().filter(changeSet -> !SampleData.isDemo(changeSet)).toList();
    }
}
