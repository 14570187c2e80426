package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class CheckRollbacksTest {

    @Test
    void refuses_demo_data_of_nothing() {
        StringWriter error = new StringWriter();

        int exitCode = new CommandLine(new CheckRollbacks()).setErr(new PrintWriter(error)).execute("--rows=0");

        assertThat(error.toString()).contains("at least one ticket, not 0");
        assertThat(exitCode).isEqualTo(CommandLine.ExitCode.USAGE);
    }
}
