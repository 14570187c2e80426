package dev.supportdb.review;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests forecasts from 10,000 and 30,000 rows of tickets, with 50 users each, for a target of three million tickets and
 * 50 users.
 */
final class ForecastsTest {

    private static final TableSizes TARGET =
            new TableSizes(Map.of("public.tickets", 3_000_000L, "public.users", 50L), "by its statistics");

    private static SizedTrace sized(long tickets, Map<String, Long> work, double seconds) {
        PassTrace nothing = new PassTrace(List.of(), 0, true, null);
        Map<String, Long> rows = Map.of("public.tickets", tickets, "public.users", 50L, "public.labels", tickets);
        Duration time = Duration.ofNanos(Math.round(seconds * 1e9));
        return new SizedTrace(Map.of("it", new SizedTrace.Pass(time, work, nothing)), Map.of(),
                new TableSizes(rows, ""), rows);
    }

    private static Forecast forecast(Map<String, Long> few, double fewSeconds, Map<String, Long> more,
            double moreSeconds) {
        return new Forecasts(sized(10_000, few, fewSeconds), sized(30_000, more, moreSeconds), TARGET)
                .of("it", Set.of());
    }

    private static double likely(Forecast forecast) {
        return forecast.forward().likely().toNanos() / 1e9;
    }

    @Test
    void a_statement_that_reads_all_rows_grows_with_them_above_a_fixed_cost() {
        Forecast forecast = forecast(Map.of("public.tickets", 10_000L), 0.4, Map.of("public.tickets", 30_000L), 0.8);

        assertThat(likely(forecast)).isBetween(60.1, 60.3);
        assertThat(forecast.forward().low()).isLessThan(forecast.forward().likely());
        assertThat(forecast.forward().high()).isGreaterThan(forecast.forward().likely());
        assertThat(forecast.basis()).contains("10,000 and 30,000 rows", "3,000,000, by its statistics");
    }

    @Test
    void a_statement_that_reads_nothing_takes_as_long_on_any_size() {
        assertThat(likely(forecast(Map.of(), 0.004, Map.of(), 0.006))).isEqualTo(0.006);
    }

    @Test
    void a_table_that_the_target_has_small_is_read_quickly() {
        Map<String, Long> users = Map.of("public.users", 50L);

        assertThat(likely(forecast(users, 0.004, users, 0.006))).isEqualTo(0.006);
    }

    @Test
    void a_table_that_the_target_does_not_have_yet_grows_as_the_largest() {
        assertThat(likely(forecast(Map.of("public.labels", 10_000L), 1, Map.of("public.labels", 30_000L), 3)))
                .isBetween(299.0, 301.0);
    }

    /** As in a run of the benchmark: 3.0 s for a tenth of the rows, 5.1 s for three tenths, 21 s for all. */
    @Test
    void a_run_on_few_rows_that_something_else_slowed_down_does_not_lower_the_forecast() {
        assertThat(likely(forecast(Map.of("public.tickets", 10_000L), 3.0, Map.of("public.tickets", 30_000L), 5.1)))
                .isBetween(485.0, 486.0);
    }

    @Test
    void faster_on_more_rows_is_noise() {
        Forecast forecast = forecast(Map.of("public.tickets", 10_000L), 0.9, Map.of("public.tickets", 30_000L), 0.6);

        assertThat(likely(forecast)).isBetween(35.0, 36.0);
        assertThat(forecast.forward().low()).isLessThan(Duration.ofSeconds(30));
        assertThat(forecast.forward().high()).isGreaterThanOrEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void sizes_are_read_as_the_query_writes_them(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("sizes.csv"),
                "name,rows\npublic.tickets,3000000\n\"public.\"\"Odd, one\"\"\",7\n");

        assertThat(TableSizes.read(file).rows())
                .containsOnly(entry("public.tickets", 3_000_000L), entry("public.\"Odd, one\"", 7L));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "tickets 5\n", "name,rows\npublic.tickets\n", "name,rows\npublic.tickets,many\n",
            "name,rows\npublic.tickets,-1\n"})
    void a_file_that_is_something_else_is_refused(String text, @TempDir Path folder)
            throws IOException {
        Path file = Files.writeString(folder.resolve("sizes.csv"), text);

        assertThatThrownBy(() -> TableSizes.read(file)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("in line");
    }
}
