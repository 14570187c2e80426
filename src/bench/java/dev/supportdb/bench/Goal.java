package dev.supportdb.bench;

/** The figures that matter, and what they should be. A sample is a ratio or a maximum inside one round. */
enum Goal {
    ONE_WORKER(Benchmark.SPEED, "016 fill, one worker, rate against one UPDATE", Bound.AT_LEAST, 1.0, "x"),
    TWO_WORKERS(Benchmark.SPEED, "016 fill, two workers, rate against one UPDATE", Bound.AT_LEAST, 1.4, "x"),
    SIZE(Benchmark.SPEED, "016 fill, one worker, table and indexes after / before", Bound.AT_MOST, 1.5, "x"),
    LOOP(Benchmark.LOOP, "016 fill, one worker, rate against four statements a ticket", Bound.AT_LEAST, 40, "x"),
    LOOP_TWO_WORKERS(Benchmark.LOOP, "016 fill, two workers, rate against the same", Bound.AT_LEAST, 40, "x"),
    SLOPE(Benchmark.SLOPE, "016 fill, slope of log time over log rows", Bound.AT_MOST, 1.05, ""),
    MEMORY(Benchmark.SLOPE, "016 fill, rows that pass with " + EngineFill.HEAP, Bound.AT_LEAST, 3_000_000, "rows"),
    LOAD_P99(Benchmark.LOAD, "application p99 during a polite fill / baseline", Bound.AT_MOST, 1.5, "x"),
    LOAD_MAX(Benchmark.LOAD, "application maximum during a polite fill", Bound.AT_MOST, 250, "ms"),
    LOAD_ERRORS(Benchmark.LOAD, "application errors", Bound.AT_MOST, 0, ""),
    LOAD_RATE(Benchmark.LOAD, "polite fill, rate against one UPDATE, both under load", Bound.AT_LEAST, 0.5, "x"),
    LOAD_WAIT(Benchmark.LOAD, "longest wait a polite fill imposes on a statement", Bound.AT_MOST, 100, "ms"),
    LOAD_WRONG(Benchmark.LOAD, "wrong rows after a fill under load", Bound.AT_MOST, 0, ""),
    CONTACTS(Benchmark.CONTACTS, "018 extraction, one worker, rate against a loop over rows", Bound.AT_LEAST, 20, "x"),
    CONTACTS_TWO_WORKERS(Benchmark.CONTACTS, "018 extraction, two workers, rate against the same", Bound.AT_LEAST, 20,
            "x"),
    FORECAST(Benchmark.FORECAST, "time of the ten longest changesets, the farthest off its forecast", Bound.AT_MOST, 1.5,
            "x");

    /** The side of the goal on which a figure should be. */
    enum Bound { AT_LEAST, AT_MOST }

    final Benchmark part;
    final String figure;
    final Bound bound;
    final double value;

    /** May be empty. */
    final String unit;

    Goal(Benchmark part, String figure, Bound bound, double value, String unit) {
        this.part = part;
        this.figure = figure;
        this.bound = bound;
        this.value = value;
        this.unit = unit;
    }

    boolean isReachedBy(double measured) {
        return bound == Bound.AT_LEAST ? measured >= value : measured <= value;
    }

    /** The goal in words, for instance {@code ≤ 1.5 x}. */
    @Override
    public String toString() {
        return ((bound == Bound.AT_LEAST ? "≥ " : "≤ ") + Quantiles.text(value) + " " + unit).strip();
    }
}
