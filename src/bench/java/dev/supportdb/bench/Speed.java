package dev.supportdb.bench;

/** How fast the fill of 016 is where it may be, and what it leaves behind. */
final class Speed {

    private final Lab lab;
    private final Results results;

    Speed(Lab lab, Results results) {
        this.lab = lab;
        this.results = results;
    }

    /** Against the one UPDATE of the same rows. */
    void againstOneUpdate(long rows, int rounds) throws Exception {
        for (int round = 1; round <= rounds; round++) {
            Run update = run(Part.SPEED, round, Start.METRICS, rows, OneStatement.METRICS);
            Run one = run(Part.SPEED, round, Start.METRICS, rows, Engine.unhindered("one worker", Start.METRICS, 1));
            Run two = run(Part.SPEED, round, Start.METRICS, rows, Engine.unhindered("two workers", Start.METRICS, 2));
            results.add(Goal.ONE_WORKER, ratio(one, update));
            results.add(Goal.TWO_WORKERS, ratio(two, update));
            results.add(Goal.SIZE, one.value(Lab.SIZE));
        }
    }

    /** Against the loop over tickets. */
    void againstLoop(long rows, int rounds) throws Exception {
        against(Goal.LOOP, Goal.LOOP_TWO_WORKERS, Start.METRICS, rows, rounds, TicketLoop.CONTESTANT);
    }

    /** The extraction of contacts against the loop over customers; and the one statement, for comparison. */
    void ofContacts(long rows, int rounds) throws Exception {
        against(Goal.CONTACTS, Goal.CONTACTS_TWO_WORKERS, Start.CONTACTS, rows, rounds,
                OneStatement.CONTACTS, CustomerLoop.CONTESTANT);
    }

    /** @param others the last of them is what the goals are against */
    private void against(Goal one, Goal two, Start start, long rows, int rounds, Contestant... others)
            throws Exception {
        for (int round = 1; round <= rounds; round++) {
            Run slow = null;
            for (Contestant other : others) {
                slow = run(one.part, round, start, rows, other);
            }
            Run alone = run(one.part, round, start, rows, Engine.unhindered("one worker", start, 1));
            Run shared = run(two.part, round, start, rows, Engine.unhindered("two workers", start, 2));
            results.add(one, ratio(alone, slow));
            results.add(two, ratio(shared, slow));
        }
    }

    private Run run(Part part, int round, Start start, long rows, Contestant contestant) throws Exception {
        Run run = lab.alone(part, round, start, rows, contestant);
        results.add(run);
        return run;
    }

    private static double ratio(Run run, Run other) {
        return run.value(Run.RATE) / other.value(Run.RATE);
    }
}
