package dev.supportdb.review;

import java.util.Arrays;
import java.util.Locale;

/** A mode of a table lock, weakest first. */
public enum LockMode {
    ACCESS_SHARE,
    ROW_SHARE,
    ROW_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    SHARE,
    SHARE_ROW_EXCLUSIVE,
    EXCLUSIVE,
    ACCESS_EXCLUSIVE;

    /** The mode for a name in {@code pg_locks}, such as {@code AccessShareLock}. */
    static LockMode of(String name) {
        return Arrays.stream(values()).filter(mode -> name.equalsIgnoreCase(mode.name().replace("_", "") + "Lock"))
                .findFirst().orElseThrow(() -> new IllegalArgumentException("An unknown lock mode: " + name));
    }

    /** Returns whether a session with this lock may have changed the table or its rows. */
    boolean mayWrite() {
        return compareTo(ROW_EXCLUSIVE) >= 0;
    }

    boolean isBlocking() {
        return compareTo(SHARE) >= 0;
    }

    /** The sessions that it blocks, in words; empty if it blocks neither readers nor writers. */
    public String blocks() {
        return this == ACCESS_EXCLUSIVE ? "readers and writers" : isBlocking() ? "writers" : "";
    }

    /** The mode as in SQL. */
    @Override
    public String toString() {
        return name().replace('_', ' ').toUpperCase(Locale.ROOT);
    }
}
