package dev.supportdb.support;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for what only has to come true. */
public final class Eventually {

    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration BETWEEN_TWO_LOOKS = Duration.ofMillis(5);

    /** A condition that is checked repeatedly. */
    public interface Condition {
        boolean holds() throws SQLException;
    }

    private Eventually() {
    }

    /** Fails, in the words of {@code otherwise}, when it does not come true within five minutes. */
    public static void until(Condition condition, Supplier<String> otherwise) throws SQLException {
        long start = System.nanoTime();
        while (!condition.holds()) {
            if (System.nanoTime() - start > PATIENCE.toNanos()) {
                throw new AssertionError(otherwise.get());
            }
            betweenTwoLooks();
        }
    }

    /** Leaves the processor to what is waited for. */
    public static void betweenTwoLooks() {
        LockSupport.parkNanos(BETWEEN_TWO_LOOKS.toNanos());
    }
}
