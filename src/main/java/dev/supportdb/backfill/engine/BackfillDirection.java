package dev.supportdb.backfill.engine;

import dev.supportdb.backfill.BackfillPlan;
import dev.supportdb.backfill.BackfillSteps;

/** The direction of a backfill, and the words that its record and its session use for it. */
public enum BackfillDirection {
    FILL("filling", "filled", ""),
    UNDO("undoing", "undone", "undo ");

    /** The recorded state while it runs. */
    final String state;

    /** The recorded state when it has finished. */
    final String done;

    private final String prefix;

    BackfillDirection(String state, String done, String prefix) {
        this.state = state;
        this.done = done;
        this.prefix = prefix;
    }

    /** Returns the steps for prepared statements. */
    BackfillSteps pass(BackfillPlan plan) {
        return asWritten(plan).prepared();
    }

    /** Returns the steps for a script. */
    BackfillSteps asWritten(BackfillPlan plan) {
        return this == FILL ? plan.fill() : plan.undo();
    }

    /**
     * The value of {@code supportdb.backfill} during a batch. Triggers use it to tell the engine from an application.
     */
    String marker(BackfillPlan plan) {
        return prefix + plan.name();
    }
}
