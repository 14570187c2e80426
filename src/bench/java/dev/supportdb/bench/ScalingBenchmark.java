package dev.supportdb.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Measures how the time of a fill grows with its rows: 1 means that twice the rows take twice the time. */
final class ScalingBenchmark {

    private ScalingBenchmark() {
    }

    /** Measures the same fill over tables of these sizes, at least two of them. */
    static void measure(TrialRunner lab, Results results, List<Long> sizes, int rounds) throws Exception {
        for (int round = 1; round <= rounds; round++) {
            List<Double> seconds = new ArrayList<>();
            for (long rows : sizes) {
                FillStrategy contestant = EngineFill.unhindered(
                        String.format(Locale.ROOT, "%,d rows", rows), StartingState.METRICS, 1);
                Measurement run = lab.alone(Benchmark.SLOPE, round, StartingState.METRICS, rows, contestant);
                results.add(run);
                seconds.add(run.value(Measurement.SECONDS));
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
