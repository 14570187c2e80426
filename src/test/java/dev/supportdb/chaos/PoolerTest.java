package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.supportdb.domain.ApplicationStatements;
import dev.supportdb.domain.ConcurrentWriters;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A session that is another one from transaction to transaction keeps no lock and no setting. */
final class PoolerTest {

    private static final MigrationState BEFORE = MigrationState.before("005_ticket_priority_enum").withTickets(500);
    private static final MigrationState HEAD = MigrationState.head().withTickets(500);

    @TempDir
    private Path folder;

    @BeforeEach
    void need_a_pooler() throws Exception {
        assumeTrue(PgBouncer.isInstalled(), "pgbouncer is not installed; apt-get install pgbouncer");
    }

    /** Alone with the pooler, and beside an application that has its sessions in turn. */
    @Test
    void nothing_is_done_through_a_pooler_in_transaction_mode() throws Exception {
        Random random = Campaign.random("pooler");
        for (int trial = 0; trial < Campaign.POOLERS; trial++) {
            try (TestDatabase database = Databases.at(BEFORE);
                    PgBouncer pooler = new PgBouncer(database, "transaction", folder)) {
                LiquibaseRunner migration = new LiquibaseRunner(HEAD.of(pooler.pooled()));
                if (trial % 2 == 0) {
                    assertRefused(migration, database);
                } else {
                    try (ConcurrentWriters writers = new ConcurrentWriters(pooler.pooled(), random.nextLong(), ApplicationStatements.CONVERSATIONS,
                            Duration.ZERO, rows -> { })) {
                        assertRefused(migration, database);
                        writers.awaitEachOnce();
                        assertThat(writers.failures()).isEmpty();
                    }
                }
            }
        }
        Report.passed(Report.Part.POOLER, Campaign.POOLERS, "refused before anything is changed, with the reason");
    }

    private static void assertRefused(LiquibaseRunner migration, TestDatabase database) throws SQLException {
        long changesets = database.count("select count(*) from databasechangelog");
        assertThatThrownBy(migration::update).hasMessageContaining("stands before the server");
        assertThat(database.count("select count(*) from databasechangelog")).isEqualTo(changesets);
        assertThat(database.count("""
                select count(*) from pg_locks where locktype = 'advisory'
                    and database = (select oid from pg_database where datname = current_database())
                """)).isZero();
    }

    @Test
    void in_session_mode_it_is_as_without_one() throws Exception {
        try (TestDatabase database = Databases.at(BEFORE); TestDatabase undisturbed = Databases.at(HEAD);
                PgBouncer pooler = new PgBouncer(database, "session", folder)) {
            new LiquibaseRunner(HEAD.of(pooler.pooled())).update();
            assertThat(PostconditionCheck.lessDrawnKeys(undisturbed.snapshot())
                    .differenceTo(PostconditionCheck.lessDrawnKeys(database.snapshot()))).isEmpty();
        }
    }
}
