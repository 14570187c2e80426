package dev.supportdb.deploy;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.Phase;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import liquibase.changelog.ChangeSet;

/**
 * The version of the application that a changeset needs, computed from what is pending: from its label, the changesets
 * before it in its file, and those that it names in its preconditions. A changeset is never of an earlier phase than
 * one that it depends on.
 */
public enum DeployPhase {

    /** An old application does not notice it. */
    EXPAND,

    /** Moves rows, or depends on a changeset that does. */
    BACKFILL,

    /** Breaks an old application, or depends on a changeset that does. */
    CONTRACT;

    /** The phase as a person types it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @param pending in the order in which they would run; the result has the same order */
    public static Map<ChangeSet, DeployPhase> of(List<ChangeSet> pending) {
        Map<ChangeSet, DeployPhase> phases = new LinkedHashMap<>();
        List<ChangeSet> before = new ArrayList<>();
        for (ChangeSet changeSet : pending) {
            DeployPhase phase = own(changeSet);
            for (ChangeSet other : before) {
                if (other.getFilePath().equals(changeSet.getFilePath())) {
                    phase = later(phase, phases.get(other));
                }
            }
            for (ChangeSet other : Changelog.needed(changeSet, before)) {
                phase = later(phase, phases.get(other));
            }
            phases.put(changeSet, phase);
            before.add(changeSet);
        }
        return phases;
    }

    /** Returns the changesets of one phase, in their order. */
    public static List<ChangeSet> only(DeployPhase phase, List<ChangeSet> pending) {
        return of(pending).entrySet().stream().filter(entry -> entry.getValue() == phase).map(Map.Entry::getKey)
                .toList();
    }

    private static DeployPhase own(ChangeSet changeSet) {
        Set<String> labels = Phase.of(changeSet);
        return labels.contains(Phase.CONTRACT) ? CONTRACT : labels.contains(Phase.BACKFILL) ? BACKFILL : EXPAND;
    }

    private static DeployPhase later(DeployPhase one, DeployPhase other) {
        return one.compareTo(other) < 0 ? other : one;
    }
}
