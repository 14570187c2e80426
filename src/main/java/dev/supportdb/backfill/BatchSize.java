package dev.supportdb.backfill;

import java.time.Duration;

/** How many rows the next batch takes: as many as fit the target time, judged by the batch before. */
final class BatchSize {

    /** Long enough to cost little per row, short enough that nobody waiting for a row of the batch notices. */
    private static final Duration TARGET = Duration.ofMillis(100);

    private static final int LEAST = 50;
    private static final int MOST = 50_000;

    private int rows = 500;

    int rows() {
        return rows;
    }

    /** A batch took this long: grow or shrink towards the target, at most by half or double, lest one outlier rule. */
    void took(Duration batch) {
        double factor = (double) TARGET.toNanos() / Math.max(1, batch.toNanos());
        resize(Math.min(2.0, Math.max(0.5, factor)));
    }

    /** A batch was refused by a timeout or a deadlock: the next one is smaller and quicker out of the way. */
    void refused() {
        resize(0.5);
    }

    private void resize(double factor) {
        rows = (int) Math.min(MOST, Math.max(LEAST, Math.round(rows * factor)));
    }
}
