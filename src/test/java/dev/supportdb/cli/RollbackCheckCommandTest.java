package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class RollbackCheckCommandTest {

    @Test
    void refuses_demo_data_of_nothing() {
        CommandRun run = CommandRun.offline("rollback-check", "--rows=0");

        assertThat(run.output()).contains("at least one ticket, not 0");
        assertThat(run.exitCode()).isEqualTo(2);
    }
}
