package dev.supportdb.bench;

import dev.supportdb.bench.FillStrategy.Filled;
import dev.supportdb.domain.DerivedValueRecount;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** Measures an application before, during and after a fill, under the same load all the time. */
final class LoadBenchmark {

    private static final String P99 = "p99 / baseline";
    private static final String MAX = "max, ms";
    private static final String ERRORS = "errors";
    private static final String WAIT = "longest wait imposed, ms";
    private static final String WRONG = "wrong rows, ten at most";

    /** Connections and plans are made before anything counts, and what a fill has held up is served after it. */
    private static final Duration SETTLING = Duration.ofSeconds(5);

    /** Two baselines further apart than this say that something else was going on. */
    private static final double MOST_DISTURBED = 1.25;

    /** @param run its values; @param disturbed whether they say nothing about the contestant */
    private record Observed(Measurement run, boolean disturbed) {}

    private record Window(Instant from, Instant to) {}

    private final TrialRunner lab;
    private final Results results;
    private final long rows;
    private final double rate;
    private final Duration baseline;
    private final long seed;

    /**
     * @param rate operations a second
     * @param baseline how long each of the two baselines is
     */
    LoadBenchmark(TrialRunner lab, Results results, long rows, double rate, Duration baseline, long seed) {
        this.lab = lab;
        this.results = results;
        this.rows = rows;
        this.rate = rate;
        this.baseline = baseline;
        this.seed = seed;
    }

    void measure(int rounds) throws Exception {
        for (int round = 1; round <= rounds; round++) {
            Observed update = observe(round, OneStatementFill.METRICS);
            Observed asItComes = observe(round, new EngineFill("fill as it comes", StartingState.METRICS));
            Observed polite = observe(round,
                    new EngineFill("polite fill", StartingState.METRICS, "target=10", "rest=1"));
            add(Goal.LOAD_P99, polite, P99);
            add(Goal.LOAD_MAX, polite, MAX);
            add(Goal.LOAD_WAIT, polite, WAIT);
            results.add(Goal.LOAD_ERRORS, polite.run.value(ERRORS) + asItComes.run.value(ERRORS));
            results.add(Goal.LOAD_WRONG, polite.run.value(WRONG) + asItComes.run.value(WRONG));
            results.add(Goal.LOAD_RATE, polite.run.value(Measurement.RATE) / update.run.value(Measurement.RATE));
        }
    }

    private void add(Goal goal, Observed observed, String value) {
        results.add(goal, observed.run.value(value), observed.disturbed);
    }

    private Observed observe(int round, FillStrategy contestant) throws Exception {
        Observed observed = lab.onCopy(StartingState.METRICS, rows, copy -> {
            // Recording the lock waits has a cost, so it runs the whole time, also for the baseline.
            try (ApplicationLoad load = new ApplicationLoad(copy, rows, rate, seed + round);
                    LockWaits waits = new LockWaits(copy)) {
                return observe(round, contestant, copy, load, waits);
            }
        });
        results.add(observed.run);
        return observed;
    }

    private Observed observe(int round, FillStrategy contestant, BenchDatabase copy, ApplicationLoad load,
            LockWaits waits)
            throws Exception {
        Thread.sleep(SETTLING.toMillis());
        Window first = baseline(copy);
        Filled filled = contestant.fill(copy);
        Thread.sleep(SETTLING.toMillis());
        Window last = baseline(copy);
        // Requests that arrived in time but are answered late count as well.
        load.close();
        load.failures().forEach(failure -> System.out.println("the application failed: " + failure));
        Latencies before = load.between(first.from, first.to);
        Latencies during = load.between(filled.started(), filled.finished());
        Latencies after = load.between(last.from, last.to);

        double apart = Math.max(before.p99(), after.p99()) / Math.min(before.p99(), after.p99());
        Map<String, Double> values = new LinkedHashMap<>();
        values.put(Measurement.SECONDS, filled.seconds());
        values.put(Measurement.RATE, rows / filled.seconds());
        values.put("p50 before, ms", before.p50());
        values.put("p50, ms", during.p50());
        values.put("p50 after, ms", after.p50());
        values.put("p99 before, ms", before.p99());
        values.put("p99, ms", during.p99());
        values.put("p99 after, ms", after.p99());
        values.put(P99, during.p99() / ((before.p99() + after.p99()) / 2));
        values.put("max before, ms", before.max());
        values.put(MAX, during.max());
        values.put("max after, ms", after.max());
        values.put("baselines apart", apart);
        values.put(ERRORS, (double) load.between(first.from, last.to).errors());
        values.put(WAIT, waits.longest().toNanos() / 1e6);
        values.put(WRONG, (double) copy.wrongRows(DerivedValueRecount.TICKET_METRICS));
        values.putAll(filled.more());
        return new Observed(new Measurement(Benchmark.LOAD, contestant.name(), round, values), apart > MOST_DISTURBED);
    }

    private Window baseline(BenchDatabase copy) throws SQLException, InterruptedException {
        Instant from = copy.clock();
        Thread.sleep(baseline.toMillis());
        return new Window(from, copy.clock());
    }
}
