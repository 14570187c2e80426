package dev.supportdb.changelog;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import liquibase.changelog.ChangeSet;

/**
 * Some changesets of a feature.
 *
 * @param changeSets in the order in which they were given; may be none
 */
public record FeatureSlice(Feature feature, List<ChangeSet> changeSets) {

    public FeatureSlice {
        changeSets = List.copyOf(changeSets);
    }

    /** Groups changesets by feature, in the order of each feature's first changeset. */
    public static List<FeatureSlice> of(Changelog changelog, Collection<ChangeSet> changeSets) {
        return changeSets.stream()
                .collect(groupingBy(changeSet -> feature(changelog, changeSet), LinkedHashMap::new, toList()))
                .entrySet().stream().map(share -> new FeatureSlice(share.getKey(), share.getValue())).toList();
    }

    private static Feature feature(Changelog changelog, ChangeSet changeSet) {
        return changelog.features().stream()
                .filter(feature -> feature.changeSets().contains(changeSet)).findFirst().orElseThrow();
    }
}
