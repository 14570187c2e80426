package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.chaos.MigrationProcess.Command;
import dev.supportdb.chaos.Report.Part;
import dev.supportdb.chaos.Report.Result;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import liquibase.exception.CommandExecutionException;

/** Many that start at the same moment do the work of one. */
final class Deployers {

    private static final MigrationState HEAD = MigrationState.head().withTickets(500);

    private final Campaign campaign;
    private final Path folder;

    Deployers(Campaign campaign, Path folder) {
        this.campaign = campaign;
        this.folder = folder;
    }

    /** Starts all at once: one migrates, and the others have nothing to do. */
    List<Result> startAtOnce() throws Exception {
        Random random = campaign.random("deployers");
        Snapshot end;
        List<String> changesets;
        try (TestDatabase undisturbed = Databases.at(HEAD)) {
            end = PostconditionCheck.lessDrawnKeys(undisturbed.snapshot());
            changesets = changesets(undisturbed);
        }
        for (int trial = 0; trial < campaign.deployments(); trial++) {
            try (TestDatabase database = Databases.empty()) {
                if (trial % 2 == 1) {
                    new LiquibaseRunner(HEAD.of(database)).update(1 + random.nextInt(changesets.size() - 1));
                }
                int before = trial % 2 == 0 ? 0 : changesets(database).size();
                List<Process> deployers = start(campaign.deployers(), database, deployer -> Map.of());
                assertIsListed(database, deployers);
                assertThat(deployed(deployers)).containsOnlyOnce(changesets.size() - before)
                        .filteredOn(count -> count == 0).hasSize(campaign.deployers() - 1);
                assertThat(changesets(database)).isEqualTo(changesets);
                assertThat(end.differenceTo(PostconditionCheck.lessDrawnKeys(database.snapshot()))).isEmpty();
                assertThat(database.count("""
                        select deadlocks from pg_stat_database where datname = current_database()
                        """)).isZero();
            }
        }
        return Result.of(Part.DEPLOYERS, campaign.deployments(), Report.format("one of %d migrates, "
                + "and `listLocks` names it; the others exit with 0 and nothing to do", campaign.deployers()));
    }

    /** @param settings of each */
    List<Process> start(int count, TestDatabase database, IntFunction<Map<String, String>> settings)
            throws IOException {
        List<Process> deployers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            deployers.add(MigrationProcess.start(database, HEAD, Command.UPDATE, settings.apply(i), log(i)));
        }
        return deployers;
    }

    private Path log(int deployer) {
        return folder.resolve(deployer + ".log");
    }

    /** Asserts that, while one session holds the lock, everyone can see who that is and since when. */
    private static void assertIsListed(TestDatabase database, List<Process> deployers)
            throws SQLException, CommandExecutionException {
        String before;
        String listed;
        String after;
        do {
            assertThat(deployers).as("the deployers").anyMatch(Process::isAlive);
            before = holder(database);
            listed = new LiquibaseRunner(HEAD.of(database)).run("listLocks", Map.of());
            after = holder(database);
        } while (before.isEmpty() || !before.equals(after));
        assertThat(listed).containsPattern("pid " + before + " \\(support-db, user .*\\), connected since \\d{4}-");
    }

    private static String holder(TestDatabase database) throws SQLException {
        return String.join(" ", database.texts("""
                select pid from pg_locks where locktype = 'advisory' and granted
                    and database = (select oid from pg_database where datname = current_database())
                """));
    }

    /** Returns how many changesets each of them reports. */
    List<Integer> deployed(List<Process> deployers) throws Exception {
        for (Process deployer : deployers) {
            assertThat(deployer.waitFor(5, TimeUnit.MINUTES)).isTrue();
        }
        List<Integer> counts = new ArrayList<>();
        for (int i = 0; i < deployers.size(); i++) {
            String log = Files.readString(log(i));
            assertThat(deployers.get(i).exitValue()).as(log).isZero();
            assertThat(log).doesNotContain("ERROR");
            counts.add(Integer.valueOf(log.replaceFirst("(?s).*" + MigrationProcess.DEPLOYED, "").strip()));
        }
        return counts;
    }

    private static List<String> changesets(TestDatabase database) throws SQLException {
        return database.texts("select id from databasechangelog order by orderexecuted");
    }
}
