package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RehearseCommandTest {

    @ParameterizedTest
    @CsvSource({
            "--rows=0,  at least one",
            "--rows=-5,  at least one",
            "--max-seconds=0,  more than none",
            "--env=analytics,  the environment analytics has changelog/analytics.changelog-master.yaml",
    })
    void refuses_before_it_connects_what_it_cannot_rehearse(String option, String why) {
        CommandRun run = CommandRun.offline("rehearse", option);

        assertThat(run.output()).contains(why);
        assertThat(run.exitCode()).isEqualTo(2);
    }
}
