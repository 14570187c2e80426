package dev.supportdb.generate;

import dev.supportdb.changelog.Branch;
import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.Feature;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import liquibase.change.core.CreateTableChange;

/** Where a change belongs: a branch that has, or needs, all that made the tables it touches. */
public final class Home {

    private static final String DEFAULT = "main";

    private final Changelog changelog;
    private final Map<String, Feature> makers = new TreeMap<>();

    /** @param touched tables that there are */
    public Home(Changelog changelog, Set<String> touched) {
        this.changelog = changelog;
        touched.forEach(table -> maker(table).ifPresent(feature -> makers.put(table, feature)));
    }

    private Optional<Feature> maker(String table) {
        return changelog.features().stream().filter(feature -> feature.changeSets().stream()
                .flatMap(changeSet -> changeSet.getChanges().stream())
                .anyMatch(change -> change instanceof CreateTableChange made && made.getTableName().equals(table)))
                .findFirst();
    }

    /** The first branch of which all that is true; {@code main} where there is none. */
    public String branch() {
        return makers.values().stream().map(Feature::branch).distinct()
                .filter(branch -> makers.values().stream().allMatch(feature -> hasOrNeeds(branch, feature)))
                .findFirst().orElse(DEFAULT);
    }

    /** What to say of those tables that the branch cannot count on. */
    public List<String> warnings(String branch) {
        return makers.entrySet().stream().filter(table -> !hasOrNeeds(branch, table.getValue()))
                .map(table -> ("table %s comes from %s, and the branch %s may be deployed without it: write this for "
                        + "another branch, or let it need %2$s by the precondition changeSetExecuted")
                        .formatted(table.getKey(), table.getValue().id(), branch))
                .toList();
    }

    private boolean hasOrNeeds(String branch, Feature feature) {
        return feature.branch().equals(branch)
                || changelog.branches().stream().filter(known -> known.name().equals(branch)).map(Branch::needs)
                        .anyMatch(needs -> needs.contains(feature.branch()));
    }
}
