package dev.supportdb.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SessionSettingsTest {

    @ParameterizedTest
    @ValueSource(strings = {
        "create index concurrently ix on t (a)",
        "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS ix ON t (a)",
        "drop index concurrently if exists ix",
        "reindex index concurrently ix",
        "reindex (verbose) table concurrently t",
        "-- why\n/* and\nhow */ create\n  index\n  concurrently ix on t (a)",
    })
    void a_statement_that_works_on_an_index_concurrently_is_found(String sql) {
        assertThat(SessionSettings.worksConcurrently(sql)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "create index ix on t (a)",
        "create index ix on t (a) where b = 'concurrently'",
        "drop index ix",
        "reindex table t",
        "alter table t detach partition p concurrently",
        "-- create index concurrently ix on t (a)\nalter table t add column a int",
        "select 'create index concurrently ix on t (a)'",
    })
    void any_other_statement_is_left_out(String sql) {
        assertThat(SessionSettings.worksConcurrently(sql)).isFalse();
    }
}
