package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.support.TestDatabase;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a server runs out of: time for a statement, room on the disk. */
final class ResourceTest {

    private static ChaosServer lab;

    @BeforeAll
    static void start() throws Exception {
        lab = ChaosServer.open();
    }

    /** The first batches are slower than any timeout, until they are smaller. */
    @Test
    void a_batch_that_takes_too_long_is_tried_again_with_fewer_rows() throws Exception {
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
                """.formatted(Campaign.TIMEOUTS));

        way.forward().get(0).command().run(new LiquibaseRunner(ChaosServer.START.of(database)));

        long triedInVain = WriteCounter.of(database).lost();
        assertThat(triedInVain).isPositive();
        assertThat(database.count("select rows from chaos.batches limit 1"))
                .isLessThan(triedInVain / Campaign.TIMEOUTS);
        database.execute("""
                drop function chaos.be_slow cascade;
                drop sequence chaos.slow_batches
                """);
        assertThat(PostconditionCheck.atEnd(database, way)).isEmpty();
        lab.drop(database);
        Report.passed(Report.Part.TIMEOUT, Campaign.TIMEOUTS, "tried again at once with fewer rows; no run failed");
    }

    /** On the way forward; in the full campaign on the way back, too. */
    @Test
    void a_table_that_can_grow_no_further_is_gone_on_with_when_there_is_room_again() throws Exception {
        TestDatabase database = lab.copy();
        makeLargest(database);
        ReferenceRun way = ReferenceRun.of(lab, ChaosServer.START, database, ReferenceRun.THROUGH_ONE_FEATURE);

        fillDiskDuring(way.forward().get(0), database);
        assertThat(PostconditionCheck.atEnd(database, way)).isEmpty();

        if (Campaign.FULL) {
            database.execute("vacuum full tickets");
            fillDiskDuring(way.back(), database);
            assertThat(PostconditionCheck.atStart(database, way)).isEmpty();
        }
        lab.drop(database);
        Report.passed(Report.Part.FULL_DISK, 2, "the run fails and says that the same command goes on");
    }

    /**
     * Where there is a limit to the size of files, the largest one reaches it first. It must be larger than a segment
     * of the log, and what makes it so must not be stored apart.
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

    private static void fillDiskDuring(ReferenceRun.Stretch stretch, TestDatabase database) throws Exception {
        LiquibaseRunner migration = new LiquibaseRunner(ChaosServer.START.of(database));
        long size = database.count("select pg_relation_size('tickets')");
        lab.stop();
        lab.startOnSmallDisk(size + size / 12);
        assertThatThrownBy(() -> stretch.command().run(migration))
                .hasMessageContaining("could not extend file").hasMessageContaining("the same command goes on");
        lab.stop();
        lab.start();
        stretch.command().run(migration);
    }
}
