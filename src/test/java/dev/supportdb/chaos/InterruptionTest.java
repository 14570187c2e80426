package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.chaos.Report.Part;
import dev.supportdb.chaos.Report.Result;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Broken off wherever it is, a migration is completed by the same command. */
final class InterruptionTest {

    @TempDir
    private Path folder;

    private Interruptions interruptions;

    @BeforeEach
    void start() throws Exception {
        interruptions = new Interruptions(SmallCampaign.lab(), folder);
    }

    @Test
    void the_same_command_completes_what_was_broken_off_in_a_backfill() throws Exception {
        assertThat(interruptions.inBackfills()).allMatch(result -> result.times() > 0)
                .extracting(Result::part).containsExactly(Part.KILL, Part.CRASH, Part.LOST_REPLY);
    }

    /** Had something been recorded that did not happen, it would be missing in the end. */
    @Test
    void so_it_does_at_any_time() throws Exception {
        assertThat(interruptions.atAnyTime()).allMatch(result -> result.times() > 0)
                .extracting(Result::part)
                .containsExactly(Part.KILL_AT_ANY_TIME, Part.CRASH_AT_ANY_TIME, Part.TERMINATE);
    }
}
