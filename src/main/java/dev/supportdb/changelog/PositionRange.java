package dev.supportdb.changelog;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.Stream;
import liquibase.changelog.ChangeSet;

/** The changesets before and after positions, each on its branch; if two are on one branch, the last counts. */
public final class PositionRange {

    private final Changelog changelog;
    private final Map<String, Position> places;

    public PositionRange(Changelog changelog, List<Position> places) {
        this.changelog = changelog;
        this.places = byBranch(places);
    }

    /** Returns the last position on each branch, for a command that is printed: an earlier one has no effect. */
    public static Collection<Position> lastOnEachBranch(List<Position> places) {
        return byBranch(places).values();
    }

    private static Map<String, Position> byBranch(List<Position> places) {
        Map<String, Position> last = new LinkedHashMap<>();
        places.forEach(place -> last.put(place.feature().branch(), place));
        return last;
    }

    /** The changesets up to the positions on their branches, in the order of the master. */
    public List<ChangeSet> upTo() {
        return changeSets((place, changeSet) -> reaches(place, changeSet));
    }

    /** The changesets after the positions on their branches, in the order of the master. */
    public List<ChangeSet> behind() {
        return changeSets((place, changeSet) -> !reaches(place, changeSet));
    }

    /**
     * Returns all changesets in a database that is at these positions, in the order of the master: with what they
     * depend on in other branches, without deferred changesets.
     */
    public List<ChangeSet> state() {
        return stateAfter(List.of());
    }

    /**
     * Returns the state of a database that has also run the given changesets, which are included; no feature waits for
     * them.
     */
    public List<ChangeSet> stateAfter(Collection<ChangeSet> ran) {
        Set<ChangeSet> there = new HashSet<>(upTo());
        there.addAll(ran);
        changelog.features().stream().filter(feature -> feature.changeSets().stream().anyMatch(there::contains))
                .filter(feature -> !feature.waits() || isPlace(feature))
                .flatMap(feature -> changelog.needs(feature).stream())
                .flatMap(needed -> changelog.upTo(needed).stream())
                .distinct().toList().forEach(needed -> there.addAll(needed.changeSets()));

        Set<ChangeSet> state = new LinkedHashSet<>();
        for (Feature feature : changelog.features()) {
            if (!feature.waits() || changelog.missing(feature, state::contains).isEmpty()) {
                feature.changeSets().stream().filter(there::contains).forEach(state::add);
            }
        }
        return new ArrayList<>(state);
    }

    /**
     * Returns the features up to these positions that a state lacks because they are deferred, each with those it waits
     * for.
     */
    public Map<Feature, List<Feature>> deferred(Collection<ChangeSet> state) {
        Map<Feature, List<Feature>> deferred = new LinkedHashMap<>();
        for (FeatureSlice slice : FeatureSlice.of(changelog, upTo())) {
            if (slice.feature().waits() && slice.changeSets().stream().noneMatch(state::contains)) {
                deferred.put(slice.feature(), changelog.missing(slice.feature(), state::contains));
            }
        }
        return deferred;
    }

    private boolean isPlace(Feature feature) {
        return places.values().stream().anyMatch(place -> !place.before() && place.feature().equals(feature));
    }

    private List<ChangeSet> changeSets(BiPredicate<Position, ChangeSet> side) {
        return changelog.features().stream().filter(feature -> places.containsKey(feature.branch()))
                .flatMap(feature -> changeSets(feature, side)).toList();
    }

    private Stream<ChangeSet> changeSets(Feature feature, BiPredicate<Position, ChangeSet> side) {
        Position place = places.get(feature.branch());
        return feature.changeSets().stream().filter(changeSet -> side.test(place, changeSet));
    }

    private boolean reaches(Position place, ChangeSet changeSet) {
        Feature last = place.feature();
        if (!last.changeSets().contains(changeSet)) {
            return changelog.features().stream().takeWhile(feature -> !feature.equals(last))
                    .anyMatch(feature -> feature.changeSets().contains(changeSet));
        }
        return !place.before() && (place.changeSet() == null
                || last.changeSets().indexOf(changeSet) <= last.changeSets().indexOf(place.changeSet()));
    }
}
