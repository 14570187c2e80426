package dev.supportdb.backfill.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class BatchSizeTest {

    private static final Duration TARGET = Duration.ofMillis(100);

    private final BatchSize size = new BatchSize();

    @Test
    void settles_within_ten_batches_of_a_change_of_load() {
        work(10, 20);
        assertThat(size.rows()).isBetween(3_750, 6_250);

        work(10, 200);
        assertThat(size.rows()).isBetween(375, 625);

        work(10, 20);
        assertThat(size.rows()).isBetween(3_750, 6_250);
    }

    private void work(int batches, int microsARow) {
        for (int batch = 0; batch < batches; batch++) {
            size.took(size.rows(), Duration.ofNanos(1_000L * microsARow * size.rows()), TARGET);
        }
    }

    @Test
    void follows_another_target() {
        work(10, 20);
        for (int batch = 0; batch < 10; batch++) {
            size.took(size.rows(), Duration.ofNanos(20_000L * size.rows()), Duration.ofMillis(10));
        }
        assertThat(size.rows()).isEqualTo(500);
    }

    @Test
    void one_slow_batch_only_halves_the_size() {
        int before = size.rows();

        size.took(before, Duration.ofMinutes(1), TARGET);

        assertThat(size.rows()).isEqualTo(before / 2);
    }

    @Test
    void a_batch_cut_short_says_nothing_against_a_larger_one() {
        int before = size.rows();

        size.took(10, Duration.ofMillis(1), TARGET);

        assertThat(size.rows()).isGreaterThanOrEqualTo(before);
    }

    @Test
    void never_shrinks_to_nothing() {
        for (int batch = 0; batch < 100; batch++) {
            size.refused();
        }
        assertThat(size.rows()).isPositive();
    }
}
