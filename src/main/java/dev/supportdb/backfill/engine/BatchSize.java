package dev.supportdb.backfill.engine;

import java.time.Duration;

/** How many rows the next batch takes: as many as fit the target time, judged by the batch before. */
final class BatchSize {

    private static final int LEAST = 10;
    private static final int MOST = 50_000;

    private int rows = 200;

    int rows() {
        return rows;
    }

    /** A batch of so many rows took this long: grow or shrink, at most by half or double, lest one outlier rule. */
    void took(int batch, Duration time, Duration target) {
        double fitting = (double) batch * target.toNanos() / Math.max(1, time.toNanos());
        // A batch can be smaller than wanted, at the end of a range: that says nothing against a larger one.
        if (batch >= rows || fitting < rows) {
            resize(Math.min(2.0, Math.max(0.5, fitting / rows)));
        }
    }

    /** A batch was refused by a timeout or a deadlock: the next one is smaller and quicker out of the way. */
    void refused() {
        resize(0.5);
    }

    private void resize(double factor) {
        rows = (int) Math.min(MOST, Math.max(LEAST, Math.round(rows * factor)));
    }
}
