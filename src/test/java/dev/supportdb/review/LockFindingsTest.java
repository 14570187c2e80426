package dev.supportdb.review;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class LockFindingsTest {

    private static List<Finding> findings(String table, LockMode mode, long millis) {
        StatementTrace statement = new StatementTrace("a statement", Duration.ofMillis(millis), true, false, false,
                Duration.ofMillis(100), Map.of("public.backfill_ranges", LockMode.ROW_EXCLUSIVE, table, mode), Map.of(),
                Map.of(), Map.of(), Map.of(), Set.of(), Map.of(), Map.of(), 0);
        PassTrace pass = new PassTrace(List.of(new TransactionTrace(List.of(statement))), 0, true, null);
        return new LockFindings(pass, false, Map.of(table, 5000L), Set.of(), true, Duration.ofSeconds(1)).all();
    }

    @Test
    void a_batch_that_takes_long_is_told() {
        assertThat(findings("public.tickets", LockMode.ROW_EXCLUSIVE, 1400)).singleElement().satisfies(finding ->
                assertThat(finding.reason()).isEqualTo("A batch took 1.4 s, and its rows were locked so long."));
        assertThat(findings("public.tickets", LockMode.ROW_EXCLUSIVE, 900)).isEmpty();
    }

    /** Only the engine's own row is locked meanwhile. */
    @Test
    void a_backfill_may_take_its_time_to_read_which_rows_are_pending() {
        assertThat(findings("public.tickets", LockMode.ACCESS_SHARE, 1400)).isEmpty();
    }
}
