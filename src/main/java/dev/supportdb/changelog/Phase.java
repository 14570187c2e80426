package dev.supportdb.changelog;

import java.util.Set;
import java.util.TreeSet;
import liquibase.changelog.ChangeSet;

/** The labels that do not name a branch, but the version of the application that a changeset needs. */
public final class Phase {

    /** The phase that moves rows. */
    public static final String BACKFILL = "backfill";

    /** The phase that breaks an old application. */
    public static final String CONTRACT = "contract";

    public static final Set<String> ALL = Set.of(BACKFILL, CONTRACT);

    private Phase() {
    }

    /** Returns the phases of a changeset; empty for most. */
    public static Set<String> of(ChangeSet changeSet) {
        Set<String> phases = new TreeSet<>(changeSet.getLabels().getLabels());
        phases.retainAll(ALL);
        return phases;
    }
}
