package dev.supportdb.backfill.engine;

import java.sql.SQLException;
import java.time.Duration;
import java.util.stream.LongStream;

/**
 * The current range of a worker: which of its keys are left, and how many the next batch takes.
 *
 * <pre>
 * state   then                                                       next state
 * none    a range is taken from the queue                            taken
 * taken   its pending keys are read                                  read
 * taken   no key is pending: the range is finished                   none
 * taken   the last read failed: the range is given back in halves    none
 * read    a batch is written, and keys are left                      read
 * read    the last batch is written, but rows were skipped           taken: these are read again
 * read    the last batch is written                                  none
 * any     another worker has the range now                           none
 * </pre>
 *
 * <p>{@link #written} and {@link #leave} change memory only, and are called after the transaction has committed.
 */
final class RangeAtHand {

    /** The number of doublings from the first batch size to more than the largest range holds. */
    private static final int MOST_DOUBLINGS = 8;

    /** One batch of the range: its keys and the result. */
    record Batch(long[] keys, BatchWriter.Written written) {}

    private final RangeQueue queue;
    private final HotUpdateMonitor hotUpdates;
    private final boolean sameOrder;

    /** The number of ranges taken so far. */
    private int taken;

    /** Two sizes, because the first rows of a page take many times as long as those that find room on it later. */
    private final BatchSize firstSize = new BatchSize();
    private final BatchSize laterSize = new BatchSize();

    /** Null in the state none. */
    private RangeQueue.Range range;

    /** Null except in the state read. */
    private StridedKeys keys;

    /** The keys whose rows were locked by others. */
    private long[] passedOver = {};

    /** Whether a read has started and not finished. */
    private boolean reading;

    /** @param sameOrder see {@link BackfillSettings} */
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

    /**
     * The number of keys that the next range should have. In the same order on every run, it grows as if all batches
     * were quick.
     */
    int length() {
        return StridedKeys.range(sameOrder ? BatchSize.FIRST << Math.min(taken, MOST_DOUBLINGS) : laterSize.rows());
    }

    void take(RangeQueue.Range next) {
        range = next;
        taken++;
    }

    /** Locks the range's row; returns false if another worker has the range now. */
    boolean claim() throws SQLException {
        return queue.claim(range);
    }

    /**
     * Reads which keys are pending. This also loads their pages into the server's memory while no row is locked.
     *
     * @return false if there is nothing to write: the range is finished or given back
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

    /** Restarts the clock of the range after a wait. */
    void resume() throws SQLException {
        queue.resume(range);
    }

    Batch write(BatchWriter rows) throws SQLException {
        long[] next = nextKeys();
        BatchWriter.Written written = rows.write(next);
        hotUpdates.observe(keys.isLater());
        return new Batch(next, written);
    }

    /** Updates the checkpoint of the range, in the transaction that has written the batch. */
    void advance(Batch batch, Duration time) throws SQLException {
        queue.advance(range, batch.written().rows(), time.toMillis());
        if (keys.isLast(batch.keys().length) && passedOver.length + batch.written().left().length == 0) {
            queue.finish(range);
        }
    }

    /**
     * Counts the keys of a batch as done. After the last key, the range is read again if rows were skipped; otherwise
     * it is released.
     *
     * @param fits     the time that a batch should take
     * @param wasInWay whether sessions waited for its rows; then the next batch is smaller
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
     * Records that a batch, or the read, was refused. The count belongs to the range: a worker that takes it over
     * continues the count.
     *
     * @return how many tries of the range have failed so far
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
