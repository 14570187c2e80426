package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class RehearseTest {

    @ParameterizedTest
    @CsvSource({
            "--rows=0,  at least one",
            "--rows=-5,  at least one",
            "--env=analytics,  the environment analytics has changelog/analytics.changelog-master.yaml",
    })
    void refuses_before_it_connects_what_it_cannot_rehearse(String option, String why) {
        StringWriter error = new StringWriter();

        int exitCode = new CommandLine(new Rehearse()).setErr(new PrintWriter(error)).execute(option);

        assertThat(error.toString()).contains(why);
        assertThat(exitCode).isEqualTo(CommandLine.ExitCode.USAGE);
    }
}
