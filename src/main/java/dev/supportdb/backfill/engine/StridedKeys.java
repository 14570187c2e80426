package dev.supportdb.backfill.engine;

import java.util.Arrays;

/**
 * The keys of one range in the order in which their rows are written: every sixteenth key, then their successors, and
 * so on.
 *
 * <p>Rows of neighbouring keys mostly share a page, and a full page has no room for new versions of all its rows at
 * once. So each stride writes only a few rows of a page: the space of their old versions is free after the commit, and
 * the next rows of the page use it. Then PostgreSQL does not touch the table's indexes (HOT update) and the table does
 * not grow.
 */
final class StridedKeys {

    private static final int APART = 16;

    /** The largest range: its keys are in memory, and its pages should be in the memory of the server. */
    private static final int LARGEST_RANGE = 100_000;

    private final long[] keys;

    /** The number of strides. */
    private final int strides;

    /** The index of the next key. */
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

    /** @param sorted the keys in ascending order, which is kept */
    static StridedKeys straight(long[] sorted) {
        return new StridedKeys(sorted, 1);
    }

    /**
     * The number of keys that makes a stride two batches long. With one batch, a transaction that started before the
     * last commit would still need the old row versions.
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

    /** Returns whether no key is left after the next {@code rows} keys. */
    boolean isLast(int rows) {
        return next + rows == keys.length;
    }

    /** Returns whether earlier strides have written, and committed, rows of the same pages. */
    boolean isLater() {
        return next >= end(0);
    }

    /**
     * Returns at most {@code rows} of the next keys, all of one stride. They stay the next ones until {@link #done} is
     * called.
     */
    long[] next(int rows) {
        int stride = 0;
        while (end(stride) <= next) {
            stride++;
        }
        return Arrays.copyOfRange(keys, next, Math.min(end(stride), next + rows));
    }

    /** The end of a stride. The first strides may have one key more than the last. */
    private int end(int stride) {
        return keys.length / strides * (stride + 1) + Math.min(stride + 1, keys.length % strides);
    }

    void done(int rows) {
        next += rows;
    }
}
