package dev.supportdb.bench;

import java.util.Map;

/**
 * One measurement of one contestant.
 *
 * @param values the figures by name, with their unit in the name, in the order of the output
 */
record Measurement(Benchmark part, String contestant, int round, Map<String, Double> values) {

    static final String SECONDS = "fill, s";
    static final String RATE = "rows/s";

    double value(String name) {
        return values.get(name);
    }
}
