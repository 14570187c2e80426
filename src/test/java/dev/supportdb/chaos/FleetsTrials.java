package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that one command updates many databases, whatever is wrong with some, and skips what is done. */
final class FleetsTrials {

    @TempDir
    private Path folder;

    @Test
    void what_is_wrong_with_one_is_its_row_and_the_same_command_completes_what_can_be() throws Exception {
        assertThat(new Fleets(SmallCampaign.CAMPAIGN, folder).updateTwice()).allMatch(result -> result.times() > 10);
    }
}
