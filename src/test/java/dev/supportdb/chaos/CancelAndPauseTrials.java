package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cancelled or paused at any moment, a backfill stops, and later goes on from there. */
final class CancelAndPauseTrials {

    @TempDir
    private Path folder;

    private CancelAndPause interventions;

    @BeforeEach
    void go_undisturbed() throws Exception {
        interventions = new CancelAndPause(SmallCampaign.lab(), folder);
    }

    @Test
    void cancelled_at_any_moment_it_is_completed_by_the_same_command() throws Exception {
        assertThat(interventions.cancel()).allMatch(result -> result.times() > 1);
    }

    @Test
    void paused_at_any_moment_it_goes_on_when_it_is_told_to() throws Exception {
        assertThat(interventions.pause()).allMatch(result -> result.times() > 1);
    }
}
