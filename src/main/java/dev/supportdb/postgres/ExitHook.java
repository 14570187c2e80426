package dev.supportdb.postgres;

/** An action that runs when the process ends in order, by Ctrl-C for example, unless it is removed before. */
public final class ExitHook {

    private final Thread thread;

    public ExitHook(Runnable action) {
        thread = new Thread(action);
        Runtime.getRuntime().addShutdownHook(thread);
    }

    /** Removes the action; returns false if the process is ending, so that the action runs or has run. */
    public boolean remove() {
        try {
            Runtime.getRuntime().removeShutdownHook(thread);
            return true;
        } catch (IllegalStateException ending) {
            return false;
        }
    }
}
