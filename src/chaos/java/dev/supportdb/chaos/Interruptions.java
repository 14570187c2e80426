package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.chaos.Report.Part;
import dev.supportdb.chaos.Report.Result;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/** Broken off wherever it is, a migration is completed by the same command. */
final class Interruptions {

    private final ChaosServer lab;
    private final Campaign campaign;
    private final Path folder;

    Interruptions(ChaosServer lab, Path folder) {
        this.lab = lab;
        this.campaign = lab.campaign();
        this.folder = folder;
    }

    List<Result> inBackfills() throws Exception {
        Random random = campaign.random("interruptions");
        try (CommitCutter cutter = new CommitCutter(lab.port())) {
            List<Fault> faults = new ArrayList<>();
            faults.addAll(Collections.nCopies(campaign.kills(), new Fault.Kill()));
            faults.addAll(Collections.nCopies(campaign.crashes(), new Fault.Crash(lab, "QUIT")));
            faults.addAll(Collections.nCopies(campaign.lostReplies(), new Fault.LostReply(cutter)));

            List<FaultyRun.Strike> strikes = strike(lab.wayToTheHead(), FaultyRun.Aim.BACKFILL, faults, random);

            assertThat(cutter.lost()).isEqualTo(campaign.lostReplies());
            return List.of(
                    result(Part.KILL, Fault.Kill.class, strikes, Interruptions::inVain),
                    result(Part.CRASH, Fault.Crash.class, strikes, Interruptions::inVain),
                    result(Part.LOST_REPLY, Fault.LostReply.class, strikes, Interruptions::inVain));
        }
    }

    private static String inVain(List<FaultyRun.Strike> strikes) {
        List<Long> lost = strikes.stream().map(FaultyRun.Strike::lost).toList();
        return Report.format("%,d of them within a batch; at most %,d rows repeated",
                lost.stream().filter(rows -> rows > 0).count(), Collections.max(lost));
    }

    /** Had something been recorded that did not happen, it would be missing in the end. */
    List<Result> atAnyTime() throws Exception {
        Random random = campaign.random("at any time");
        List<Fault> faults = new ArrayList<>();
        faults.addAll(Collections.nCopies(campaign.killsAtAnyTime(), new Fault.Kill()));
        faults.addAll(Collections.nCopies(campaign.crashesAtAnyTime() / 2, new Fault.Crash(lab, "QUIT")));
        faults.addAll(Collections.nCopies((campaign.crashesAtAnyTime() + 1) / 2, new Fault.Crash(lab, "KILL")));
        faults.addAll(Collections.nCopies(campaign.terminations(), Fault.Intervention.terminate(random)));

        List<FaultyRun.Strike> strikes = strike(lab.wholeWay(), FaultyRun.Aim.ANY_TIME, faults, random);

        return List.of(
                result(Part.KILL_AT_ANY_TIME, Fault.Kill.class, strikes, Interruptions::places),
                result(Part.CRASH_AT_ANY_TIME, Fault.Crash.class, strikes, Interruptions::places),
                result(Part.TERMINATE, Fault.Intervention.class, strikes, Interruptions::places));
    }

    private static String places(List<FaultyRun.Strike> strikes) {
        return Report.format("in %,d different states of the history",
                strikes.stream().map(FaultyRun.Strike::changesets).distinct().count());
    }

    private static Result result(Part part, Class<? extends Fault> fault, List<FaultyRun.Strike> all,
            Function<List<FaultyRun.Strike>, String> seen) {
        List<FaultyRun.Strike> strikes = all.stream().filter(strike -> fault.isInstance(strike.fault())).toList();
        return new Result(part, strikes.size(), seen.apply(strikes));
    }

    /** Interrupts runs forward and back, until all faults have struck. */
    private List<FaultyRun.Strike> strike(ReferenceRun way, FaultyRun.Aim aim, List<Fault> faults, Random random)
            throws Exception {
        Collections.shuffle(faults, random);
        Deque<Fault> left = new ArrayDeque<>(faults);
        List<FaultyRun.Strike> strikes = new ArrayList<>();
        while (!left.isEmpty()) {
            TestDatabase database = lab.copyOf(way.original());
            FaultyRun journey = new FaultyRun(database, way, aim, campaign.batchMillis(), left, random,
                    folder.resolve("log"));
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
