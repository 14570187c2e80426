package dev.supportdb.chaos;

import java.util.Random;

/**
 * The size of a campaign: {@code make chaos} makes all trials, the test suite a few of each kind. All random numbers
 * come from one seed.
 *
 * @param tickets the tickets of the database at the start of every trial; comments are five times as many
 * @param oneIn   makes one of this many trials, but at least one of each kind; 1 for all of them
 */
record Campaign(int tickets, int oneIn, long seed) {

    /** The number of interruptions of a database before everything is compared. */
    static final int ROUND = 20;

    /** Returns whether it makes all trials, as a user does: on a server that writes to the disk. */
    boolean isWhole() {
        return oneIn == 1;
    }

    /** Returns the command that makes the same random choices. */
    String command() {
        return "./supportdb chaos --rows=%d --seed=%d".formatted(tickets, seed)
                + (isWhole() ? "" : " --one-in=" + oneIn);
    }

    private int some(int all, int least) {
        return Math.max(least, all / oneIn);
    }

    /** The tickets of the database that starts empty and is interrupted at any time. */
    int fewTickets() {
        return Math.max(500, tickets / 20);
    }

    /** The time that a batch should take. It is shorter for few rows, so that there are still many batches. */
    int batchMillis() {
        return Math.max(10, Math.min(100, tickets / 1_000));
    }

    /** The number of kills of the migrator's process in a backfill. */
    int kills() {
        return some(50, 3);
    }

    /** The number of crashes of the server. */
    int crashes() {
        return some(20, 1);
    }

    /** The number of lost replies to the commit of a batch. */
    int lostReplies() {
        return some(10, 1);
    }

    /** The number of kills of the migrator's process at any time. */
    int killsAtAnyTime() {
        return some(100, 2);
    }

    /** The number of crashes of the server at any time. */
    int crashesAtAnyTime() {
        return some(30, 1);
    }

    /** The number of times that the migrator's session is terminated, at any time. */
    int terminations() {
        return some(20, 1);
    }

    /**
     * The number of changesets of which one is interrupted before its row in the history is permanent, and one after.
     */
    int changesetsToOneBreak() {
        return oneIn;
    }

    /** The number of interrupted index builds and drops. */
    int indexes() {
        return some(30, 2);
    }

    /** The number of timeouts of the same batch, one after the other. */
    int timeouts() {
        return some(3, 1);
    }

    /** The number of full disks; the first on the way forward, the second on the way back. */
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

    /** The number of processes that start at once. */
    int deployers() {
        return some(10, 4);
    }

    /** The number of sessions that hold a needed table; every other one on the way back. */
    int blockers() {
        return some(20, 2);
    }

    /** The number of rollbacks after applications have written. */
    int rollbacks() {
        return some(10, 1);
    }

    /** The number of writes before each rollback: those of one minute, at 300 writes a second. */
    int writes() {
        return some(18_000, 1_000);
    }

    /** The number of runs through a pooler in transaction mode; every other one beside an application. */
    int poolers() {
        return some(10, 2);
    }

    /** The number of runs over databases with objects of other people. */
    int walks() {
        return some(50, 3);
    }

    /** The number of promotions of a standby during a run; every other one loses the end of the log. */
    int promotions() {
        return some(30, 2);
    }

    /** The tickets of the database that is migrated during a promotion. */
    int promotedTickets() {
        return Math.max(500, tickets / 5);
    }

    /** The number of databases that one command updates. */
    int fleet() {
        return some(50, 11);
    }

    /** Returns random numbers for a trial, independent of the other trials. */
    Random random(String trial) {
        return new Random(seed ^ trial.hashCode());
    }
}
