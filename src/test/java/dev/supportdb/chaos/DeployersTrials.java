package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many that start at the same moment do the work of one. */
final class DeployersTrials {

    @TempDir
    private Path folder;

    private Deployers deployers;

    @BeforeEach
    void gather() {
        deployers = new Deployers(SmallCampaign.CAMPAIGN, folder);
    }

    @Test
    void one_deployer_migrates_and_the_others_have_nothing_to_do() throws Exception {
        assertThat(deployers.startAtOnce()).allMatch(result -> result.times() > 0);
    }

    /** Two histories have two locks, so it is as if there were none. */
    @Test
    void two_deployers_without_a_common_lock_are_seen_to_fail() throws Exception {
        try (TestDatabase database = Databases.empty()) {
            List<Process> two = deployers.start(2, database,
                    deployer -> Map.of("liquibase.databaseChangelogTableName", "history_" + deployer));
            assertThatThrownBy(() -> deployers.deployed(two)).isInstanceOf(AssertionError.class)
                    .hasMessageContaining("already exists");
        }
    }
}
