package dev.supportdb.postgres;

import java.sql.SQLException;
import java.util.concurrent.ThreadLocalRandom;

/** Waits between two tries; an interrupt fails as a statement would. */
public final class Pause {

    private Pause() {
    }

    /** Half of it at least, and all of it at most: those who were in each other's way must not meet again. */
    public static void upTo(long most) throws SQLException {
        of(ThreadLocalRandom.current().nextLong(most / 2, most));
    }

    public static void of(long millis) throws SQLException {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("interrupted", e);
        }
    }
}
