package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.deploy.Migration;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Broken off wherever it is, a migration is completed by the same command. */
final class InterruptionTest {

    private static Lab lab;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() throws Exception {
        lab = Lab.open();
    }

    @Test
    void the_same_command_completes_what_was_broken_off() throws Exception {
        Way way = lab.wayToTheHead();
        Random random = Campaign.random("interruptions");
        try (CommitCutter cutter = new CommitCutter(lab.port())) {
            Fault kill = new Fault.Kill();
            Fault crash = new Fault.Crash(lab);
            Fault lostReply = new Fault.LostReply(cutter);
            Deque<Fault> faults = shuffled(random, kill, crash, lostReply);
            List<Journey.Strike> strikes = new ArrayList<>();
            while (!faults.isEmpty()) {
                TestDatabase database = lab.copy();
                Journey journey = new Journey(database, way, faults, random, folder.resolve("log"));
                int times = Math.min(Campaign.ROUND, faults.size());
                journey.forward((times * 3 + 4) / 5);
                assertThat(Aftermath.atHead(database, way)).isEmpty();
                journey.back(times - journey.strikes().size());
                assertThat(Aftermath.atStart(database, way)).isEmpty();
                strikes.addAll(journey.strikes());
                lab.drop(database);
            }
            assertThat(cutter.lost()).isEqualTo(Campaign.LOST_REPLIES);
            report(Report.Part.KILL, kill, strikes);
            report(Report.Part.CRASH, crash, strikes);
            report(Report.Part.LOST_REPLY, lostReply, strikes);
        }
    }

    private static Deque<Fault> shuffled(Random random, Fault kill, Fault crash, Fault lostReply) {
        List<Fault> faults = new ArrayList<>();
        faults.addAll(Collections.nCopies(Campaign.KILLS, kill));
        faults.addAll(Collections.nCopies(Campaign.CRASHES, crash));
        faults.addAll(Collections.nCopies(Campaign.LOST_REPLIES, lostReply));
        Collections.shuffle(faults, random);
        return new ArrayDeque<>(faults);
    }

    private static void report(Report.Part part, Fault fault, List<Journey.Strike> strikes) throws Exception {
        List<Long> lost = strikes.stream().filter(strike -> strike.fault() == fault).map(Journey.Strike::lost).toList();
        Report.passed(part, lost.size(), Report.format("%,d of them in the midst of a batch; at most %,d rows in vain",
                lost.stream().filter(rows -> rows > 0).count(), Collections.max(lost)));
    }

    @Test
    void so_it_does_what_was_killed_between_backfills() throws Exception {
        Way way = lab.shortWay();
        Way.Stretch stretch = way.forward().get(0);
        TestDatabase database = lab.copy();
        Random random = Campaign.random("between");
        Deque<Fault> kills = new ArrayDeque<>(Collections.nCopies(2, new Fault.Kill()));
        Journey journey = new Journey(database, way, kills, random, folder.resolve("log"));

        long executed = database.count("select count(*) from databasechangelog") + 1 + random.nextInt(6);
        assertThat(journey.strike(stretch, "select count(*) >= " + executed + " from databasechangelog")).isTrue();
        // A snapshot that stays keeps the index from being finished, so what the kill leaves is not valid.
        try (Connection reader = database.connect(); Statement statement = reader.createStatement()) {
            reader.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            reader.setAutoCommit(false);
            statement.execute("select 1");
            assertThat(journey.strike(stretch, "select exists (select from pg_index where not indisvalid)")).isTrue();
        }
        assertThat(database.count("select count(*) from pg_index where not indisvalid")).isPositive();

        stretch.command().run(new Migration(Lab.START.of(database)));
        assertThat(Aftermath.atEnd(database, way)).isEmpty();
        lab.drop(database);
        Report.passed(Report.Part.KILL_BETWEEN, 2, "an index that was not valid");
    }
}
