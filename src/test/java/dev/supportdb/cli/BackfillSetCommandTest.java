package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BackfillSetCommandTest {

    @ParameterizedTest
    @CsvSource({
            "--target=0,       'target must be a whole number from 1 to 60000, or default, not ''0'''",
            "--target=60001,   'target must be '",
            "--target=1.5,     'target must be '",
            "--workers=65,     'workers must be a whole number from 1 to 64, or default, not ''65'''",
            "--workers=two,    'workers must be '",
            "--workers=,       'workers must be '",
            "--rest=-0.1,      'rest must be a number from 0 to 100, or default, not ''-0.1'''",
            "--rest=101,       'rest must be '",
            "--rest=NaN,       'rest must be '",
    })
    void refuses_a_wrong_setting_before_it_connects(String option, String why) {
        CommandRun run = CommandRun.offline("backfills", "set", "x", option);

        assertThat(run.output()).contains(why, "Nothing was changed");
        assertThat(run.exitCode()).isEqualTo(2);
    }
}
