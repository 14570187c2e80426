package dev.supportdb.changelog;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A drawing of a changelog.
 *
 * @param states the state of each feature in a database; empty if unknown
 */
public record ChangelogGraph(Changelog changelog, Map<Feature, FeatureState> states) {

    /**
     * A dependency of a feature on a feature of another branch. The order within a branch needs no edge.
     *
     * @param waits whether the feature is deferred while the other is missing; otherwise the update stops
     */
    record Edge(Feature from, Feature to, boolean waits) {
    }

    public ChangelogGraph {
        states = Map.copyOf(states);
    }

    List<Edge> edges() {
        return changelog.features().stream().flatMap(feature -> changelog.needs(feature).stream()
                .filter(need -> !need.branch().equals(feature.branch()))
                .map(need -> new Edge(need, feature, feature.waits()))).toList();
    }

    /**
     * Groups the features of a branch so that edges enter and leave a group only at its ends, and all features of a
     * group have the same state.
     */
    List<List<Feature>> groups(Branch branch) {
        List<Edge> edges = edges();
        List<List<Feature>> groups = new ArrayList<>();
        Feature previous = null;
        for (Feature feature : branch.features()) {
            Feature last = previous;
            boolean begins = last == null || feature.waits() || last.waits()
                    || !Objects.equals(states.get(last), states.get(feature))
                    || edges.stream().anyMatch(edge -> edge.to().equals(feature) || edge.from().equals(last));
            if (begins) {
                groups.add(new ArrayList<>());
            }
            groups.get(groups.size() - 1).add(feature);
            previous = feature;
        }
        return groups;
    }

    /** The graph for a Markdown page. */
    public String mermaid() {
        return new MermaidGraph(this).text();
    }

    /** The graph for a browser. */
    public String svg() {
        return new SvgGraph(this).text();
    }
}
