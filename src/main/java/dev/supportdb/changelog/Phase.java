package dev.supportdb.changelog;

import java.util.Set;
import java.util.TreeSet;
import liquibase.changelog.ChangeSet;

/** The labels that say not on which branch a changeset is, but how far an application has to be for it. */
public final class Phase {

    /** Moves rows. */
    public static final String BACKFILL = "backfill";

    /** An older application does not survive it. */
    public static final String CONTRACT = "contract";

    public static final Set<String> ALL = Set.of(BACKFILL, CONTRACT);

    private Phase() {
    }

    /** The phases of a changeset; empty for most. */
    public static Set<String> of(ChangeSet changeSet) {
        Set<String> phases = new TreeSet<>(changeSet.getLabels().getLabels());
        phases.retainAll(ALL);
        return phases;
    }
}
