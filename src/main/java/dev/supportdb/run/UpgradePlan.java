package dev.supportdb.run;

import static java.util.function.Predicate.not;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.Feature;
import dev.supportdb.changelog.FeatureSlice;
import dev.supportdb.changelog.Position;
import dev.supportdb.changelog.PositionRange;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import liquibase.changelog.ChangeSet;

/**
 * The changesets to run to bring a database to positions, each on its branch. Making a plan runs nothing.
 *
 * @param own      the changesets to run on the branches of these positions, without deferred ones
 * @param needed   features of other branches that are not there, and without which that cannot run; where a filter
 *                 leaves out all of one, it has no changesets
 * @param deferred features of these branches that stay pending, each with those it waits for
 */
public record UpgradePlan(List<FeatureSlice> own, List<FeatureSlice> needed, Map<Feature, List<Feature>> deferred) {

    public static UpgradePlan to(List<Position> places, DatabaseState standing) {
        return new Maker(places, standing).plan();
    }

    /** Returns whether the contexts or the label filter exclude the requested feature itself. */
    public static boolean isLeftOut(Position place, DatabaseState standing) {
        Stream<ChangeSet> asked = place.changeSet() == null
                ? place.feature().workingChangeSets().stream() : Stream.of(place.changeSet());
        return !place.before() && asked.noneMatch(changeSet -> standing.ran(changeSet).isPresent()
                || standing.pending().contains(changeSet) || standing.waiting().contains(changeSet));
    }

    /** Returns both, the dependencies first. */
    public List<FeatureSlice> all() {
        return Stream.concat(needed.stream(), own.stream()).toList();
    }

    private static final class Maker {

        private final DatabaseState standing;
        private final Changelog changelog;
        private final List<Position> places;
        private final List<ChangeSet> asked;

        Maker(List<Position> places, DatabaseState standing) {
            this.standing = standing;
            this.changelog = standing.changelog();
            this.places = places;
            this.asked = new PositionRange(changelog, places).upTo().stream()
                    .filter(changeSet -> isPending(changeSet) || standing.waiting().contains(changeSet)).toList();
        }

        /**
         * Makes the plan in the order of the master changelog: a changeset is deferred if its dependencies are not
         * planned before it.
         */
        UpgradePlan plan() {
            Set<Feature> needed = needed();
            Set<ChangeSet> there = new HashSet<>();
            List<ChangeSet> own = new ArrayList<>();
            List<FeatureSlice> brought = new ArrayList<>();
            Map<Feature, List<Feature>> deferred = new LinkedHashMap<>();
            for (Feature feature : changelog.features()) {
                List<ChangeSet> mine = feature.changeSets().stream().filter(asked::contains).toList();
                List<Feature> missing = feature.waits() ? missing(feature, there) : List.of();
                if (!missing.isEmpty()) {
                    if (!mine.isEmpty()) {
                        deferred.put(feature, missing);
                    }
                    continue;
                }
                mine.stream().filter(this::isPending).forEach(own::add);
                there.addAll(mine);
                if (needed.contains(feature)) {
                    List<ChangeSet> more = feature.changeSets().stream().filter(this::isUnasked).toList();
                    brought.add(new FeatureSlice(feature, more));
                    there.addAll(more);
                }
            }
            return new UpgradePlan(FeatureSlice.of(changelog, own), brought, deferred);
        }

        /**
         * The features needed by the requested changesets. A deferred changeset requested only as an earlier one of its
         * branch adds none.
         */
        private Set<Feature> needed() {
            Set<Feature> needed = new HashSet<>();
            Set<Feature> reached = new HashSet<>();
            Deque<Feature> open = new ArrayDeque<>(FeatureSlice.of(changelog, asked).stream().map(FeatureSlice::feature)
                    .filter(feature -> !feature.waits() || isAskedFor(feature)).toList());
            while (!open.isEmpty()) {
                Feature next = open.pop();
                if (reached.add(next)) {
                    List<Feature> missing = missing(next, asked);
                    List<Feature> before = missing.stream().flatMap(this::before).toList();
                    needed.addAll(missing);
                    needed.addAll(before);
                    open.addAll(missing);
                    before.stream().filter(not(Feature::waits)).forEach(open::add);
                }
            }
            return needed;
        }

        private List<Feature> missing(Feature feature, Collection<ChangeSet> there) {
            return changelog.missing(feature,
                    changeSet -> standing.ran(changeSet).isPresent() || there.contains(changeSet));
        }

        private Stream<Feature> before(Feature last) {
            return changelog.branch(last.branch()).features().stream()
                    .takeWhile(feature -> !feature.equals(last))
                    .filter(feature -> feature.changeSets().stream().anyMatch(this::isUnasked));
        }

        /** Returns whether the feature itself is named, not only as one of the heads. */
        private boolean isAskedFor(Feature feature) {
            return places.size() == 1 && places.get(0).feature().equals(feature);
        }

        private boolean isUnasked(ChangeSet changeSet) {
            return isPending(changeSet) && !asked.contains(changeSet);
        }

        private boolean isPending(ChangeSet changeSet) {
            return standing.pending().contains(changeSet);
        }
    }
}
