package dev.supportdb.chaos;

import java.util.Random;

/**
 * How much is broken: a little of everything in the suite, all of it by {@code make chaos}. Each number has a system
 * property of its own, such as {@code -Dchaos.kills=5}. Whatever is drawn at random is drawn from one seed, which
 * {@code -Dchaos.seed=} sets.
 */
final class Campaign {

    static final boolean FULL = Boolean.getBoolean("chaos.full");

    /** Of the database that every trial begins with; comments are five times as many. */
    static final int TICKETS = number("tickets", 3_000, 100_000);

    /** Of the database that begins with nothing and is broken off at any time. */
    static final int FEW_TICKETS = number("fewTickets", 500, 5_000);

    /** Of the migrator's process in a backfill. */
    static final int KILLS = number("kills", 8, 50);

    /** Of the server. */
    static final int CRASHES = number("crashes", 1, 20);

    /** To the commit of a batch. */
    static final int LOST_REPLIES = number("lostReplies", 1, 10);

    /** Of the migrator's process at any time. */
    static final int KILLS_AT_ANY_TIME = number("killsAtAnyTime", 4, 100);

    /** Of the server at any time. */
    static final int CRASHES_AT_ANY_TIME = number("crashesAtAnyTime", 1, 30);

    /** Of the migrator's session at any time. */
    static final int TERMINATIONS = number("terminations", 2, 20);

    /** Of so many changesets one is broken off before its row in the history is there for good, and one after. */
    static final int CHANGESETS_TO_ONE_BREAK = number("changesetsToOneBreak", 30, 1);

    /** Of index builds and drops. */
    static final int INDEXES = number("indexes", 2, 30);

    /** Of the same batch, one after the other. */
    static final int TIMEOUTS = number("timeouts", 1, 3);

    /** Times that ten start at once. */
    static final int DEPLOYERS = number("deployers", 1, 20);

    /** Who keep a table that is needed. */
    static final int BLOCKERS = number("blockers", 2, 20);

    /** After applications have written. */
    static final int ROLLBACKS = number("rollbacks", 1, 10);

    /** Before each of these: what an application of 300 writes a second writes in a minute. */
    static final int WRITES = number("writes", 1_000, 18_000);

    /** In transaction mode. */
    static final int POOLERS = number("poolers", 2, 10);

    /** How often a database is broken off on its way; after that all of it is compared. */
    static final int ROUND = 20;

    /** How long a batch should take. Less where there are few rows, so that there are many batches all the same. */
    static final int BATCH_MILLIS = FULL ? 100 : 10;

    static final long SEED = Long.getLong("chaos.seed", new Random().nextLong());

    static {
        System.out.println("Chaos is drawn from seed " + SEED + "; -Dchaos.seed=" + SEED + " draws it again");
    }

    private Campaign() {
    }

    private static int number(String name, int inSuite, int inFull) {
        return Integer.getInteger("chaos." + name, FULL ? inFull : inSuite);
    }

    /** The same for a trial whatever other trials run. */
    static Random random(String trial) {
        return new Random(SEED ^ trial.hashCode());
    }
}
