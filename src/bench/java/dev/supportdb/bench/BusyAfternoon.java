package dev.supportdb.bench;

import dev.supportdb.bench.ApplicationLoad.Request;
import dev.supportdb.bench.FillStrategy.Filled;
import dev.supportdb.bench.LockWaits.Wait;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs the same fill beside the same application twice: by one UPDATE, and by the engine, killed half-way and run
 * again.
 */
final class BusyAfternoon {

    /** Connections and plans are made before anything counts. */
    private static final Duration SETTLING = Duration.ofSeconds(5);

    /** The time before and after the fill, so that a reader sees the application without it. */
    private static final Duration CALM = Duration.ofSeconds(5);

    /** Between a kill and the second run of the same command. */
    private static final Duration UNNOTICED = Duration.ofSeconds(3);

    private static final String ENGINE = "./supportdb update";

    /** A wait of the application for a lock of the fill, in seconds from the beginning; a lane is a connection. */
    record Waited(int lane, double from, double until) {}

    /**
     * The application's latencies.
     *
     * @param from   second at which the fill began; {@code until} the one at which it had ended
     * @param killed second at which its process was killed; negative if it was not
     */
    record Observed(String name, double from, double until, double killed, List<Request> requests,
            List<Waited> waits) {
    }

    private final TrialRunner lab;
    private final long rows;
    private final double rate;
    private final long seed;

    /** @param rate requests a second */
    BusyAfternoon(TrialRunner lab, long rows, double rate, long seed) {
        this.lab = lab;
        this.rows = rows;
        this.rate = rate;
        this.seed = seed;
    }

    List<Observed> observe() throws Exception {
        EngineFill engine = new EngineFill(ENGINE, StartingState.METRICS);
        return List.of(observe(OneStatementFill.METRICS, null), observe(engine, engine));
    }

    /** @param killed the fill to kill first; null where none is */
    private Observed observe(FillStrategy fill, EngineFill killed) throws Exception {
        return lab.onCopy(StartingState.METRICS, rows, copy -> {
            try (ApplicationLoad load = new ApplicationLoad(copy, rows, rate, seed);
                    LockWaits waits = new LockWaits(copy)) {
                return observe(fill, killed, copy, load, waits);
            }
        });
    }

    private static Observed observe(FillStrategy fill, EngineFill killed, BenchDatabase copy, ApplicationLoad load,
            LockWaits waits) throws Exception {
        TimeUnit.MILLISECONDS.sleep(SETTLING.toMillis());
        Instant start = copy.clock();
        TimeUnit.MILLISECONDS.sleep(CALM.toMillis());
        Instant kill = start.minus(CALM);
        if (killed != null) {
            killed.breakOff(copy);
            kill = copy.clock();
            TimeUnit.MILLISECONDS.sleep(UNNOTICED.toMillis());
        }
        Filled filled = fill.fill(copy);
        TimeUnit.MILLISECONDS.sleep(CALM.toMillis());
        Instant end = copy.clock();
        // Waits until every request that has arrived is answered, however late.
        load.close();
        List<Integer> sessions = waits.waits().stream().map(Wait::pid).distinct().sorted().toList();
        return new Observed(fill.name(), seconds(start, filled.started()), seconds(start, filled.finished()),
                seconds(start, kill), load.requests(start, end),
                waits.waits().stream()
                        .filter(wait -> wait.from().isAfter(start))
                        .map(wait -> new Waited(sessions.indexOf(wait.pid()), seconds(start, wait.from()),
                                seconds(start, wait.until())))
                        .toList());
    }

    private static double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toNanos() / 1e9;
    }
}
