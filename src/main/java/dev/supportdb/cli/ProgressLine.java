package dev.supportdb.cli;

import java.io.PrintStream;

/**
 * How far a long command is, beside what it has to say: one line that is written over on a terminal; elsewhere, such as
 * in a log, a line now and then.
 */
final class ProgressLine implements AutoCloseable {

    private static final long INTERVAL_NANOS = 10_000_000_000L;
    private static final int WIDTH = 100;

    private final PrintStream out = System.err;
    private final boolean terminal = System.console() != null;
    private long last = System.nanoTime();

    /** Shows it in the place of what was shown before; an empty text leaves room for other lines. */
    void show(String text) {
        if (terminal) {
            out.printf("\r%-" + WIDTH + "." + WIDTH + "s" + (text.isEmpty() ? "\r" : ""), text);
            out.flush();
        } else if (!text.isEmpty() && System.nanoTime() - last >= INTERVAL_NANOS) {
            last = System.nanoTime();
            out.println(text);
        }
    }

    /** Leaves the terminal's line empty. */
    @Override
    public void close() {
        show("");
    }
}
