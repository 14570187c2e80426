package dev.supportdb.backfill.engine;

import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/** Reports why a worker waits, and that it resumes. Leaves out waits that end before anyone could read the line. */
final class WaitLog implements BackfillWorker.WaitListener {

    private static final Duration LASTS = Duration.ofSeconds(1);

    /** The interval between reports, because the figures in a reason may change all the time. */
    private static final Duration AGAIN = Duration.ofSeconds(10);

    private final String what;
    private final Consumer<String> say;

    private String reason;
    private long since;
    private String said;
    private long saidAt;

    WaitLog(String what, Consumer<String> say) {
        this.what = what;
        this.say = say;
    }

    @Override
    public void waitingBecause(String now) {
        note(now);
    }

    @Override
    public void refused(String now) {
        note(now);
    }

    /**
     * Notes the current reason. Called repeatedly during a wait.
     *
     * @param now null when it resumes
     * @return whether the reason has changed
     */
    boolean note(String now) {
        boolean another = !Objects.equals(reason, now);
        long time = System.nanoTime();
        if (reason == null) {
            since = time;
        }
        reason = now;
        if (now == null && said != null) {
            said = null;
            say.accept(what + " resumes");
        } else if (now != null && !now.equals(said) && time - since >= LASTS.toNanos()
                && (said == null || time - saidAt >= AGAIN.toNanos())) {
            said = now;
            saidAt = time;
            say.accept(what + " waits: " + now);
        }
        return another;
    }
}
