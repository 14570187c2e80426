package dev.supportdb.changelog;

import liquibase.changelog.ChangeSet;

/**
 * A point on one branch.
 *
 * @param feature   the feature of this point
 * @param changeSet the last changeset that has run at this point; null for the whole feature
 * @param before    whether nothing of the feature has run at this point, and everything before it has
 */
public record Position(Feature feature, ChangeSet changeSet, boolean before) {

    public static Position after(Feature feature) {
        return new Position(feature, null, false);
    }

    static Position after(Feature feature, ChangeSet changeSet) {
        return new Position(feature, changeSet, false);
    }

    public static Position before(Feature feature) {
        return new Position(feature, null, true);
    }

    /** The position as a person types it. */
    @Override
    public String toString() {
        return changeSet != null ? changeSet.getId() : before ? "before-" + feature.name() : feature.id();
    }
}
