package dev.supportdb.review;

import java.time.Duration;
import java.util.List;

/**
 * The measurements of a backfill, or of its undo.
 *
 * @param rows    rows written, by its own count
 * @param batches transactions that wrote
 * @param range   its keys, {@code 1 to 100000}; null if it found none
 * @param median  the time of a batch
 * @param longest the time of the longest batch
 * @param plan    how the server runs its statement with the keys of its first batch, line by line as EXPLAIN has it
 */
public record BackfillTrace(long rows, long batches, String range, Duration median, Duration longest,
        List<String> plan) {

    public BackfillTrace {
        plan = List.copyOf(plan);
    }
}
