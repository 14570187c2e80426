package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Broken off while it builds or drops an index, a migration leaves one that is not valid, and mends it. */
final class IndexTrials {

    @TempDir
    private Path folder;

    @Test
    void broken_off_in_any_phase_it_is_completed_by_the_same_command() throws Exception {
        assertThat(new IndexBuilds(SmallCampaign.lab(), folder).breakOff()).allMatch(result -> result.times() > 1);
    }
}
