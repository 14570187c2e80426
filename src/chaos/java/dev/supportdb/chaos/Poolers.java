package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.chaos.Report.Part;
import dev.supportdb.chaos.Report.Result;
import dev.supportdb.domain.ApplicationStatements;
import dev.supportdb.domain.ConcurrentWriters;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/** A session that is another one from transaction to transaction keeps no lock and no setting. */
final class Poolers {

    static final MigrationState BEFORE = MigrationState.before("005_ticket_priority_enum").withTickets(500);
    static final MigrationState HEAD = MigrationState.head().withTickets(500);

    private final Campaign campaign;
    private final Path folder;

    Poolers(Campaign campaign, Path folder) {
        this.campaign = campaign;
        this.folder = folder;
    }

    /** Alone with the pooler, and beside an application that has its sessions in turn. */
    List<Result> inTransactionMode() throws Exception {
        Random random = campaign.random("pooler");
        for (int trial = 0; trial < campaign.poolers(); trial++) {
            try (TestDatabase database = Databases.at(BEFORE);
                    PgBouncer pooler = new PgBouncer(database, "transaction", folder)) {
                LiquibaseRunner migration = new LiquibaseRunner(HEAD.of(pooler.pooled()));
                if (trial % 2 == 0) {
                    assertRefused(migration, database);
                } else {
                    try (ConcurrentWriters writers = new ConcurrentWriters(pooler.pooled(), random.nextLong(),
                            ApplicationStatements.CONVERSATIONS,
                            Duration.ZERO, rows -> { })) {
                        assertRefused(migration, database);
                        writers.awaitEachOnce();
                        assertThat(writers.failures()).isEmpty();
                    }
                }
            }
        }
        return Result.of(Part.POOLER, campaign.poolers(), "refused before anything is changed, with the reason");
    }

    static void assertRefused(LiquibaseRunner migration, TestDatabase database) throws SQLException {
        long changesets = database.count("select count(*) from databasechangelog");
        assertThatThrownBy(migration::update).hasMessageContaining("goes through a pooler in transaction");
        assertThat(database.count("select count(*) from databasechangelog")).isEqualTo(changesets);
        assertThat(database.count("""
                select count(*) from pg_locks where locktype = 'advisory'
                    and database = (select oid from pg_database where datname = current_database())
                """)).isZero();
    }
}
