package dev.supportdb.backfill.engine;

import java.util.Arrays;

/**
 * The keys of one range in the order in which their rows are written: every sixteenth, then the ones after those, and
 * so on.
 *
 * <p>Rows of neighbouring keys mostly share a page, and a full page has no room for a new version of all of its rows at
 * once. So each time only a few of them are written: what their old versions took up is free as soon as that is
 * committed, and the next ones of the page find room on it. Then PostgreSQL need not touch the table's indexes (a
 * heap-only update) and the table does not grow.
 */
final class StridedKeys {

    private static final int APART = 16;

    /** Its keys are in memory, and its pages should be in the server's. */
    private static final int LARGEST_RANGE = 100_000;

    private final long[] keys;

    /** How many strides there are. */
    private final int strides;

    /** Up to here the keys are handed out. */
    private int next;

    private StridedKeys(long[] keys, int strides) {
        this.keys = keys;
        this.strides = strides;
    }

    /** @param sorted the keys in ascending order */
    static StridedKeys apart(long[] sorted) {
        long[] keys = new long[sorted.length];
        int at = 0;
        for (int stride = 0; stride < APART; stride++) {
            for (int i = stride; i < sorted.length; i += APART) {
                keys[at++] = sorted[i];
            }
        }
        return new StridedKeys(keys, APART);
    }

    /** @param sorted the keys in ascending order, to be handed out in it */
    static StridedKeys straight(long[] sorted) {
        return new StridedKeys(sorted, 1);
    }

    /**
     * How many keys a range needs so that a stride is two batches of so many rows: while one is written, what the one
     * before left is not free yet for whoever has begun before.
     */
    static int range(int batch) {
        return Math.min(LARGEST_RANGE, 2 * APART * batch);
    }

    boolean isEmpty() {
        return next == keys.length;
    }

    boolean areApart() {
        return strides > 1;
    }

    /** Returns whether nothing is left after so many more. */
    boolean isLast(int rows) {
        return next + rows == keys.length;
    }

    /** Returns whether rows of the same pages have been written, and committed, before those that are next. */
    boolean isLater() {
        return next >= end(0);
    }

    /** At most so many of the next keys, all of one stride; they stay the next ones until they are {@link #done}. */
    long[] next(int rows) {
        int stride = 0;
        while (end(stride) <= next) {
            stride++;
        }
        return Arrays.copyOfRange(keys, next, Math.min(end(stride), next + rows));
    }

    /** Where a stride ends; the first ones may have one key more than the last. */
    private int end(int stride) {
        return keys.length / strides * (stride + 1) + Math.min(stride + 1, keys.length % strides);
    }

    void done(int rows) {
        next += rows;
    }
}
