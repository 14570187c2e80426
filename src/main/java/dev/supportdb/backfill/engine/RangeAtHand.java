package dev.supportdb.backfill.engine;

import java.sql.SQLException;
import java.time.Duration;
import java.util.stream.LongStream;

/**
 * The range that a worker has at hand: which of its keys are left, and how many the next batch takes.
 *
 * <pre>
 * state   then                                                       next state
 * none    a range is taken from the queue                            taken
 * taken   its pending keys are read                                  read
 * taken   no key is pending: the range is finished                   none
 * taken   reading failed the last time: it is given back in halves   none
 * read    a batch is written, and keys are left                      read
 * read    the last batch is written, but rows were passed over       taken: these are read again
 * read    the last batch is written                                  none
 * any     another worker has the range by now                        none
 * </pre>
 *
 * <p>What {@link #written} and {@link #leave} change is in memory alone; they are called when the transaction is committed,
 * and not before.
 */
final class RangeAtHand {

    /** From the first batch to more than the largest range has place for. */
    private static final int MOST_DOUBLINGS = 8;

    /** One batch of the range. */
    record Batch(long[] keys, BatchWriter.Written written) {}

    private final RangeQueue queue;
    private final HotUpdateMonitor hotUpdates;
    private final boolean sameOrder;

    /** How many ranges were taken. */
    private int taken;

    /** The first rows of a page take many times as long as those that find room on it later. */
    private final BatchSize firstSize = new BatchSize();
    private final BatchSize laterSize = new BatchSize();

    /** Null in the state none. */
    private RangeQueue.Range range;

    /** Null but in the state read. */
    private StridedKeys keys;

    /** Keys whose rows somebody else was at. */
    private long[] passedOver = {};

    /** Whether a read has begun and not ended. */
    private boolean reading;

    /** @param sameOrder as {@link BackfillSettings} has it */
    RangeAtHand(RangeQueue queue, HotUpdateMonitor hotUpdates, boolean sameOrder) {
        this.queue = queue;
        this.hotUpdates = hotUpdates;
        this.sameOrder = sameOrder;
    }

    boolean isNone() {
        return range == null;
    }

    boolean isRead() {
        return keys != null;
    }

    /** How many keys a range should have; to be the same each time, it grows as with batches that are quick. */
    int length() {
        return StridedKeys.range(sameOrder ? BatchSize.FIRST << Math.min(taken, MOST_DOUBLINGS) : laterSize.rows());
    }

    void take(RangeQueue.Range next) {
        range = next;
        taken++;
    }

    /** Locks the range's row; false when another worker has the range by now. */
    boolean claim() throws SQLException {
        return queue.claim(range);
    }

    /**
     * Reads which keys are pending, which also has the server fetch their pages while nobody's row is locked.
     *
     * @return false when there is nothing to write: the range is finished, or given back
     */
    boolean read() throws SQLException {
        if (reading) {
            reading = false;
            queue.giveBack(range);
            return false;
        }
        reading = true;
        long[] pending = passedOver.length == 0 ? queue.keys(range) : queue.keys(passedOver);
        reading = false;
        if (pending.length == 0) {
            queue.finish(range);
            return false;
        }
        queue.pending(range, pending.length);
        passedOver = new long[0];
        keys = pending.length > (sameOrder ? BatchSize.FIRST : firstSize.rows()) && hotUpdates.isExpected()
                ? StridedKeys.apart(pending) : StridedKeys.straight(pending);
        return true;
    }

    /** Records that work on it resumes after a wait. */
    void resume() throws SQLException {
        queue.goOnAt(range);
    }

    Batch write(BatchWriter rows) throws SQLException {
        long[] next = nextKeys();
        BatchWriter.Written written = rows.write(next);
        hotUpdates.look(keys.isLater());
        return new Batch(next, written);
    }

    /** Moves the range's record, in the transaction that has written the batch. */
    void advance(Batch batch, Duration time) throws SQLException {
        queue.advance(range, batch.written().rows(), time.toMillis());
        if (keys.isLast(batch.keys().length) && passedOver.length + batch.written().left().length == 0) {
            queue.finish(range);
        }
    }

    /**
     * Counts the keys of a batch as done. After the last of them the range is read again, where rows were passed over,
     * or is no longer at hand.
     *
     * @param fits     the time that a batch should take
     * @param wasInWay whether sessions waited for its rows: the next one is smaller
     */
    void written(Batch batch, Duration time, Duration fits, boolean wasInWay) {
        size().took(batch.keys().length, time, fits);
        if (wasInWay) {
            shrink();
        }
        keys.done(batch.keys().length);
        passedOver = LongStream.concat(LongStream.of(passedOver), LongStream.of(batch.written().left())).toArray();
        if (keys.isEmpty() && passedOver.length > 0) {
            judge();
            keys = null;
        } else if (keys.isEmpty()) {
            leave();
        }
    }

    void leave() {
        judge();
        range = null;
        keys = null;
        passedOver = new long[0];
    }

    private void judge() {
        if (keys != null && keys.areApart()) {
            hotUpdates.judge();
        }
    }

    /** The keys of the next batch; null before they are read. */
    long[] nextKeys() {
        return keys == null ? null : keys.next(size().rows());
    }

    private void shrink() {
        size().refused();
    }

    /**
     * Records that a batch, or the read, was refused. The range counts for all workers: one that takes it over begins
     * where this one gives up.
     *
     * @return how many tries of it have failed so far
     */
    int refuse(String why) throws SQLException {
        shrink();
        if (reading) {
            laterSize.refused();
        }
        return queue.refuse(range, why);
    }

    private BatchSize size() {
        return keys != null && keys.isLater() ? laterSize : firstSize;
    }
}
