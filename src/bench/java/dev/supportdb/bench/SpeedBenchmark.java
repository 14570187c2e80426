package dev.supportdb.bench;

/** Measures how fast the fill of 016 is without a limit, and what it leaves behind. */
final class SpeedBenchmark {

    private final TrialRunner lab;
    private final Results results;

    SpeedBenchmark(TrialRunner lab, Results results) {
        this.lab = lab;
        this.results = results;
    }

    /** Compares it with one UPDATE of the same rows. */
    void againstOneUpdate(long rows, int rounds) throws Exception {
        for (int round = 1; round <= rounds; round++) {
            Measurement update = run(Benchmark.SPEED, round, StartingState.METRICS, rows, OneStatementFill.METRICS);
            Measurement one = run(Benchmark.SPEED, round, StartingState.METRICS, rows,
                    EngineFill.unhindered("one worker", StartingState.METRICS, 1));
            Measurement two = run(Benchmark.SPEED, round, StartingState.METRICS, rows,
                    EngineFill.unhindered("two workers", StartingState.METRICS, 2));
            results.add(Goal.ONE_WORKER, ratio(one, update));
            results.add(Goal.TWO_WORKERS, ratio(two, update));
            results.add(Goal.SIZE, one.value(TrialRunner.SIZE));
        }
    }

    /** Compares it with a loop over tickets. */
    void againstLoop(long rows, int rounds) throws Exception {
        against(Goal.LOOP, Goal.LOOP_TWO_WORKERS, StartingState.METRICS, rows, rounds, TicketLoopFill.CONTESTANT);
    }

    /** The extraction of contacts against the loop over customers; and the one statement, for comparison. */
    void ofContacts(long rows, int rounds) throws Exception {
        against(Goal.CONTACTS, Goal.CONTACTS_TWO_WORKERS, StartingState.CONTACTS, rows, rounds,
                OneStatementFill.CONTACTS, CustomerLoopFill.CONTESTANT);
    }

    /** @param others the last of them is what the goals are against */
    private void against(Goal one, Goal two, StartingState start, long rows, int rounds, FillStrategy... others)
            throws Exception {
        for (int round = 1; round <= rounds; round++) {
            Measurement slow = null;
            for (FillStrategy other : others) {
                slow = run(one.part, round, start, rows, other);
            }
            Measurement alone = run(one.part, round, start, rows, EngineFill.unhindered("one worker", start, 1));
            Measurement shared = run(two.part, round, start, rows, EngineFill.unhindered("two workers", start, 2));
            results.add(one, ratio(alone, slow));
            results.add(two, ratio(shared, slow));
        }
    }

    private Measurement run(Benchmark part, int round, StartingState start, long rows, FillStrategy contestant)
            throws Exception {
        Measurement run = lab.alone(part, round, start, rows, contestant);
        results.add(run);
        return run;
    }

    private static double ratio(Measurement run, Measurement other) {
        return run.value(Measurement.RATE) / other.value(Measurement.RATE);
    }
}
