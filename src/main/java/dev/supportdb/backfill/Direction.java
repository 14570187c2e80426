package dev.supportdb.backfill;

/** Which way a backfill runs, and the words its checkpoint and its session use for that. */
enum Direction {
    FILL("filling", ""),
    UNDO("undoing", "undo ");

    /** The state of the checkpoint while it runs. */
    final String state;

    private final String prefix;

    Direction(String state, String prefix) {
        this.state = state;
        this.prefix = prefix;
    }

    Pass pass(Plan plan) {
        return this == FILL ? plan.fill() : plan.undo();
    }

    /** The value of {@code supportdb.backfill} in a batch, by which a trigger tells the engine from an application. */
    String marker(Plan plan) {
        return prefix + plan.name();
    }
}
