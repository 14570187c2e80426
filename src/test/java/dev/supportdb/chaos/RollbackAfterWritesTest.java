package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A rollback keeps what applications have written since the update, or is refused. */
final class RollbackAfterWritesTest {

    @Test
    void every_write_in_the_new_shape_is_there_in_the_old_one() throws Exception {
        assertThat(new RollbacksAfterWrites(SmallCampaign.CAMPAIGN).rollBack()).allMatch(result -> result.times() > 0);
    }
}
