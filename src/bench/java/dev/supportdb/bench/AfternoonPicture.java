package dev.supportdb.bench;

import dev.supportdb.bench.ApplicationLoad.Request;
import dev.supportdb.bench.BusyAfternoon.Observed;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Draws what an application felt of fills, one under the other on the same axes: the requests of each half second, from
 * their median to the slowest, and under them every wait for a lock of the fill.
 *
 * @param conditions what must be known to judge it, as the bench prints them
 */
record AfternoonPicture(List<Observed> fills, Map<String, ?> conditions) {

    private static final int WIDTH = 900;
    private static final int LEFT = 64;
    private static final int RIGHT = WIDTH - 16;
    private static final int TOP = 34;
    private static final int LATENCY = 150;
    private static final int LANE = 3;
    private static final int LANES = 16;
    private static final int PANEL = TOP + LATENCY + 14 + LANES * LANE + 26;

    /** Milliseconds; the axis is logarithmic. */
    private static final double LEAST = 0.5;
    private static final double MOST = 100_000;
    private static final Map<Integer, String> MARKS =
            new TreeMap<>(Map.of(1, "1 ms", 10, "10 ms", 100, "0.1 s", 1_000, "1 s", 10_000, "10 s"));

    private static final double BUCKET = 0.5;

    String svg() {
        StringBuilder svg = new StringBuilder(format("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="system-ui, sans-serif" \
                font-size="12" role="img" aria-labelledby="title">
                <title id="title">What an application felt of a backfill: %s</title>
                <style>
                  .paper { fill: #fff } text { fill: #1f2328 } .quiet { fill: #59636e }
                  .line { stroke: #d1d9e0; fill: none } .fill { fill: #59636e; opacity: .1 }
                  .felt { fill: #0969da; opacity: .25 } .slowest { stroke: #0969da; fill: none; stroke-width: 1.3 }
                  .wait { stroke: #bf3989; stroke-width: 2 } .kill { stroke: #cf222e; stroke-dasharray: 3 3 }
                  .alarm { fill: #cf222e }
                  @media (prefers-color-scheme: dark) {
                    .paper { fill: #0d1117 } text { fill: #f0f6fc } .quiet { fill: #9198a1 }
                    .line { stroke: #3d444d } .fill { fill: #9198a1; opacity: .18 }
                    .felt { fill: #4493f8; opacity: .35 } .slowest { stroke: #4493f8 }
                    .wait { stroke: #f778ba } .kill { stroke: #f85149 } .alarm { fill: #f85149 }
                  }
                </style>
                <rect class="paper" width="100%%" height="100%%"/>
                """, WIDTH, PANEL * fills.size() + 24, fills.stream().map(AfternoonPicture::sentence)
                .collect(Collectors.joining(" "))));
        for (int i = 0; i < fills.size(); i++) {
            svg.append(format("<g transform=\"translate(0 %d)\">%n", i * PANEL));
            draw(svg, fills.get(i));
            svg.append("</g>\n");
        }
        svg.append(format("<text class=\"quiet\" x=\"%d\" y=\"%d\">%s</text>%n</svg>%n", LEFT,
                PANEL * fills.size() + 10, format("""
                        %,d tickets, %s requests a second on a server with %s cores, PostgreSQL %s, fsync on: \
                        ./supportdb bench --only=afternoon""", conditions.get("rows"),
                        Quantiles.text((double) conditions.get("rate")), conditions.get("cores"),
                        conditions.get("server_version"))));
        return svg.toString();
    }

    /** A sentence for screen readers. */
    private static String sentence(Observed fill) {
        return format("%s took %.0f seconds, and the slowest request %s.", name(fill), fill.until() - fill.from(),
                time(slowest(fill)));
    }

    private void draw(StringBuilder svg, Observed fill) {
        int bottom = TOP + LATENCY;
        svg.append(format("<text x=\"%d\" y=\"20\" font-size=\"15\" font-weight=\"600\">%s</text>%n", LEFT,
                name(fill) + (fill.killed() < 0 ? "" : ", killed half-way and run again")));
        svg.append(format("""
                <text x="%d" y="20" font-size="15" text-anchor="end">slowest request \
                <tspan font-weight="600">%s</tspan></text>
                """, RIGHT, time(slowest(fill))));
        svg.append(format("<rect class=\"fill\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>%n", x(fill.from()),
                TOP, x(fill.until()) - x(fill.from()), LATENCY + 14 + LANES * LANE));
        MARKS.forEach((millis, mark) -> svg.append(format("""
                <path class="line" d="M%d %.1fH%d"/>
                <text class="quiet" x="%d" y="%.1f" text-anchor="end">%s</text>
                """, LEFT, y(millis), RIGHT, LEFT - 6, y(millis) + 4, mark)));
        felt(svg, fill);
        fill.waits().forEach(wait -> svg.append(format("<path class=\"wait\" d=\"M%.1f %.1fh%.1f\"/>%n", x(wait.from()),
                bottom + 14 + (wait.lane() % LANES + 0.5) * LANE,
                Math.max(1.5, x(wait.until()) - x(wait.from())))));
        svg.append(format("<text class=\"quiet\" x=\"%d\" y=\"%d\" text-anchor=\"end\">lock</text>%n", LEFT - 6,
                bottom + 34));
        svg.append(format("<text class=\"quiet\" x=\"%d\" y=\"%d\" text-anchor=\"end\">waits</text>%n", LEFT - 6,
                bottom + 48));
        if (fill.killed() >= 0) {
            svg.append(format("""
                    <path class="kill" d="M%.1f %dV%d"/>
                    <text class="alarm" x="%.1f" y="%d">kill -9, then the same command</text>
                    """, x(fill.killed()), TOP, bottom + 14 + LANES * LANE, x(fill.killed()) + 6, TOP + 14));
        }
        for (int second = 0; second <= seconds(); second += 10) {
            svg.append(format("<text class=\"quiet\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d s</text>%n",
                    x(second), PANEL - 10, second));
        }
    }

    private void felt(StringBuilder svg, Observed fill) {
        Map<Integer, List<Double>> buckets = fill.requests().stream().collect(Collectors.groupingBy(
                request -> (int) (request.at() / BUCKET), TreeMap::new,
                Collectors.mapping(Request::latency, Collectors.toList())));
        StringBuilder slowest = new StringBuilder();
        StringBuilder median = new StringBuilder();
        buckets.forEach((bucket, latencies) -> {
            Quantiles felt = Quantiles.of(latencies);
            double x = x((bucket + 0.5) * BUCKET);
            slowest.append(format("%s%.1f %.1f", slowest.isEmpty() ? "M" : "L", x, y(felt.most())));
            median.insert(0, format("L%.1f %.1f", x, y(felt.median())));
        });
        svg.append(format("<path class=\"felt\" d=\"%s%sZ\"/>%n<path class=\"slowest\" d=\"%s\"/>%n", slowest, median,
                slowest));
    }

    private static String name(Observed fill) {
        return fill.name().substring(0, 1).toUpperCase(Locale.ROOT) + fill.name().substring(1);
    }

    private static double slowest(Observed fill) {
        return fill.requests().stream().mapToDouble(Request::latency).max().orElse(0);
    }

    private double seconds() {
        return fills.stream().flatMap(fill -> fill.requests().stream()).mapToDouble(Request::at).max().orElse(1);
    }

    private double x(double second) {
        return LEFT + second / seconds() * (RIGHT - LEFT);
    }

    private static double y(double millis) {
        double share = Math.log(Math.max(LEAST, millis) / LEAST) / Math.log(MOST / LEAST);
        return TOP + LATENCY * (1 - share);
    }

    private static String time(double millis) {
        return millis < 1_000 ? format("%.0f ms", millis) : format("%.0f s", millis / 1_000);
    }

    private static String format(String text, Object... values) {
        return String.format(Locale.ROOT, text, values);
    }
}
