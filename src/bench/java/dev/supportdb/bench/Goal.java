package dev.supportdb.bench;

/** The figures that matter, and what they should be. A sample is a ratio or a maximum inside one round. */
enum Goal {
    ONE_WORKER(Part.SPEED, "016 fill, one worker, rate against one UPDATE", Bound.AT_LEAST, 1.0, "x"),
    TWO_WORKERS(Part.SPEED, "016 fill, two workers, rate against one UPDATE", Bound.AT_LEAST, 1.4, "x"),
    SIZE(Part.SPEED, "016 fill, one worker, table and indexes after / before", Bound.AT_MOST, 1.5, "x"),
    LOOP(Part.LOOP, "016 fill, one worker, rate against four statements a ticket", Bound.AT_LEAST, 40, "x"),
    LOOP_TWO_WORKERS(Part.LOOP, "016 fill, two workers, rate against the same", Bound.AT_LEAST, 40, "x"),
    SLOPE(Part.SLOPE, "016 fill, slope of log time over log rows", Bound.AT_MOST, 1.05, ""),
    MEMORY(Part.SLOPE, "016 fill, rows that pass with " + Engine.HEAP, Bound.AT_LEAST, 3_000_000, "rows"),
    LOAD_P99(Part.LOAD, "application p99 during a polite fill / baseline", Bound.AT_MOST, 1.5, "x"),
    LOAD_MAX(Part.LOAD, "application maximum during a polite fill", Bound.AT_MOST, 250, "ms"),
    LOAD_ERRORS(Part.LOAD, "application errors", Bound.AT_MOST, 0, ""),
    LOAD_RATE(Part.LOAD, "polite fill, rate against one UPDATE, both under load", Bound.AT_LEAST, 0.5, "x"),
    LOAD_WAIT(Part.LOAD, "longest wait a polite fill imposes on a statement", Bound.AT_MOST, 100, "ms"),
    LOAD_WRONG(Part.LOAD, "wrong rows after a fill under load", Bound.AT_MOST, 0, ""),
    CONTACTS(Part.CONTACTS, "018 extraction, one worker, rate against a loop over rows", Bound.AT_LEAST, 20, "x"),
    CONTACTS_TWO_WORKERS(Part.CONTACTS, "018 extraction, two workers, rate against the same", Bound.AT_LEAST, 20, "x");

    /** On which side of its goal a figure should be. */
    enum Bound { AT_LEAST, AT_MOST }

    final Part part;
    final String figure;
    final Bound bound;
    final double value;

    /** May be empty. */
    final String unit;

    Goal(Part part, String figure, Bound bound, double value, String unit) {
        this.part = part;
        this.figure = figure;
        this.bound = bound;
        this.value = value;
        this.unit = unit;
    }

    boolean isReachedBy(double measured) {
        return bound == Bound.AT_LEAST ? measured >= value : measured <= value;
    }

    /** For instance {@code ≤ 1.5 x}. */
    @Override
    public String toString() {
        return ((bound == Bound.AT_LEAST ? "≥ " : "≤ ") + Spread.text(value) + " " + unit).strip();
    }
}
