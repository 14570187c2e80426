package dev.supportdb.bench;

import java.util.Map;

/**
 * One contestant, measured once.
 *
 * @param values what was measured, by names that carry their unit, in the order to print them
 */
record Measurement(Benchmark part, String contestant, int round, Map<String, Double> values) {

    static final String SECONDS = "fill, s";
    static final String RATE = "rows/s";

    double value(String name) {
        return values.get(name);
    }
}
