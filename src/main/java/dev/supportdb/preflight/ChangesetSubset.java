package dev.supportdb.preflight;

import dev.supportdb.changelog.FeatureSlice;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import liquibase.Scope;
import liquibase.change.core.EmptyChange;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.RanChangeSet;

/**
 * Selects the changesets of a run that is not for everything that the filters choose. {@link Preflight} checks the
 * whole changelog, then keeps only these in it; the rest is Liquibase's own work.
 *
 * @param changeSets the selected changesets
 * @param forgets    whether a rollback undoes nothing and only deletes them from the history
 * @param command    a command that rolls back further if names are appended; null if no person has named any
 */
public record ChangesetSubset(Set<String> changeSets, boolean forgets, String command) {

    private static final String IN_SCOPE = ChangesetSubset.class.getName();

    public ChangesetSubset {
        changeSets = Set.copyOf(changeSets);
    }

    ChangesetSubset(Set<String> changeSets, boolean forgets) {
        this(changeSets, forgets, null);
    }

    public static ChangesetSubset of(Collection<FeatureSlice> slices) {
        return ofChangeSets(slices.stream().flatMap(slice -> slice.changeSets().stream()).toList());
    }

    public static ChangesetSubset ofChangeSets(Collection<ChangeSet> changeSets) {
        return new ChangesetSubset(changeSets.stream().map(ChangesetSubset::key).collect(Collectors.toSet()), false);
    }

    public ChangesetSubset forgetting() {
        return new ChangesetSubset(changeSets, true, command);
    }

    public ChangesetSubset by(String typed) {
        return new ChangesetSubset(changeSets, forgets, typed);
    }

    /** The subset of the current command; null if it runs everything. */
    static ChangesetSubset current() {
        return Scope.getCurrentScope().get(IN_SCOPE, ChangesetSubset.class);
    }

    public Map<String, Object> inScope() {
        return Map.of(IN_SCOPE, this);
    }

    boolean has(ChangeSet changeSet) {
        return changeSets.contains(key(changeSet));
    }

    private boolean has(RanChangeSet ran) {
        return changeSets.contains(key(ran.getChangeLog(), ran.getId(), ran.getAuthor()));
    }

    /**
     * The changesets of a history that are in this subset, and later ones that are missing in the files, whose
     * dependencies are unknown.
     */
    List<RanChangeSet> of(List<RanChangeSet> newestFirst, DatabaseChangeLog changeLog) {
        int last = IntStream.range(0, newestFirst.size()).filter(at -> has(newestFirst.get(at))).max().orElse(-1);
        return newestFirst.subList(0, last + 1).stream()
                .filter(ran -> has(ran) || changeLog.getChangeSet(ran) == null).toList();
    }

    /** Removes all other changesets from the changelog. */
    void reduce(DatabaseChangeLog changeLog) {
        changeLog.getChangeSets().removeIf(changeSet -> !has(changeSet));
    }

    /** Makes the rollbacks of these changesets do nothing, so that they are only removed from the history. */
    static void keepWhatTheyDid(List<ChangeSet> changeSets) {
        for (ChangeSet changeSet : changeSets) {
            changeSet.getRollback().getChanges().clear();
            changeSet.getRollback().getChanges().add(new EmptyChange());
        }
    }

    private static String key(ChangeSet changeSet) {
        return key(changeSet.getFilePath(), changeSet.getId(), changeSet.getAuthor());
    }

    /** The identity of a changeset, ignoring differences that Liquibase ignores. */
    private static String key(String path, String id, String author) {
        return String.join("::", DatabaseChangeLog.normalizePath(path), id, author).toLowerCase(Locale.ROOT);
    }
}
