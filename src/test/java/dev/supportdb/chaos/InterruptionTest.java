package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.TestDatabase;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Broken off wherever it is, a migration is completed by the same command. */
final class InterruptionTest {

    private static ChaosServer lab;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() throws Exception {
        lab = ChaosServer.open();
    }

    @Test
    void the_same_command_completes_what_was_broken_off_in_a_backfill() throws Exception {
        Random random = Campaign.random("interruptions");
        try (CommitCutter cutter = new CommitCutter(lab.port())) {
            List<Fault> faults = new ArrayList<>();
            faults.addAll(Collections.nCopies(Campaign.KILLS, new Fault.Kill()));
            faults.addAll(Collections.nCopies(Campaign.CRASHES, new Fault.Crash(lab, "QUIT")));
            faults.addAll(Collections.nCopies(Campaign.LOST_REPLIES, new Fault.LostReply(cutter)));

            List<FaultyRun.Strike> strikes = strike(lab.wayToTheHead(), FaultyRun.Aim.BACKFILL, faults, random);

            assertThat(cutter.lost()).isEqualTo(Campaign.LOST_REPLIES);
            report(Report.Part.KILL, Fault.Kill.class, strikes, InterruptionTest::inVain);
            report(Report.Part.CRASH, Fault.Crash.class, strikes, InterruptionTest::inVain);
            report(Report.Part.LOST_REPLY, Fault.LostReply.class, strikes, InterruptionTest::inVain);
        }
    }

    private static String inVain(List<FaultyRun.Strike> strikes) {
        List<Long> lost = strikes.stream().map(FaultyRun.Strike::lost).toList();
        return Report.format("%,d of them in the midst of a batch; at most %,d rows in vain",
                lost.stream().filter(rows -> rows > 0).count(), Collections.max(lost));
    }

    /** Had something been recorded that did not happen, it would be missing in the end. */
    @Test
    void so_it_does_at_any_time() throws Exception {
        Random random = Campaign.random("at any time");
        List<Fault> faults = new ArrayList<>();
        faults.addAll(Collections.nCopies(Campaign.KILLS_AT_ANY_TIME, new Fault.Kill()));
        faults.addAll(Collections.nCopies(Campaign.CRASHES_AT_ANY_TIME / 2, new Fault.Crash(lab, "QUIT")));
        faults.addAll(Collections.nCopies((Campaign.CRASHES_AT_ANY_TIME + 1) / 2, new Fault.Crash(lab, "KILL")));
        faults.addAll(Collections.nCopies(Campaign.TERMINATIONS, Fault.Intervention.terminate(random)));

        List<FaultyRun.Strike> strikes = strike(lab.wholeWay(), FaultyRun.Aim.ANY_TIME, faults, random);

        report(Report.Part.KILL_AT_ANY_TIME, Fault.Kill.class, strikes, InterruptionTest::places);
        report(Report.Part.CRASH_AT_ANY_TIME, Fault.Crash.class, strikes, InterruptionTest::places);
        report(Report.Part.TERMINATE, Fault.Intervention.class, strikes, InterruptionTest::places);
    }

    private static String places(List<FaultyRun.Strike> strikes) {
        return Report.format("in %,d different states of the history",
                strikes.stream().map(FaultyRun.Strike::changesets).distinct().count());
    }

    private static void report(Report.Part part, Class<? extends Fault> fault, List<FaultyRun.Strike> all,
            Function<List<FaultyRun.Strike>, String> seen) throws Exception {
        List<FaultyRun.Strike> strikes = all.stream().filter(strike -> fault.isInstance(strike.fault())).toList();
        Report.passed(part, strikes.size(), seen.apply(strikes));
    }

    /** On the way and back, until all of it has struck. */
    private List<FaultyRun.Strike> strike(ReferenceRun way, FaultyRun.Aim aim, List<Fault> faults, Random random)
            throws Exception {
        Collections.shuffle(faults, random);
        Deque<Fault> left = new ArrayDeque<>(faults);
        List<FaultyRun.Strike> strikes = new ArrayList<>();
        while (!left.isEmpty()) {
            TestDatabase database = lab.copyOf(way.original());
            FaultyRun journey = new FaultyRun(database, way, aim, left, random, folder.resolve("log"));
            int times = Math.min(Campaign.ROUND, left.size());
            journey.forward((times * 3 + 4) / 5);
            assertThat(PostconditionCheck.atHead(database, way)).isEmpty();
            journey.back(times - journey.strikes().size());
            assertThat(PostconditionCheck.atStart(database, way)).isEmpty();
            strikes.addAll(journey.strikes());
            lab.drop(database);
        }
        return strikes;
    }
}
