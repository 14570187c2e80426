package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A server runs out of something: time for a statement, room on the disk. */
final class ResourceTrials {

    /** The first batches are slower than any timeout, until they are smaller. */
    @Test
    void a_batch_that_takes_too_long_is_tried_again_with_fewer_rows() throws Exception {
        assertThat(new Shortages(SmallCampaign.lab()).ofTime()).allMatch(result -> result.times() > 0);
    }

    @Test
    void a_table_that_can_grow_no_further_is_gone_on_with_when_there_is_room_again() throws Exception {
        assertThat(new Shortages(SmallCampaign.lab()).ofRoom()).allMatch(result -> result.times() > 0);
    }
}
