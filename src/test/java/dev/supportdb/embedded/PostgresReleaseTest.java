package dev.supportdb.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PostgresReleaseTest {

    @ParameterizedTest
    @CsvSource({
            "postgres (PostgreSQL) 15.19, 15.20",
            "postgres (PostgreSQL) 17.9, 17.12",
            "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1), 15.20"})
    void an_older_release_is_told_the_newest_of_its_major(String version, String newer) {
        assertThat(PostgresRelease.of(version).newer()).hasToString("Optional[" + newer + "]");
    }

    @ParameterizedTest
    @CsvSource({"postgres (PostgreSQL) 15.20", "postgres (PostgreSQL) 15.21", "postgres (PostgreSQL) 19.0"})
    void the_newest_and_one_that_is_not_known_yet_are_told_nothing(String version) {
        assertThat(PostgresRelease.of(version).newer()).isEmpty();
    }

    @Test
    void a_version_without_a_minor_number_is_refused() {
        assertThatIllegalArgumentException().isThrownBy(() -> PostgresRelease.of("postgres (PostgreSQL) 19beta1"))
                .withMessageContaining("19beta1");
    }
}
