package dev.supportdb.cli;

import dev.supportdb.postgres.TerminalLine;

/** The progress of a long command: one line on a terminal, which is updated; elsewhere a line now and then. */
final class ProgressLine implements AutoCloseable {

    private static final long INTERVAL_NANOS = 10_000_000_000L;

    private final TerminalLine terminal = new TerminalLine();
    private long last = System.nanoTime();

    /** Replaces the shown text; an empty text makes room for other lines. */
    void show(String text) {
        if (text.isEmpty()) {
            terminal.close();
        } else if (TerminalLine.isThere()) {
            terminal.show(text);
        } else if (System.nanoTime() - last >= INTERVAL_NANOS) {
            last = System.nanoTime();
            System.err.println(text);
        }
    }

    @Override
    public void close() {
        terminal.close();
    }
}
