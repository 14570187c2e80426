package dev.supportdb.chaos;

import java.util.Random;

/**
 * How much is broken off: all of it by {@code make chaos}, a little of everything in the suite. Whatever is drawn at
 * random is drawn from one seed.
 *
 * @param tickets of the database that every trial begins with; comments are five times as many
 * @param oneIn   of so many trials one is made, but at least one of each kind; 1 for all of them
 */
record Campaign(int tickets, int oneIn, long seed) {

    /** How often a database is broken off on its way; after that all of it is compared. */
    static final int ROUND = 20;

    /** Whether it is all of it, as a user has it: on a server that writes to the disk. */
    boolean isWhole() {
        return oneIn == 1;
    }

    /** Draws the same again. */
    String command() {
        return "./supportdb chaos --rows=%d --seed=%d".formatted(tickets, seed)
                + (isWhole() ? "" : " --one-in=" + oneIn);
    }

    private int some(int all, int least) {
        return Math.max(least, all / oneIn);
    }

    /** Of the database that begins with nothing and is broken off at any time. */
    int fewTickets() {
        return Math.max(500, tickets / 20);
    }

    /** How long a batch should take. Less where there are few rows, so that there are many batches all the same. */
    int batchMillis() {
        return Math.max(10, Math.min(100, tickets / 1_000));
    }

    /** Of the migrator's process in a backfill. */
    int kills() {
        return some(50, 3);
    }

    /** Of the server. */
    int crashes() {
        return some(20, 1);
    }

    /** To the commit of a batch. */
    int lostReplies() {
        return some(10, 1);
    }

    /** Of the migrator's process at any time. */
    int killsAtAnyTime() {
        return some(100, 2);
    }

    /** Of the server at any time. */
    int crashesAtAnyTime() {
        return some(30, 1);
    }

    /** Of the migrator's session at any time. */
    int terminations() {
        return some(20, 1);
    }

    /** Of so many changesets one is broken off before its row in the history is there for good, and one after. */
    int changesetsToOneBreak() {
        return oneIn;
    }

    /** Of index builds and drops. */
    int indexes() {
        return some(30, 2);
    }

    /** Of the same batch, one after the other. */
    int timeouts() {
        return some(3, 1);
    }

    /** On the way forward; the second on the way back. */
    int fullDisks() {
        return some(2, 1);
    }

    /** Moments at which a backfill is cancelled, and at which one is paused. */
    int moments() {
        return some(8, 1);
    }

    /** Times that some start at once, every other time half-way. */
    int deployments() {
        return some(20, 1);
    }

    /** That start at once. */
    int deployers() {
        return some(10, 4);
    }

    /** Who keep a table that is needed: every other one on the way back. */
    int blockers() {
        return some(20, 2);
    }

    /** After applications have written. */
    int rollbacks() {
        return some(10, 1);
    }

    /** Before each of these: what an application of 300 writes a second writes in a minute. */
    int writes() {
        return some(18_000, 1_000);
    }

    /** In transaction mode: every other one beside an application. */
    int poolers() {
        return some(10, 2);
    }

    /** Of databases with objects of other people. */
    int walks() {
        return some(50, 3);
    }

    /** Of a standby, in the midst of a run: every other one loses the end of the log. */
    int promotions() {
        return some(30, 2);
    }

    /** Of the database that is migrated meanwhile. */
    int promotedTickets() {
        return Math.max(500, tickets / 5);
    }

    /** That one command brings forward. */
    int fleet() {
        return some(50, 11);
    }

    /** The same for a trial whatever other trials run. */
    Random random(String trial) {
        return new Random(seed ^ trial.hashCode());
    }
}
