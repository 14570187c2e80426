package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.bench.LockWaits;
import dev.supportdb.domain.ConcurrentWriters;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A session that locks a table makes a migration wait, and nobody else. */
final class BlockerTrials {

    @Test
    void no_application_waits_for_a_run_that_waits_for_a_table() throws Exception {
        assertThat(new Blockers(SmallCampaign.CAMPAIGN).keepTables()).allMatch(result -> result.times() > 1);
    }

    /** Without this project, the statement waits as long as it takes, and everyone who comes after it, too. */
    @Test
    void a_statement_that_waits_as_long_as_it_takes_is_seen_to_keep_applications_waiting() throws Exception {
        MigrationState start = MigrationState.before("002_sla_fields").withTickets(Blockers.HEAD.tickets());
        try (TestDatabase database = Databases.at(start);
                LockWaits waits = new LockWaits(database.connect(), ConcurrentWriters.APPLICATION);
                ConcurrentWriters writers = new ConcurrentWriters(database, SmallCampaign.CAMPAIGN.seed(),
                        Blockers.WORK, Blockers.PAUSE, rows -> { });
                Connection blocker = Blockers.Blocker.REPORT.of(database, "tickets")) {
            CompletableFuture<Void> stock = CompletableFuture.runAsync(() -> {
                try {
                    database.execute("""
                            set application_name = 'support-db';
                            alter table tickets add column sla_deadline timestamp
                            """);
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            while (database.count("""
                    select count(*) from pg_locks join pg_stat_activity using (pid)
                    where application_name = 'writers' and not granted
                        and waitstart < clock_timestamp() - interval '2 s'
                    """) == 0) {
                assertThat(stock).isNotDone();
            }
            blocker.rollback();
            stock.get(1, TimeUnit.MINUTES);
            writers.stop();
            assertThat(waits.longest()).isGreaterThan(Blockers.PROMISED.plus(waits.longestBlind()));
        }
    }
}
