package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.chaos.Report.Part;
import dev.supportdb.chaos.Report.Result;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.verify.SampleData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** The server fails in the midst of a migration, its standby takes over, and the same command completes it there. */
final class Promotions {

    private static final int MOST_OF_A_STRETCH = 3;

    /**
     * The result of one promotion.
     *
     * @param inFill   whether a backfill was under way
     * @param bytes    the bytes of log that the new primary never received
     * @param back     by how many changesets the history went back
     */
    private record Promotion(boolean inFill, long bytes, long back) {}

    private final Campaign campaign;
    private final Path log;
    private final Random random;
    private final List<Promotion> promotions = new ArrayList<>();

    Promotions(Campaign campaign, Path folder) {
        this.campaign = campaign;
        this.log = folder.resolve("promotion.log");
        this.random = campaign.random("promotion");
    }

    /** Makes the trials; every other one loses the last writes of the old primary. */
    List<Result> failOver(Path programs) throws Exception {
        try (StreamingPair pair = StreamingPair.start(programs, campaign.isWhole())) {
            MigrationState legacy = MigrationState.before("005_ticket_priority_enum")
                    .withTickets(campaign.promotedTickets());
            TestDatabase original = pair.create("original", "template0");
            new LiquibaseRunner(legacy.of(original)).updateTo(legacy.tag());
            original.fill(SampleData.DEMO);
            original.execute(WriteCounter.TABLES);
            ReferenceRun way = ReferenceRun.of(pair, legacy, original, ReferenceRun.TO_THE_HEAD);
            while (promotions.size() < campaign.promotions()) {
                TestDatabase database = pair.copyOf(original);
                for (ReferenceRun.Stretch stretch : way.forward()) {
                    go(pair, way, database, stretch);
                    database.fill(SampleData.DEMO);
                }
                assertThat(PostconditionCheck.atHead(database, way)).isEmpty();
                go(pair, way, database, way.back());
                assertThat(PostconditionCheck.atStart(database, way)).isEmpty();
                pair.drop(database);
            }
            return Result.of(Part.PROMOTION, promotions.size(), Report.format(
                    "on %s; %d of them in a backfill; %d lost up to %,d kB of WAL, and the history went back by up to "
                            + "%d changesets", pair.description(),
                    promotions.stream().filter(Promotion::inFill).count(),
                    promotions.stream().filter(promotion -> promotion.bytes > 0).count(),
                    promotions.stream().mapToLong(Promotion::bytes).max().orElse(0) / 1024,
                    promotions.stream().mapToLong(Promotion::back).max().orElse(0)));
        }
    }

    private void go(StreamingPair pair, ReferenceRun way, TestDatabase database, ReferenceRun.Stretch stretch)
            throws Exception {
        for (int times = 0; times < MOST_OF_A_STRETCH && promotions.size() < campaign.promotions(); times++) {
            if (!promote(pair, way, database, stretch)) {
                return;
            }
        }
        stretch.command().run(way.migration(database));
    }

    /** False when the run has come to its end instead. */
    private boolean promote(StreamingPair pair, ReferenceRun way, TestDatabase database, ReferenceRun.Stretch stretch)
            throws Exception {
        boolean loses = promotions.size() % 2 == 1;
        Process process = MigrationProcess.start(database, way.from(), stretch.command(), Map.of(
                "supportdb.backfill.batch-time", Integer.toString(campaign.batchMillis()),
                "supportdb.backfill.rest-ratio", "0"), log);
        FaultyRun.await(database, process, """
                select exists (select from pg_locks where locktype = 'advisory' and granted
                    and database = (select oid from pg_database where datname = current_database()))
                """);
        Thread.sleep(random.nextLong(1 + stretch.millis()));
        if (loses) {
            pair.disconnectStandby();
            Thread.sleep(random.nextInt(1_000));
        }
        if (!process.isAlive()) {
            assertThat(process.exitValue()).as(Files.readString(log)).isZero();
            if (loses) {
                pair.reconnectStandby();
            }
            return false;
        }
        boolean inFill = database.count("select count(*) from backfills where state in ('filling', 'undoing')") > 0;
        long before = changesets(database);
        database.letGo();
        long lost = pair.failOver();
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).as("it ends when its server does").isTrue();
        Promotion promotion = new Promotion(inFill, lost, Math.abs(before - changesets(database)));
        System.out.printf("%s, after %d changesets%n", promotion, before);
        promotions.add(promotion);
        pair.rejoin();
        return true;
    }

    private static long changesets(TestDatabase database) throws Exception {
        return database.count("select count(*) from databasechangelog");
    }
}
