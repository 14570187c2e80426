package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.chaos.Report.Part;
import dev.supportdb.chaos.Report.Result;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.support.TestDatabase;
import java.sql.SQLException;
import java.util.List;

/** A server runs out of something: time for a statement, room on the disk. */
final class Shortages {

    private final ChaosServer lab;
    private final Campaign campaign;

    Shortages(ChaosServer lab) {
        this.lab = lab;
        this.campaign = lab.campaign();
    }

    /** The first batches are slower than any timeout, until they are smaller. */
    List<Result> ofTime() throws Exception {
        ReferenceRun way = lab.shortWay();
        TestDatabase database = lab.copy();
        database.execute("""
                create sequence chaos.slow_batches;
                create function chaos.be_slow() returns trigger language plpgsql as $$
                begin
                    if nextval('chaos.slow_batches') <= %d then
                        perform pg_sleep(3600);
                    end if;
                    return null;
                end $$;
                create trigger be_slow after update on tickets for each statement
                    when (current_setting('supportdb.backfill', true) <> '') execute function chaos.be_slow();
                """.formatted(campaign.timeouts()));

        way.forward().get(0).command().run(way.migration(database));

        long triedInVain = WriteCounter.of(database).lost();
        assertThat(triedInVain).isPositive();
        assertThat(database.count("select rows from chaos.batches limit 1"))
                .isLessThan(triedInVain / campaign.timeouts());
        database.execute("""
                drop function chaos.be_slow cascade;
                drop sequence chaos.slow_batches
                """);
        assertThat(PostconditionCheck.atEnd(database, way)).isEmpty();
        lab.drop(database);
        return Result.of(Part.TIMEOUT, campaign.timeouts(), "retried at once with fewer rows; no run failed");
    }

    /** A table can grow no further, until there is room again. */
    List<Result> ofRoom() throws Exception {
        TestDatabase database = lab.copy();
        makeLargest(database);
        ReferenceRun way = ReferenceRun.of(lab, lab.legacy(), database, ReferenceRun.THROUGH_ONE_FEATURE);

        fillDiskDuring(way.forward().get(0), way.migration(database), database);
        assertThat(PostconditionCheck.atEnd(database, way)).isEmpty();

        if (campaign.fullDisks() > 1) {
            database.execute("vacuum full tickets");
            fillDiskDuring(way.back(), way.migration(database), database);
            assertThat(PostconditionCheck.atStart(database, way)).isEmpty();
        }
        lab.drop(database);
        return Result.of(Part.FULL_DISK, campaign.fullDisks(), "the run fails and says that the same command resumes");
    }

    /**
     * Makes the table the largest file, which reaches a limit of the file size first. It must be larger than a segment
     * of the log, and its values must not be stored separately.
     */
    private static void makeLargest(TestDatabase database) throws SQLException {
        database.execute("""
                alter table tickets alter column description set storage plain;
                update tickets set description = rpad(description, (
                    select greatest(20 << 20, 1.5 * pg_relation_size('ticket_comments')) / count(*)
                    from tickets)::integer)
                """);
        database.execute("vacuum full tickets");
    }

    private void fillDiskDuring(ReferenceRun.Stretch stretch, LiquibaseRunner migration, TestDatabase database)
            throws Exception {
        long size = database.count("select pg_relation_size('tickets')");
        lab.stop();
        lab.startOnSmallDisk(size + size / 12);
        assertThatThrownBy(() -> stretch.command().run(migration))
                .hasMessageContaining("could not extend file").hasMessageContaining("Run the same command to resume.");
        lab.stop();
        lab.start();
        stretch.command().run(migration);
    }
}
