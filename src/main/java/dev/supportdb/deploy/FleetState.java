package dev.supportdb.deploy;

import java.util.EnumSet;

/** The state of one target, in the order of a summary, the worst last. */
public enum FleetState {

    UP_TO_DATE("up to date", 0),
    UPDATED("updated", 0),
    FINE("fine", 0),
    BEHIND("behind", 1),
    DIFFERS("differs", 1),
    TO_DECIDE("to decide", 1),
    AHEAD("ahead", 1),
    ANOTHER_KIND("another kind", 1),
    REFUSED("refused", 1),
    NOT_SEEN("could not look", 2),
    WOULD_FAIL("would fail", 2),
    NOT_BEGUN("not begun", 3),
    RESUMABLE("stopped", 3),
    ROLLED_BACK("failed", 4),
    NEEDS_PERSON("needs a person", 5);

    private final String words;
    private final int exitCode;

    FleetState(String words, int exitCode) {
        this.words = words;
        this.exitCode = exitCode;
    }

    /** The state after a command with this exit code. */
    static FleetState after(int exitCode) {
        return switch (exitCode) {
            case 0 -> UPDATED;
            case 1 -> REFUSED;
            case 2 -> NOT_SEEN;
            case 4 -> ROLLED_BACK;
            case 5 -> NEEDS_PERSON;
            // Other codes include those of a process that a signal has ended.
            default -> RESUMABLE;
        };
    }

    /** The state as shown in the table and in JSON. */
    public String words() {
        return words;
    }

    /** The exit code of the command if this is the worst state. */
    public int exitCode() {
        return exitCode;
    }

    /** Returns whether it counts as a failure. After a number of failures, no further target is started. */
    boolean isFailure() {
        return exitCode >= 1 && !EnumSet.of(NOT_BEGUN, BEHIND, DIFFERS, TO_DECIDE).contains(this);
    }
}
