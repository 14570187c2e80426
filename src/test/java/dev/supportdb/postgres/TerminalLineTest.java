package dev.supportdb.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TerminalLineTest {

    private static final String ERASE = "\r\033[?7l\033[K\033[?7h";

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final PrintStream output = new PrintStream(written, true, StandardCharsets.UTF_8);

    @Test
    void makes_room_for_what_stays() {
        try (TerminalLine line = new TerminalLine(output)) {
            line.before(output::print).accept("begun,");
            line.show("1 %");
            line.before(output::print).accept("waits,");
            line.before(output::print).accept("goes on,");
            line.show("2 %");
        }

        assertThat(written.toString(StandardCharsets.UTF_8)).isEqualTo(
                "begun," + over("1 %") + ERASE + "waits,goes on," + over("2 %") + ERASE);
    }

    private static String over(String line) {
        return ERASE.replace("\033[K", line + "\033[K");
    }

    /** The same process twice: once its output is a pipe, once a terminal, which the command script makes. */
    @Test
    void the_line_is_shown_on_a_terminal_only() throws IOException, InterruptedException {
        String java = String.join(" ", Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp", "'" + System.getProperty("java.class.path") + "'", "'" + IsThere.class.getName() + "'");

        assertThat(run("sh", "-c", java)).isEqualTo("false");

        assumeTrue(run("sh", "-c", "script --version").contains("util-linux"), "there is no script of util-linux");
        assertThat(run("script", "-qec", java, "/dev/null")).isEqualTo("true");
        assertThat(run("script", "-qec", java + " < /dev/null", "/dev/null")).isEqualTo("true");
        assertThat(run("script", "-qec", java + " | cat", "/dev/null")).isEqualTo("false");
        assertThat(run("script", "-qec", "CI=true " + java, "/dev/null")).isEqualTo("false");
    }

    private static final class IsThere {

        public static void main(String[] arguments) {
            System.out.println(TerminalLine.isThere());
        }
    }

    private static String run(String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(List.of(command)).redirectErrorStream(true);
        builder.environment().remove("CI");
        builder.environment().put("TERM", "xterm");
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output.strip();
    }
}
