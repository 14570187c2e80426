package dev.supportdb.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** How the time of a fill grows with its rows: 1 means that twice the rows take twice the time. */
final class Slope {

    private Slope() {
    }

    /** The same fill over tables of these sizes, at least two of them. */
    static void measure(Lab lab, Results results, List<Long> sizes, int rounds) throws Exception {
        for (int round = 1; round <= rounds; round++) {
            List<Double> seconds = new ArrayList<>();
            for (long rows : sizes) {
                Contestant contestant = Engine.unhindered(
                        String.format(Locale.ROOT, "%,d rows", rows), Start.METRICS, 1);
                Run run = lab.alone(Part.SLOPE, round, Start.METRICS, rows, contestant);
                results.add(run);
                seconds.add(run.value(Run.SECONDS));
            }
            results.add(Goal.SLOPE, leastSquares(sizes, seconds));
            results.add(Goal.MEMORY, Collections.max(sizes));
        }
    }

    private static double leastSquares(List<Long> sizes, List<Double> seconds) {
        double x = sizes.stream().mapToDouble(Math::log).average().orElseThrow();
        double y = seconds.stream().mapToDouble(Math::log).average().orElseThrow();
        double products = 0;
        double squares = 0;
        for (int i = 0; i < sizes.size(); i++) {
            double distance = Math.log(sizes.get(i)) - x;
            products += distance * (Math.log(seconds.get(i)) - y);
            squares += distance * distance;
        }
        return products / squares;
    }
}
