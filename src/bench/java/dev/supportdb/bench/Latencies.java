package dev.supportdb.bench;

import java.util.Arrays;

/**
 * The latencies of operations, in milliseconds from their arrival.
 *
 * @param errors the number of failed operations
 */
record Latencies(double p50, double p99, double max, long errors) {

    /** @param millis of at least one operation */
    static Latencies of(double[] millis, long errors) {
        double[] sorted = millis.clone();
        Arrays.sort(sorted);
        return new Latencies(rank(sorted, 0.5), rank(sorted, 0.99), sorted[sorted.length - 1], errors);
    }

    /** The least value that so large a share of all does not exceed. */
    private static double rank(double[] sorted, double share) {
        return sorted[(int) Math.ceil(share * sorted.length) - 1];
    }
}
