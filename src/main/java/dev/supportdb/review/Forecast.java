package dev.supportdb.review;

import java.time.Duration;

/**
 * How long a changeset takes on a database of a given size, from measurements on two smaller ones.
 *
 * @param forward its time
 * @param back    the time of its rollback; null if it was not measured
 * @param lock    the longest time for which it blocks writers or readers of a table in use; null if it blocks none
 * @param basis   a sentence: the sizes it was measured on, the size it is for, and where that is from
 */
public record Forecast(Range forward, Range back, Range lock, String basis) {

    /**
     * A range of times.
     *
     * @param low    the shortest time to expect
     * @param likely the time if it is a fixed cost plus a cost for each row
     * @param high   the longest time to expect
     */
    public record Range(Duration low, Duration likely, Duration high) {

        public Range plus(Range other) {
            return new Range(low.plus(other.low), likely.plus(other.likely), high.plus(other.high));
        }
    }
}
