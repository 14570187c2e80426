package dev.supportdb.changelog;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A changelog to be drawn.
 *
 * @param states how far a database is with each feature; empty where that is not known
 */
public record ChangelogGraph(Changelog changelog, Map<Feature, FeatureState> states) {

    /**
     * That a feature stands on one of another branch. What is before it on its own goes without saying.
     *
     * @param waits whether it is deferred while the other is not there; otherwise it stops an update
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

    /** The features of a branch in groups that no edge enters or leaves but at the ends, each of one state. */
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

    /** For a page that is written in Markdown. */
    public String mermaid() {
        return new MermaidGraph(this).text();
    }

    /** For a browser. */
    public String svg() {
        return new SvgGraph(this).text();
    }
}
