package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.chaos.Report.Part;
import dev.supportdb.chaos.Report.Result;
import dev.supportdb.domain.ApplicationStatements;
import dev.supportdb.domain.ConcurrentWriters;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.schema.Difference;
import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/** A rollback keeps what applications have written since the update, or is refused. */
final class RollbacksAfterWrites {

    private final Campaign campaign;
    private final MigrationState old;

    RollbacksAfterWrites(Campaign campaign) {
        this.campaign = campaign;
        this.old = MigrationState.before("002_sla_fields").withTickets(campaign.fewTickets());
    }

    /** Rolls back, and proves that every write in the new shape exists in the old one. */
    List<Result> rollBack() throws Exception {
        Random random = campaign.random("writes");
        long writes = 0;
        for (int trial = 0; trial < campaign.rollbacks(); trial++) {
            try (TestDatabase database = Databases.at(old)) {
                CommittedWrites books = new CommittedWrites(database);
                Snapshot before = database.snapshot();
                MigrationState head = MigrationState.head().withTickets(old.tickets());
                LiquibaseRunner migration = new LiquibaseRunner(head.of(database));
                migration.update();
                writes += write(database, random, books);
                assertRefused(migration, database);

                migration.discarding().rollbackTo(old.tag());

                assertThat(books.differences(database)).isEmpty();
                assertThat(Difference.between(before.schema(), database.snapshot().schema()).objects()).isEmpty();
                assertOmissionsAreFound(books, database);
            }
        }
        return Result.of(Part.WRITES, campaign.rollbacks(), Report.format(
                "%,d writes; refused first, naming the rows that only the new schema can hold", writes));
    }

    /** Twice, so that what is new by then is changed, too. Returns how many writes the old shape can hold. */
    private long write(TestDatabase database, Random random, CommittedWrites books) throws SQLException {
        return write(database, random.nextLong(), books) + write(database, random.nextLong(), books);
    }

    private long write(TestDatabase database, long seed, CommittedWrites books) throws SQLException {
        try (ConcurrentWriters kept = new ConcurrentWriters(database, seed, ApplicationStatements.OF_BOTH_SHAPES,
                        Duration.ZERO, books);
                ConcurrentWriters lost = new ConcurrentWriters(database, ~seed, ApplicationStatements.OF_THE_NEW_SHAPE,
                        Duration.ZERO, rows -> { })) {
            while (kept.committed() < campaign.writes() / 2 && kept.failures().isEmpty()) {
                kept.awaitEachOnce();
            }
            kept.stop();
            lost.stop();
            assertThat(kept.failures()).isEmpty();
            assertThat(lost.failures()).isEmpty();
            return kept.committed();
        }
    }

    private void assertRefused(LiquibaseRunner migration, TestDatabase database) throws SQLException {
        Snapshot before = database.snapshot();
        long changesets = database.count("select count(*) from databasechangelog");
        assertThatThrownBy(() -> migration.rollbackTo(old.tag()))
                .hasMessageContaining("Nothing was rolled back")
                .hasMessageContaining("satisfaction_surveys").hasMessageContaining("messages")
                .hasMessageContaining("ticket_tags").hasMessageContaining("tickets.sla_deadline")
                .hasMessageContaining("tickets.subcategory_id").hasMessageContaining("tickets.resolution_notes")
                .hasMessageContaining("customer_contacts");
        assertThat(before.differenceTo(database.snapshot())).isEmpty();
        assertThat(database.count("select count(*) from databasechangelog")).isEqualTo(changesets);
    }

    /** The check above is as good as what it finds: a write that is lost, and one that never was. */
    private static void assertOmissionsAreFound(CommittedWrites books, TestDatabase database) throws SQLException {
        String comment = database.text("select max(id) from ticket_comments");
        database.execute("update ticket_comments set content = 'lost' where id = " + comment);
        assertThat(books.differences(database)).singleElement().asString().contains(comment, "lost");
        books.forge();
        assertThat(books.differences(database)).hasSize(2).anyMatch(found -> found.contains("never written"));
    }
}
