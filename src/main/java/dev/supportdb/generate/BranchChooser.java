package dev.supportdb.generate;

import dev.supportdb.changelog.Branch;
import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.Feature;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import liquibase.changelog.ChangeSet;

/** Chooses the branch of a change: one that has, or depends on, everything that created what it touches. */
public final class BranchChooser {

    private static final String DEFAULT = "main";

    private record Maker(Feature feature, ChangeSet changeSet) {}

    private final Changelog changelog;
    private final Map<String, Maker> makers = new TreeMap<>();

    /** @param touched existing tables, columns as {@code table.column}, and types */
    public BranchChooser(Changelog changelog, Set<String> touched) {
        this.changelog = changelog;
        for (Feature feature : changelog.features()) {
            for (ChangeSet changeSet : feature.changeSets()) {
                CreatedObjects.of(changeSet).filter(touched::contains)
                        .forEach(name -> makers.putIfAbsent(name, new Maker(feature, changeSet)));
            }
        }
    }

    /** Returns the first branch that has or depends on everything touched; {@code main} if there is none. */
    public String branch() {
        return makers.values().stream().map(maker -> maker.feature().branch()).distinct()
                .filter(branch -> makers.values().stream().allMatch(maker -> hasOrNeeds(branch, maker.feature())))
                .findFirst().orElse(DEFAULT);
    }

    private boolean hasOrNeeds(String branch, Feature feature) {
        return feature.branch().equals(branch)
                || changelog.branches().stream().filter(known -> known.name().equals(branch)).map(Branch::needs)
                        .anyMatch(needs -> needs.contains(feature.branch()));
    }

    /**
     * Returns the preconditions that a new feature of this branch needs: on each other branch, the last changeset that
     * created something touched, unless the branch already depends on it. Empty if nothing is needed.
     */
    public Optional<FeaturePreconditions> condition(String branch) {
        Set<Feature> reached = new HashSet<>();
        changelog.features().stream().filter(feature -> feature.branch().equals(branch) && !feature.waits())
                .forEach(feature -> reached.addAll(changelog.upTo(feature)));
        Map<String, ChangeSet> last = new TreeMap<>();
        for (Feature feature : changelog.features()) {
            if (!feature.branch().equals(branch) && !reached.contains(feature)) {
                feature.changeSets().stream()
                        .filter(changeSet -> makers.containsValue(new Maker(feature, changeSet)))
                        .forEach(changeSet -> last.put(feature.branch(), changeSet));
            }
        }
        return last.isEmpty() ? Optional.empty() : Optional.of(FeaturePreconditions.needs(changelog, branch,
                last.values().stream().map(ChangeSet::getId).toList()));
    }

    /** Returns warnings if the branch can no longer be deployed as before. */
    public List<String> warnings(String branch) {
        return condition(branch).stream()
                .flatMap(condition -> condition.newFor(changelog, branch).stream())
                .map(other -> ("from now on %s cannot be updated without %s, which makes %s: give --branch to write "
                        + "it for another one").formatted(branch, other, String.join(", ", makers.keySet().stream()
                                .filter(name -> makers.get(name).feature().branch().equals(other)).toList())))
                .toList();
    }
}
