package dev.supportdb.backfill;

import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;

/** Says every ten seconds how far a backfill is: rows, share of the keys, rate, time left; at the end what it did. */
final class Progress {

    private static final Duration INTERVAL = Duration.ofSeconds(10);

    private final String what;
    private final String table;
    private final Checkpoint.Range range;
    private final Consumer<String> say;
    private final long start = System.nanoTime();

    private long said = start;
    private long rows;
    private long batches;

    Progress(String what, String table, Checkpoint.Range range, Consumer<String> say) {
        this.what = what;
        this.table = table;
        this.range = range;
        this.say = say;
    }

    void add(long batchRows, long last) {
        rows += batchRows;
        batches++;
        long now = System.nanoTime();
        if (now - said >= INTERVAL.toNanos()) {
            said = now;
            double share = (double) (last - range.last()) / (range.end() - range.last());
            say.accept(format("%s: %,d rows of %s, %.1f %%, %,.0f rows/s, %s left", what, rows, table, 100 * share,
                    rows / seconds(), left(share)));
        }
    }

    void end() {
        say.accept(format("%s: %,d rows of %s in %,d batches, %.1f s", what, rows, table, batches, seconds()));
    }

    private String left(double share) {
        long left = Math.round(seconds() * (1 - share) / share);
        return format("%d:%02d min", left / 60, left % 60);
    }

    private double seconds() {
        return Math.max(1, System.nanoTime() - start) / 1e9;
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
