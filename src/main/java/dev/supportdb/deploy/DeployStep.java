package dev.supportdb.deploy;

import java.util.Locale;

/**
 * The steps of a deployment, in their order, and the state that an interruption in each leaves: by Ctrl-C, a signal, a
 * kill or a crash of the server. The same command always knows what to do next, because it first checks the state.
 *
 * <p>This is the table of the page "When it goes wrong", and what its test interrupts.
 */
public enum DeployStep {

    PREFLIGHT("Nothing has been changed", "begins again"),
    PLAN("Nothing has been changed", "begins again, with the same plan"),
    BACKUP("The database is as it was, and there is no new backup",
            "deletes what is left of the backup, and begins again"),
    UPDATE("What the history has is applied; the changeset at hand is rolled back, or safe to run again",
            "runs what is left"),
    VERIFY("All of it is applied, and not yet verified", "verifies it, and tags it"),
    AFTER("All of it is applied and verified", "has nothing to run, verifies once more, and tags what has no tag");

    private final String state;
    private final String next;

    DeployStep(String state, String next) {
        this.state = state;
        this.next = next;
    }

    /** The state of the database when the deployment is interrupted here. */
    public String state() {
        return state;
    }

    /** The words after "The same command" that say what it will do. */
    public String next() {
        return next;
    }

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
