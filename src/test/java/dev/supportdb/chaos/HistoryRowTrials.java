package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * Broken off where what a changeset does and its row in the history could come apart, a migration is completed by the
 * same command. That stock Liquibase's is not, SupportDatabaseTest shows.
 */
final class HistoryRowTrials {

    @Test
    void the_same_command_completes_what_was_broken_off_at_a_row_of_the_history() throws Exception {
        assertThat(new HistoryRows(SmallCampaign.lab()).breakOff()).allMatch(result -> result.times() > 1);
    }
}
