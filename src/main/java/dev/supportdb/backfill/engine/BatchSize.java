package dev.supportdb.backfill.engine;

import java.time.Duration;

/** The number of rows in the next batch: as many as fit the batch time, estimated from the last batch. */
final class BatchSize {

    private static final int LEAST = 10;
    private static final int MOST = 50_000;

    /** The size of the first batch, when no duration is known yet. */
    static final int FIRST = 200;

    private int rows = FIRST;

    int rows() {
        return rows;
    }

    /** Grows or shrinks after a batch, at most by half or double, so that one outlier does not dominate. */
    void took(int batch, Duration time, Duration target) {
        double fitting = (double) batch * target.toNanos() / Math.max(1, time.toNanos());
        // The last batch of a range is smaller than requested. That is no reason to stay small.
        if (batch >= rows || fitting < rows) {
            resize(Math.min(2.0, Math.max(0.5, fitting / rows)));
        }
    }

    /** Halves the next batch after a timeout or a deadlock, so that it holds its locks for less time. */
    void refused() {
        resize(0.5);
    }

    private void resize(double factor) {
        rows = (int) Math.min(MOST, Math.max(LEAST, Math.round(rows * factor)));
    }
}
