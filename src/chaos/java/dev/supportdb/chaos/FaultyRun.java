package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.Eventually;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.verify.SampleData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A database on its way to the head and back, broken off now and then, and sent on by the same command. */
final class FaultyRun {

    /** The target of a fault. */
    enum Aim {
        /** A row of a backfill. */
        BACKFILL,
        /** A time of an undisturbed run, whatever is done then. */
        ANY_TIME
    }

    /**
     * Where a run is broken off.
     *
     * @param reached a query that returns a boolean
     * @param millis  to wait when it returns true
     */
    record Point(String reached, long millis) {}

    /**
     * A run that was broken off.
     *
     * @param changesets in the history then
     * @param lost       rows it wrote again in vain
     */
    record Strike(Fault fault, int workers, long changesets, long lost) {}

    private static final String FILLED = """
            select exists (select from backfill_progress
                           where name = '%s' and (state = 'filled' or state = 'filling' and rows_done >= %d))
            """;
    private static final String UNDONE = """
            select exists (select from backfill_progress
                           where name = '%s' and (state = 'undone' or state = 'undoing' and rows_done >= %d))
            """;
    /** A run has the lock, and the history had so many rows before its command, now as many more or less. */
    private static final String DONE = """
            select exists (select from pg_locks where locktype = 'advisory' and granted
                           and database = (select oid from pg_database where datname = current_database()))
                and (select abs(count(*) - %d) >= %d from databasechangelog)
            """;

    private final TestDatabase database;
    private final ReferenceRun way;
    private final Aim aim;
    private final int batchMillis;
    private final Deque<Fault> faults;
    private final Random random;
    private final Path log;
    private final List<Strike> strikes = new ArrayList<>();

    /** @param faults what is to strike, one after the other; what has struck is taken from it */
    FaultyRun(TestDatabase database, ReferenceRun way, Aim aim, int batchMillis, Deque<Fault> faults,
            Random random, Path log) {
        this.database = database;
        this.way = way;
        this.aim = aim;
        this.batchMillis = batchMillis;
        this.faults = faults;
        this.random = random;
        this.log = log;
    }

    List<Strike> strikes() {
        return strikes;
    }

    /** Runs to the end, with at most this many interruptions: the run may end before the next one. */
    void forward(int times) throws Exception {
        List<String> backfills = drawn(List.copyOf(way.rows().keySet()), times);
        long[] moments = moments(way.forward(), times);
        long passed = 0;
        for (ReferenceRun.Stretch stretch : way.forward()) {
            go(stretch, aim == Aim.BACKFILL ? points(stretch, backfills, FILLED) : points(stretch, moments, passed));
            database.fill(SampleData.DEMO);
            passed += stretch.millis();
        }
    }

    /** Back to the start, likewise. */
    void back(int times) throws Exception {
        go(way.back(), aim == Aim.BACKFILL
                ? points(way.back(), drawn(List.copyOf(way.back().rows().keySet()), times), UNDONE)
                : points(way.back(), moments(List.of(way.back()), times), 0));
    }

    /** Each as often as any other, give or take one. */
    private List<String> drawn(List<String> backfills, int times) {
        List<String> drawn = new ArrayList<>();
        while (drawn.size() < times) {
            List<String> all = new ArrayList<>(backfills);
            Collections.shuffle(all, random);
            drawn.addAll(all.subList(0, Math.min(all.size(), times - drawn.size())));
        }
        return drawn;
    }

    /** Milliseconds of the time that all of it takes, each as likely as any other; the earliest first. */
    private long[] moments(List<ReferenceRun.Stretch> stretches, int times) {
        return random.longs(times, 0, stretches.stream().mapToLong(ReferenceRun.Stretch::millis).sum()).sorted()
                .toArray();
    }

    private void go(ReferenceRun.Stretch stretch, List<Point> points) throws Exception {
        for (Point point : points) {
            if (!strike(stretch, point)) {
                return;
            }
        }
        stretch.command().run(way.migration(database));
    }

    private List<Point> points(ReferenceRun.Stretch stretch, List<String> backfills, String reached) {
        List<Point> points = new ArrayList<>();
        stretch.rows().forEach((backfill, rows) -> random
                .longs(Collections.frequency(backfills, backfill), 0, rows).sorted()
                // A random moment of a batch, not only the one at which the end of the previous batch is seen.
                .forEach(n -> points.add(new Point(reached.formatted(backfill, n), random.nextInt(batchMillis)))));
        return points;
    }

    /**
     * Returns the points after as many changesets as an undisturbed run has done by then, with as much more time.
     *
     * @param passed when the stretch began
     */
    private List<Point> points(ReferenceRun.Stretch stretch, long[] moments, long passed) throws SQLException {
        long before = changesets();
        List<Point> points = new ArrayList<>();
        for (long moment : moments) {
            long millis = moment - passed;
            if (millis >= 0 && millis < stretch.millis()) {
                List<Long> done = stretch.done().stream().filter(end -> end <= millis).toList();
                points.add(new Point(DONE.formatted(before, done.size()),
                        millis - (done.isEmpty() ? 0 : done.get(done.size() - 1))));
            }
        }
        return points;
    }

    private long changesets() throws SQLException {
        return database.count("select count(*) from databasechangelog");
    }

    /**
     * Runs the command until it is there, and breaks it off.
     *
     * @return false when the run has come to its end instead
     */
    boolean strike(ReferenceRun.Stretch stretch, Point point) throws Exception {
        Fault fault = faults.element();
        int workers = 1 + random.nextInt(2);
        WriteCounter before = WriteCounter.of(database);
        Process process = MigrationProcess.start(fault.seenBy(database), way.from(), stretch.command(), Map.of(
                "supportdb.backfill.workers", Integer.toString(workers),
                "supportdb.backfill.batch-time", Integer.toString(batchMillis),
                "supportdb.backfill.rest-ratio", "0"), log);
        await(database, process, point.reached());
        Thread.sleep(point.millis());
        // A run that fails by itself must not pass for an interrupted one.
        assertThat(process.isAlive() || process.exitValue() == 0).as("%s%n%s", point, Files.readString(log)).isTrue();
        fault.strike(process, database);
        if (process.exitValue() == 0) {
            return false;
        }
        faults.remove();
        assertThat(PostconditionCheck.sessionsThatStay(database)).isEmpty();
        assertThat(Files.readString(log)).as("what it says in the end").containsPattern(fault.lastWords());
        WriteCounter after = WriteCounter.of(database);
        Strike strike = new Strike(fault, workers, changesets(), after.lost() - before.lost());
        System.out.printf("%s of %d worker(s), %d rows repeated, after %d changesets, when %s%n",
                fault.getClass().getSimpleName(), workers, strike.lost(), strike.changesets(),
                point.reached().strip().replaceAll("\\s+", " "));
        // One batch for each worker, which may be twice as large as the previous one.
        assertThat(strike.lost()).as("%s when %s%n%s", strike, point, Files.readString(log))
                .isLessThanOrEqualTo(2 * workers * after.largest() + WriteCounter.LEAP_OF_SEQUENCE);
        strikes.add(strike);
        return true;
    }

    /** Returns when this holds of the database, or the process has ended. */
    static void await(TestDatabase database, Process process, String condition) throws Exception {
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            while (process.isAlive() && !holds(statement, condition)) {
                Eventually.betweenTwoLooks();
            }
        }
    }

    /** False also while there is nothing to ask. */
    private static boolean holds(Statement statement, String condition) throws SQLException {
        try (ResultSet row = statement.executeQuery(condition)) {
            row.next();
            return row.getBoolean(1);
        } catch (SQLException e) {
            if (e.getSQLState().equals("42P01")) {
                return false;
            }
            throw e;
        }
    }
}
