package dev.supportdb.changelog;

import java.util.List;
import java.util.Locale;

/** A graph as a picture: a line for each feature, a lane for each branch, a curve for each edge between lanes. */
final class SvgGraph {

    private static final int LANE = 28;
    private static final int ROW = 26;
    private static final int MARGIN = 24;

    /** The average width of a letter of the font. */
    private static final int LETTER = 8;

    /** Colours that differ on white, also for readers who cannot tell red from green. */
    private static final List<String> COLOURS =
            List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#555555");

    private final ChangelogGraph graph;
    private final List<Feature> features;
    private final List<Branch> branches;
    private final StringBuilder text = new StringBuilder();

    SvgGraph(ChangelogGraph graph) {
        this.graph = graph;
        this.features = graph.changelog().features();
        this.branches = graph.changelog().branches();
    }

    String text() {
        int words = MARGIN + branches.size() * LANE + LETTER;
        int names = words + LETTER * longest(features.stream().map(Feature::name).toList());
        int branch = names + 2 * LETTER;
        int state = branch + LETTER * (longest(branches.stream().map(Branch::name).toList()) + " head".length() + 4);
        int width = state + (graph.states().isEmpty() ? 0 : 9 * LETTER) + MARGIN;
        int height = 2 * MARGIN + (features.size() - 1) * ROW;
        line("""
                <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" \
                font-family="system-ui, sans-serif" font-size="14">""", width, height);
        line("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>", width, height);
        branches.forEach(this::lane);
        graph.edges().forEach(this::edge);
        for (Feature feature : features) {
            mark(feature);
            String weight = graph.changelog().isHead(feature) ? "bold" : "normal";
            words(words, feature, "#111", weight, feature.name());
            words(branch, feature, colour(feature), weight,
                    feature.branch() + (graph.changelog().isHead(feature) ? " head" : ""));
            if (!graph.states().isEmpty()) {
                words(state, feature, "#555", "normal", graph.states().get(feature).inWords());
            }
        }
        line("</svg>");
        return text.toString();
    }

    private void lane(Branch branch) {
        Feature first = branch.features().get(0);
        line("<path d=\"M%d %dV%d\" stroke=\"%s\" stroke-width=\"3\"/>",
                x(first), y(first), y(branch.head()), colour(first));
    }

    /** Draws a curve down the target lane while that is free, else beside it. */
    private void edge(ChangelogGraph.Edge edge) {
        int x = x(edge.from());
        int y = y(edge.from());
        int toX = x(edge.to());
        int toY = y(edge.to());
        boolean free = y < toY && graph.changelog().branch(edge.to().branch()).features().indexOf(edge.to()) == 0;
        String curve = free ? "C%d %d %d %d %d %dV%d".formatted(toX, y, toX, y, toX, y + ROW, toY)
                : "C%1$d %2$d %1$d %2$d %1$d %3$dV%4$dC%1$d %5$d %1$d %5$d %6$d %5$d".formatted(
                        toX + (x < toX ? -LANE : LANE) / 2, y, y + ROW / 2, toY - ROW / 2, toY, toX);
        line("<path d=\"M%d %d%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"%s>"
                        + "<title>%s %s %s</title></path>",
                x, y, curve, colour(edge.from()), edge.waits() ? " stroke-dasharray=\"5 4\"" : "",
                escaped(edge.to().id()), edge.waits() ? "waits for" : "needs", escaped(edge.from().id()));
    }

    private void mark(Feature feature) {
        FeatureState state = graph.states().getOrDefault(feature, FeatureState.APPLIED);
        boolean faint = state == FeatureState.WAITING || state == FeatureState.LEFT_OUT;
        line("<circle cx=\"%d\" cy=\"%d\" r=\"%d\" fill=\"%s\" stroke=\"%s\" stroke-width=\"2\"%s/>",
                x(feature), y(feature), graph.changelog().isHead(feature) ? 8 : 6,
                state == FeatureState.APPLIED ? colour(feature) : "white", colour(feature),
                faint ? " stroke-dasharray=\"2 2\"" : "");
        if (state == FeatureState.PARTLY) {
            line("<circle cx=\"%d\" cy=\"%d\" r=\"3\" fill=\"%s\"/>", x(feature), y(feature), colour(feature));
        }
    }

    private void words(int x, Feature feature, String colour, String weight, String words) {
        line("<text x=\"%d\" y=\"%d\" fill=\"%s\" font-weight=\"%s\">%s</text>",
                x, y(feature) + 5, colour, weight, escaped(words));
    }

    private int x(Feature feature) {
        return MARGIN + lane(feature) * LANE;
    }

    private int y(Feature feature) {
        return MARGIN + features.indexOf(feature) * ROW;
    }

    private int lane(Feature feature) {
        return branches.stream().map(Branch::name).toList().indexOf(feature.branch());
    }

    private String colour(Feature feature) {
        return COLOURS.get(lane(feature) % COLOURS.size());
    }

    private static int longest(List<String> texts) {
        return texts.stream().mapToInt(String::length).max().orElse(0);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }

    private void line(String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
