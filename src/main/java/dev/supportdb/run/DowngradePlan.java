package dev.supportdb.run;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.Feature;
import dev.supportdb.changelog.FeatureSlice;
import dev.supportdb.changelog.Position;
import dev.supportdb.changelog.PositionRange;
import dev.supportdb.preflight.ChangesetSubset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import liquibase.changelog.ChangeSet;

/**
 * The changesets to undo to bring a database back to positions, each on its branch. Making a plan undoes nothing.
 *
 * @param places     the positions to reach, including those of the dependents if these are undone as well
 * @param undone     the changesets that have run after these positions, last feature first
 * @param dependents applied features that depend on them, as the first position before them on each branch
 * @param part       everything after the positions, because a backfill that was stopped half-way has not run
 */
public record DowngradePlan(List<Position> places, List<FeatureSlice> undone, List<Position> dependents,
        ChangesetSubset part) {

    public static DowngradePlan to(List<Position> places, DatabaseState standing) {
        List<ChangeSet> behind = new PositionRange(standing.changelog(), places).behind();
        List<FeatureSlice> undone = new ArrayList<>(FeatureSlice.of(standing.changelog(),
                behind.stream().filter(changeSet -> standing.ran(changeSet).isPresent()).toList()));
        Collections.reverse(undone);
        return new DowngradePlan(List.copyOf(places), undone, dependents(places, standing),
                ChangesetSubset.of(FeatureSlice.of(standing.changelog(), behind)));
    }

    /** Returns a plan that also undoes the dependents. */
    public DowngradePlan withDependents(DatabaseState standing) {
        List<Position> all = new ArrayList<>(places);
        all.addAll(dependents);
        return to(all, standing);
    }

    private static List<Position> dependents(List<Position> places, DatabaseState standing) {
        List<Position> all = new ArrayList<>(places);
        for (Optional<Feature> next = dependent(all, standing); next.isPresent(); next = dependent(all, standing)) {
            all.add(Position.before(next.get()));
        }
        return List.copyOf(all.subList(places.size(), all.size()));
    }

    /** The first feature that would stay while one of its dependencies is rolled back. */
    private static Optional<Feature> dependent(List<Position> places, DatabaseState standing) {
        Changelog changelog = standing.changelog();
        Set<ChangeSet> behind = new HashSet<>(new PositionRange(changelog, places).behind());
        return changelog.features().stream()
                .filter(feature -> feature.workingChangeSets().stream()
                        .anyMatch(changeSet -> standing.ran(changeSet).isPresent() && !behind.contains(changeSet)))
                .filter(feature -> !changelog.missing(feature, changeSet -> !behind.contains(changeSet)).isEmpty())
                .findFirst();
    }
}
