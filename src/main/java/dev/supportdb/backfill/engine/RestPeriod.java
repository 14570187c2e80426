package dev.supportdb.backfill.engine;

import dev.supportdb.postgres.Pause;
import java.sql.SQLException;
import java.time.Duration;

/** The pause of a worker between two batches: a multiple of the time that the last batch took. */
final class RestPeriod {

    private static final long LONGEST_PAUSE_MILLIS = 200;

    private Duration worked = Duration.ZERO;
    private long since = System.nanoTime();

    /** Starts after a batch that took this long. */
    void begin(Duration batch) {
        worked = batch;
        since = System.nanoTime();
    }

    boolean isOver(double ratio) {
        return leftMillis(ratio) == 0;
    }

    /** Sleeps for a short part of the pause, so that a request is noticed soon. */
    void pause(double ratio) throws SQLException {
        Pause.of(Math.min(LONGEST_PAUSE_MILLIS, leftMillis(ratio)));
    }

    private long leftMillis(double ratio) {
        return Math.max(0, Math.round((worked.toNanos() * ratio - (System.nanoTime() - since)) / 1e6));
    }
}
