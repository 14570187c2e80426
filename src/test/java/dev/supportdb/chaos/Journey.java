package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.deploy.DataSet;
import dev.supportdb.deploy.Migration;
import dev.supportdb.support.TestDatabase;
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
final class Journey {

    /** Where a run is broken off: when the backfill has written so many rows, or is over. */
    private record Point(String backfill, long rows) {}

    /**
     * A run that was broken off.
     *
     * @param lost rows it had written in vain
     */
    record Strike(Fault fault, int workers, long lost) {}

    private static final String FILLED = """
            select exists (select from backfill_progress
                           where name = '%s' and (state = 'filled' or state = 'filling' and rows_done >= %d))
            """;
    private static final String UNDONE = """
            select exists (select from backfill_progress
                           where name = '%s' and (state = 'undone' or state = 'undoing' and rows_done >= %d))
            """;

    private final TestDatabase database;
    private final Way way;
    private final Deque<Fault> faults;
    private final Random random;
    private final Path log;
    private final List<Strike> strikes = new ArrayList<>();

    /** @param faults what is to strike, one after the other; what has struck is taken from it */
    Journey(TestDatabase database, Way way, Deque<Fault> faults, Random random, Path log) {
        this.database = database;
        this.way = way;
        this.faults = faults;
        this.random = random;
        this.log = log;
    }

    List<Strike> strikes() {
        return strikes;
    }

    /** To the end, broken off that often at most: the run may be quicker than whoever wants to break it off. */
    void forward(int times) throws Exception {
        List<String> backfills = drawn(List.copyOf(way.rows().keySet()), times);
        for (Way.Stretch stretch : way.forward()) {
            go(stretch, backfills, FILLED);
            database.fill(DataSet.DEMO);
        }
    }

    /** Back to the start, likewise. */
    void back(int times) throws Exception {
        go(way.back(), drawn(List.copyOf(way.back().rows().keySet()), times), UNDONE);
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

    private void go(Way.Stretch stretch, List<String> backfills, String reached) throws Exception {
        for (Point point : points(stretch, backfills)) {
            if (!strike(stretch, reached.formatted(point.backfill(), point.rows()))) {
                return;
            }
        }
        stretch.command().run(new Migration(Lab.START.of(database)));
    }

    private List<Point> points(Way.Stretch stretch, List<String> backfills) {
        List<Point> points = new ArrayList<>();
        stretch.rows().forEach((backfill, rows) -> random
                .longs(Collections.frequency(backfills, backfill), 0, rows).sorted()
                .forEach(n -> points.add(new Point(backfill, n))));
        return points;
    }

    /**
     * Runs the command until something holds of the database, and breaks it off then.
     *
     * @param reached a query that returns a boolean
     * @return false when the run has come to its end instead
     */
    boolean strike(Way.Stretch stretch, String reached) throws Exception {
        Fault fault = faults.element();
        int workers = 1 + random.nextInt(2);
        Ledger before = Ledger.of(database);
        Process process = MigrationProcess.start(fault.seenBy(database), Lab.START, stretch.command(), Map.of(
                "supportdb.backfill.workers", Integer.toString(workers),
                "supportdb.backfill.target", Integer.toString(Campaign.BATCH_MILLIS),
                "supportdb.backfill.rest", "0"), log);
        await(process, reached);
        // Any moment of a batch, not only the one in which the one before it is seen to be over.
        Thread.sleep(random.nextInt(Campaign.BATCH_MILLIS));
        // One that fails by itself must not pass for one that was broken off.
        assertThat(process.isAlive() || process.exitValue() == 0).as("%s%n%s", reached, Files.readString(log)).isTrue();
        fault.strike(process);
        if (process.exitValue() == 0) {
            return false;
        }
        faults.remove();
        assertThat(Aftermath.sessionsThatStay(database)).isEmpty();
        Ledger after = Ledger.of(database);
        Strike strike = new Strike(fault, workers, after.lost() - before.lost());
        if (Campaign.FULL) {
            System.out.printf("%s of %d worker(s), %d rows in vain, when %s%n",
                    fault.getClass().getSimpleName(), workers, strike.lost(), reached.strip().replaceAll("\\s+", " "));
        }
        // One batch for each worker; it may be twice as large as the one before it.
        assertThat(strike.lost()).as("%s when %s%n%s", strike, reached, Files.readString(log))
                .isLessThanOrEqualTo(2 * workers * after.largest() + Ledger.LEAP_OF_SEQUENCE);
        strikes.add(strike);
        return true;
    }

    private void await(Process process, String condition) throws Exception {
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            while (process.isAlive() && !holds(statement, condition)) {
                // Leaves the processor to the process that is watched.
                Thread.sleep(5);
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
