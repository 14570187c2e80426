package dev.supportdb.backfill.engine;

import java.time.Duration;

/** The number of rows in the next batch: as many as fit the batch time, judged by the batch before. */
final class BatchSize {

    private static final int LEAST = 10;
    private static final int MOST = 50_000;

    /** Of the first batch, of which nothing is known yet. */
    static final int FIRST = 200;

    private int rows = FIRST;

    int rows() {
        return rows;
    }

    /** A batch of so many rows took this long: grow or shrink, at most by half or double, lest one outlier rule. */
    void took(int batch, Duration time, Duration target) {
        double fitting = (double) batch * target.toNanos() / Math.max(1, time.toNanos());
        // At the end of a range a batch is smaller than requested, which is no reason to stay small.
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
