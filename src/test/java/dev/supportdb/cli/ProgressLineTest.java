package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests the line in its own process, as a command of the launcher: its output made printable, on a terminal or not. */
final class ProgressLineTest {

    private static final String JAVA = String.join(" ", Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp", "'" + System.getProperty("java.class.path") + "'", "'" + Command.class.getName() + "'");

    @Test
    void a_terminal_shows_one_line_written_over() throws Exception {
        assumeTrue(run("sh", "-c", "script --version").contains("util-linux"), "there is no script of util-linux");

        assertThat(run("script", "-qec", JAVA, "/dev/null")).contains("\033[?7lfirst\033[K", "\r\033[?7lsecond\033[K")
                .doesNotContain("\\u000d", "\\u001b").endsWith("done");
    }

    @Test
    void a_pipe_gets_nothing_that_moves() throws Exception {
        assertThat(run("sh", "-c", JAVA)).isEqualTo("done");
        assumeTrue(run("sh", "-c", "script --version").contains("util-linux"), "there is no script of util-linux");
        assertThat(run("script", "-qec", "CI=true " + JAVA, "/dev/null")).isEqualTo("done");
    }

    private static final class Command {

        public static void main(String[] arguments) {
            TerminalOutput.install();
            try (ProgressLine progress = new ProgressLine()) {
                progress.show("first");
                progress.show("second");
            }
            System.out.println("done");
        }
    }

    private static String run(String... command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(List.of(command)).redirectErrorStream(true);
        builder.environment().remove("CI");
        builder.environment().put("TERM", "xterm");
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output.strip();
    }
}
