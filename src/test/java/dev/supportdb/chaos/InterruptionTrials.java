package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.chaos.Report.Part;
import dev.supportdb.chaos.Report.Result;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Broken off in each of its backfills, a migration is completed by the same command. */
final class InterruptionTrials {

    @Test
    void the_same_command_completes_what_was_broken_off_in_a_backfill(@TempDir Path folder) throws Exception {
        assertThat(new Interruptions(SmallCampaign.lab(), folder).inBackfills()).allMatch(result -> result.times() > 0)
                .extracting(Result::part).containsExactly(Part.KILL, Part.CRASH, Part.LOST_REPLY);
    }
}
