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
 * @param there     what has run before
 * @param traced    what is to be looked at, and the demo data between
 * @param changelog the files
 * @param edited    what has run and reads otherwise in the files by now, so that an update is refused
 */
record MeasuredPart(List<ChangeSet> there, List<ChangeSet> traced, Changelog changelog, List<String> edited) {

    /**
     * What the target has still to run. Demo data that comes before what it has run last is there as well.
     */
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

    /** The changesets between two names; the target is not asked. */
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

    /** The same up to a name and no further. */
    MeasuredPart upTo(String name, CommandLine command) {
        try {
            return only(new PositionRange(changelog, SqlRange.places(new NameParser(changelog), name, "heads"))
                    .stateAfter(there));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command, e.getMessage(), e);
        }
    }

    /** Of what is to be looked at, these alone. */
    MeasuredPart only(Collection<ChangeSet> these) {
        Set<ChangeSet> wanted = new HashSet<>(these);
        return new MeasuredPart(there, traced.stream().filter(wanted::contains).toList(), changelog, edited);
    }

    /** Without the demo data. */
    List<ChangeSet> reviewed() {
        return traced.stream().filter(changeSet -> !SampleData.isDemo(changeSet)).toList();
    }
}
