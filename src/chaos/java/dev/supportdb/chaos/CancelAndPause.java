package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.chaos.Report.Part;
import dev.supportdb.chaos.Report.Result;
import dev.supportdb.chaos.WatchedRun.Moment;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import liquibase.exception.CommandExecutionException;

/** Cancelled or paused at any moment, a backfill stops, and later goes on from there. */
final class CancelAndPause {

    private record Trial(ReferenceRun.Stretch stretch, Moment moment) {}

    private final ChaosServer lab;
    private final ReferenceRun way;
    private final Path folder;

    CancelAndPause(ChaosServer lab, Path folder) throws SQLException, CommandExecutionException {
        this.lab = lab;
        this.way = lab.shortWay();
        this.folder = folder;
    }

    /** Cancelled, it is completed by the same command. */
    List<Result> cancel() throws Exception {
        List<Trial> trials = trials("cancelled");
        for (Trial trial : trials) {
            cancel(trial.stretch(), trial.moment());
        }
        cancelWhenFinished();
        return Result.of(Part.CANCEL, trials.size() + 1, "the run fails at once and says that it was cancelled");
    }

    private void cancel(ReferenceRun.Stretch stretch, Moment moment) throws Exception {
        TestDatabase database = databaseBefore(stretch);
        try (WatchedRun run = new WatchedRun(database, way, stretch, first(stretch), folder)) {
            run.bringTo(moment);
            run.change("requested_state = 'cancel', rest_ratio = null");
            assertThatThrownBy(run::join).hasMessageContaining("it was cancelled");
        }
        stretch.command().run(way.migration(database));
        assertRightAfter(stretch, database);
    }

    /** Cancels a finished backfill, which changes nothing: the next run is another matter. */
    private void cancelWhenFinished() throws Exception {
        TestDatabase database = lab.copyOf(way.undisturbed());
        database.execute("update backfills set requested_state = 'cancel'");

        way.back().command().run(way.migration(database));

        assertRightAfter(way.back(), database);
    }

    /** Paused, it goes on when it is told to. */
    List<Result> pause() throws Exception {
        List<Trial> trials = trials("paused");
        for (Trial trial : trials) {
            pause(trial.stretch(), trial.moment());
        }
        pauseWhenFinished();
        return Result.of(Part.PAUSE, trials.size() + 1, "nothing is written and no row is locked until it is resumed");
    }

    private void pause(ReferenceRun.Stretch stretch, Moment moment) throws Exception {
        TestDatabase database = databaseBefore(stretch);
        try (WatchedRun run = new WatchedRun(database, way, stretch, first(stretch), folder)) {
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
        try (WatchedRun run = new WatchedRun(database, way, way.back(), "ticket_priority", folder)) {
            run.change("requested_state = 'pause'");
            run.letGo();
            run.await("state = 'undoing' and waiting_for = 'paused'");
            run.change("requested_state = 'run'");
            run.join();
        }
        assertRightAfter(way.back(), database);
    }

    /** Returns all trials, in both directions, or a few of them. */
    private List<Trial> trials(String name) {
        List<Trial> all = new ArrayList<>(Stream.of(way.forward().get(0), way.back())
                .flatMap(stretch -> Stream.of(Moment.values()).map(moment -> new Trial(stretch, moment)))
                .toList());
        Collections.shuffle(all, lab.campaign().random(name));
        return all.subList(0, lab.campaign().moments());
    }

    private static String first(ReferenceRun.Stretch stretch) {
        return stretch.rows().keySet().iterator().next();
    }

    private TestDatabase databaseBefore(ReferenceRun.Stretch stretch) throws SQLException {
        return stretch == way.back() ? lab.copyOf(way.undisturbed()) : lab.copy();
    }

    private void assertRightAfter(ReferenceRun.Stretch stretch, TestDatabase database) throws SQLException {
        List<String> findings = stretch == way.back()
                ? PostconditionCheck.atStart(database, way) : PostconditionCheck.atEnd(database, way);
        assertThat(findings).isEmpty();
        lab.drop(database);
    }
}
