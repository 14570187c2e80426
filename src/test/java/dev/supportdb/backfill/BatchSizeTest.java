package dev.supportdb.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class BatchSizeTest {

    @Test
    void settles_where_a_batch_takes_a_tenth_of_a_second() {
        BatchSize size = new BatchSize();
        for (int batch = 0; batch < 10; batch++) {
            size.took(Duration.ofNanos(20_000L * size.rows()));
        }
        assertThat(size.rows()).isEqualTo(5_000);
    }

    @Test
    void one_slow_batch_only_halves_it() {
        BatchSize size = new BatchSize();
        int before = size.rows();

        size.took(Duration.ofMinutes(1));

        assertThat(size.rows()).isEqualTo(before / 2);
    }

    @Test
    void never_shrinks_to_nothing() {
        BatchSize size = new BatchSize();
        for (int batch = 0; batch < 100; batch++) {
            size.refused();
        }
        assertThat(size.rows()).isPositive();
    }
}
