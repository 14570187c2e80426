package dev.supportdb.backfill;

import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/** Says what a worker waits for, and that it goes on; not of a hold that is over sooner than it is read. */
final class HoldLines {

    private static final Duration LASTS = Duration.ofSeconds(1);

    private final String what;
    private final Consumer<String> say;

    private String reason;
    private long since;
    private String said;

    HoldLines(String what, Consumer<String> say) {
        this.what = what;
        this.say = say;
    }

    /**
     * Called again and again while it waits.
     *
     * @param now null when it goes on
     * @return whether it is another reason than before
     */
    boolean because(String now) {
        boolean another = !Objects.equals(reason, now);
        if (another) {
            reason = now;
            since = System.nanoTime();
        }
        if (now == null && said != null) {
            said = null;
            say.accept(what + " goes on");
        } else if (now != null && !now.equals(said) && System.nanoTime() - since >= LASTS.toNanos()) {
            said = now;
            say.accept(what + " waits: " + now);
        }
        return another;
    }
}
