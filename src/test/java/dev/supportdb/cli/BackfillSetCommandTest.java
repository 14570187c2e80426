package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BackfillSetCommandTest {

    @ParameterizedTest
    @CsvSource({
            "--batch-time=0,       '--batch-time must be a whole number from 1 to 60000, or default, not ''0'''",
            "--batch-time=60001,   '--batch-time must be '",
            "--batch-time=1.5,     '--batch-time must be '",
            "--workers=65,     '--workers must be a whole number from 1 to 64, or default, not ''65'''",
            "--workers=two,    '--workers must be '",
            "--workers=,       '--workers must be '",
            "--rest-ratio=-0.1,      '--rest-ratio must be a number from 0 to 100, or default, not ''-0.1'''",
            "--rest-ratio=101,       '--rest-ratio must be '",
            "--rest-ratio=NaN,       '--rest-ratio must be '",
    })
    void refuses_a_wrong_setting_before_it_connects(String option, String why) {
        CommandRun run = CommandRun.offline("backfills", "set", "x", option);

        assertThat(run.output()).contains(why, "Nothing has been changed");
        assertThat(run.exitCode()).isEqualTo(2);
    }
}
