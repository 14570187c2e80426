package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.chaos.WatchedRun.Moment;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cancelled or paused at any moment, a backfill stops, and later goes on from there. */
final class CancelAndPauseTest {

    private record Trial(ReferenceRun.Stretch stretch, Moment moment) {}

    private static ChaosServer lab;
    private static ReferenceRun way;

    @TempDir
    private Path folder;

    @BeforeAll
    static void go_undisturbed() throws Exception {
        lab = ChaosServer.open();
        way = lab.shortWay();
    }

    @Test
    void cancelled_at_any_moment_it_is_completed_by_the_same_command() throws Exception {
        List<Trial> trials = trials(Moment.WRITING);
        for (Trial trial : trials) {
            cancel(trial.stretch(), trial.moment());
        }
        cancelWhenFinished();
        Report.passed(Report.Part.CANCEL, trials.size() + 1, "the run fails at once and says that it was cancelled");
    }

    private void cancel(ReferenceRun.Stretch stretch, Moment moment) throws Exception {
        TestDatabase database = databaseBefore(stretch);
        try (WatchedRun run = new WatchedRun(database, stretch, first(stretch), folder)) {
            run.bringTo(moment);
            run.change("requested_state = 'cancel', rest_ratio = null");
            assertThatThrownBy(run::join).hasMessageContaining("it was cancelled");
        }
        stretch.command().run(new LiquibaseRunner(ChaosServer.START.of(database)));
        assertRightAfter(stretch, database);
    }

    /** There is nothing left to cancel, and what comes next is another matter. */
    private static void cancelWhenFinished() throws Exception {
        TestDatabase database = lab.copyOf(way.undisturbed());
        database.execute("update backfills set requested_state = 'cancel'");

        way.back().command().run(new LiquibaseRunner(ChaosServer.START.of(database)));

        assertRightAfter(way.back(), database);
    }

    @Test
    void paused_at_any_moment_it_goes_on_when_it_is_told_to() throws Exception {
        List<Trial> trials = trials(Moment.RESTING);
        for (Trial trial : trials) {
            pause(trial.stretch(), trial.moment());
        }
        pauseWhenFinished();
        Report.passed(Report.Part.PAUSE, trials.size() + 1, "nothing is written and no row is locked until it goes on");
    }

    private void pause(ReferenceRun.Stretch stretch, Moment moment) throws Exception {
        TestDatabase database = databaseBefore(stretch);
        try (WatchedRun run = new WatchedRun(database, stretch, first(stretch), folder)) {
            run.bringTo(moment);
            run.change("requested_state = 'pause', rest_ratio = null");
            run.letGo();
            run.await("waiting_for = 'paused'");
            WriteCounter before = WriteCounter.of(database);
            run.awaitTwoLooks();
            assertThat(WriteCounter.of(database)).isEqualTo(before);
            database.execute("select from tickets for update nowait");
            run.change("requested_state = 'run'");
            run.join();
        }
        assertRightAfter(stretch, database);
    }

    /** A pause stays until it is taken back, also for a run that has yet to begin. */
    private void pauseWhenFinished() throws Exception {
        TestDatabase database = lab.copyOf(way.undisturbed());
        try (WatchedRun run = new WatchedRun(database, way.back(), "ticket_priority", folder)) {
            run.change("requested_state = 'pause'");
            run.letGo();
            run.await("state = 'undoing' and waiting_for = 'paused'");
            run.change("requested_state = 'run'");
            run.join();
        }
        assertRightAfter(way.back(), database);
    }

    /** One in the suite; in the full campaign all there are, in both directions. */
    private static List<Trial> trials(Moment one) {
        return !Campaign.FULL ? List.of(new Trial(forward(), one))
                : Stream.of(forward(), way.back())
                        .flatMap(stretch -> Stream.of(Moment.values()).map(moment -> new Trial(stretch, moment)))
                        .toList();
    }

    private static ReferenceRun.Stretch forward() {
        return way.forward().get(0);
    }

    private static String first(ReferenceRun.Stretch stretch) {
        return stretch.rows().keySet().iterator().next();
    }

    private static TestDatabase databaseBefore(ReferenceRun.Stretch stretch) throws SQLException {
        return stretch == way.back() ? lab.copyOf(way.undisturbed()) : lab.copy();
    }

    private static void assertRightAfter(ReferenceRun.Stretch stretch, TestDatabase database) throws SQLException {
        List<String> findings = stretch == way.back()
                ? PostconditionCheck.atStart(database, way) : PostconditionCheck.atEnd(database, way);
        assertThat(findings).isEmpty();
        lab.drop(database);
    }
}
