package dev.supportdb.changelog;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A graph in Mermaid's language: a box for each branch, with a node for each group of features. */
final class MermaidGraph {

    private final ChangelogGraph graph;
    private final StringBuilder text = new StringBuilder("flowchart LR\n");

    MermaidGraph(ChangelogGraph graph) {
        this.graph = graph;
    }

    String text() {
        List<Branch> branches = graph.changelog().branches();
        branches.forEach(this::branch);
        for (ChangelogGraph.Edge edge : graph.edges()) {
            line("  %s %s %s", node(edge.from()), edge.waits() ? "-.->" : "-->", node(edge.to()));
        }
        if (!graph.states().isEmpty()) {
            line("  classDef applied fill:#d9f0d9,stroke:#2e7d32,color:#111");
            line("  classDef partly fill:#fff3c4,stroke:#b26a00,color:#111");
            line("  classDef pending fill:#fff,stroke:#555,color:#111");
            line("  classDef waiting fill:#fff,stroke:#999,color:#555,stroke-dasharray:4 3");
            line("  classDef left_out fill:#eee,stroke:#bbb,color:#777,stroke-dasharray:4 3");
        }
        return text.toString();
    }

    private void branch(Branch branch) {
        line("  subgraph %s [\"%s\"]", id("b", branch.name()), quoted(branch.name()));
        line("    direction LR");
        List<List<Feature>> groups = graph.groups(branch);
        for (List<Feature> group : groups) {
            FeatureState state = graph.states().get(group.get(0));
            line("    %s[\"%s\"]%s", node(group.get(0)),
                    group.stream().map(this::label).collect(Collectors.joining("<br/>")),
                    state == null ? "" : ":::" + state.name().toLowerCase(Locale.ROOT));
        }
        if (groups.size() > 1) {
            line("    %s", groups.stream().map(group -> node(group.get(0))).collect(Collectors.joining(" --> ")));
        }
        line("  end");
    }

    private String label(Feature feature) {
        String name = quoted(feature.name());
        return graph.changelog().isHead(feature) ? "<b>" + name + "</b>" : name;
    }

    /** The node of the group that contains a feature, named after the first feature of the group. */
    private String node(Feature feature) {
        Feature first = graph.groups(graph.changelog().branch(feature.branch())).stream()
                .filter(group -> group.contains(feature)).findFirst().orElseThrow().get(0);
        return id("f", first.branch() + "_" + first.name());
    }

    private static String id(String kind, String name) {
        return kind + "_" + name.replaceAll("\\W", "_");
    }

    private static String quoted(String name) {
        return name.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }

    private void line(String format, Object... values) {
        text.append(format.formatted(values)).append('\n');
    }
}
