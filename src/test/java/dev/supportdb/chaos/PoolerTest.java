package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A session that is another one from transaction to transaction keeps no lock and no setting. */
final class PoolerTest {

    @TempDir
    private Path folder;

    @BeforeEach
    void need_a_pooler() throws Exception {
        assumeTrue(PgBouncer.isInstalled(), "pgbouncer is not installed; apt-get install pgbouncer");
    }

    @Test
    void nothing_is_done_through_a_pooler_in_transaction_mode() throws Exception {
        assertThat(new Poolers(SmallCampaign.CAMPAIGN, folder).inTransactionMode())
                .allMatch(result -> result.times() > 1);
    }

    @Test
    void nothing_is_done_through_a_pooler_in_statement_mode() throws Exception {
        try (TestDatabase database = Databases.at(Poolers.BEFORE);
                PgBouncer pooler = new PgBouncer(database, "statement", folder)) {
            Poolers.assertRefused(new LiquibaseRunner(Poolers.HEAD.of(pooler.pooled())), database);
        }
    }

    @Test
    void in_session_mode_it_is_as_without_one() throws Exception {
        try (TestDatabase database = Databases.at(Poolers.BEFORE);
                TestDatabase undisturbed = Databases.at(Poolers.HEAD);
                PgBouncer pooler = new PgBouncer(database, "session", folder)) {
            new LiquibaseRunner(Poolers.HEAD.of(pooler.pooled())).update();
            assertThat(PostconditionCheck.lessDrawnKeys(undisturbed.snapshot())
                    .differenceTo(PostconditionCheck.lessDrawnKeys(database.snapshot()))).isEmpty();
        }
    }
}
