package dev.supportdb.postgres;

import java.sql.SQLException;
import java.util.concurrent.ThreadLocalRandom;

/** Waits between two tries; an interrupt fails as a statement would. */
public final class Pause {

    private Pause() {
    }

    /**
     * Pauses for a random time between half of the given time and all of it, so that two sessions that blocked each
     * other do not meet again.
     */
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
