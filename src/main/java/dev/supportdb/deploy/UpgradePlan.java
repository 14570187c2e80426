package dev.supportdb.deploy;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.Feature;
import dev.supportdb.changelog.Place;
import dev.supportdb.changelog.Reach;
import dev.supportdb.changelog.Share;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import liquibase.changelog.ChangeSet;

/**
 * What brings a database to places of the changelog, each on its branch. To make a plan runs nothing.
 *
 * @param own    what is to run of the branches of these places; what would be passed over is not in it
 * @param needed features of other branches that are not there, and without which that cannot run; where a filter leaves
 *               out all of one, it has no changesets
 */
public record UpgradePlan(List<Share> own, List<Share> needed) {

    public static UpgradePlan to(List<Place> places, Standing standing) {
        return new Maker(places, standing).plan();
    }

    /** Whether the contexts or the label filter leave out what is asked for itself. */
    public static boolean isLeftOut(Place place, Standing standing) {
        Stream<ChangeSet> asked = place.changeSet() == null
                ? place.feature().workingChangeSets().stream() : Stream.of(place.changeSet());
        return !place.before() && asked.noneMatch(changeSet -> standing.ran(changeSet).isPresent()
                || standing.pending().contains(changeSet) || standing.waiting().contains(changeSet));
    }

    /** Both, what is needed first. */
    public List<Share> all() {
        return Stream.concat(needed.stream(), own.stream()).toList();
    }

    private static final class Maker {

        private final Standing standing;
        private final Changelog changelog;
        private final List<Place> places;
        private final List<ChangeSet> asked;

        Maker(List<Place> places, Standing standing) {
            this.standing = standing;
            this.changelog = standing.changelog();
            this.places = places;
            this.asked = new Reach(changelog, places).upTo().stream()
                    .filter(changeSet -> isPending(changeSet) || standing.waiting().contains(changeSet)).toList();
        }

        UpgradePlan plan() {
            List<Share> needed = needed();
            Set<ChangeSet> there = new HashSet<>();
            needed.forEach(share -> there.addAll(share.changeSets()));
            List<ChangeSet> own = new ArrayList<>();
            for (Share share : Share.of(changelog, asked)) {
                if (!share.feature().waits() || missing(share.feature(), there).isEmpty()) {
                    share.changeSets().stream().filter(this::isPending).forEach(own::add);
                    there.addAll(share.changeSets());
                }
            }
            return new UpgradePlan(Share.of(changelog, own), needed);
        }

        private List<Share> needed() {
            Set<Feature> needed = new HashSet<>();
            Deque<Feature> open = new ArrayDeque<>(Share.of(changelog, asked).stream().map(Share::feature)
                    .filter(feature -> !feature.waits() || isAskedFor(feature)).toList());
            while (!open.isEmpty()) {
                missing(open.pop(), asked).stream().flatMap(this::withThoseBefore).filter(needed::add)
                        .forEach(open::add);
            }
            return changelog.features().stream().filter(needed::contains)
                    .map(feature -> new Share(feature, feature.changeSets().stream().filter(this::isPending).toList()))
                    .toList();
        }

        private List<Feature> missing(Feature feature, Collection<ChangeSet> there) {
            return changelog.missing(feature,
                    changeSet -> standing.ran(changeSet).isPresent() || there.contains(changeSet));
        }

        private Stream<Feature> withThoseBefore(Feature last) {
            return Stream.concat(changelog.branch(last.branch()).features().stream()
                    .takeWhile(feature -> !feature.equals(last))
                    .filter(feature -> feature.changeSets().stream().anyMatch(this::isPending)), Stream.of(last));
        }

        /** By itself, not as one of the heads. */
        private boolean isAskedFor(Feature feature) {
            return places.size() == 1 && places.get(0).feature().equals(feature);
        }

        private boolean isPending(ChangeSet changeSet) {
            return standing.pending().contains(changeSet);
        }
    }
}
