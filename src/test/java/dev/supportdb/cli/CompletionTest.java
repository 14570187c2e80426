package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A shell that has read the script completes what a person begins to type. */
final class CompletionTest {

    @TempDir
    private Path folder;

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
            "./supportdb upd         | update",
            "supportdb rollb         | rollback rollback-sql rollback-check",
            "./supportdb upgrade --w | --with-dependencies",
            "./supportdb backfills p | pause",
            "./supportdb completion  | bash zsh"})
    void bash_completes_commands_and_options(String typed, String offered) throws Exception {
        assumeThat(Files.isExecutable(Path.of("/usr/bin/bash"))).as("bash is there").isTrue();
        String line = typed.equals("./supportdb completion") ? typed + " ''" : typed;

        assertThat(bash(line).split("\\s+")).containsExactlyInAnyOrder(offered.split(" "));
    }

    @Test
    void an_unknown_shell_is_refused() {
        CommandRun run = CommandRun.offline("completion", "powershell");

        assertThat(run.output()).contains("'powershell'", "bash, zsh");
        assertThat(run.exitCode()).isEqualTo(2);
    }

    private String bash(String line) throws IOException, InterruptedException {
        Path script = Files.writeString(folder.resolve("completion"),
                CommandRun.offline("completion", "bash").output());
        Process bash = new ProcessBuilder(List.of("bash", "-c", """
                source "$1"
                complete -p ./supportdb supportdb >/dev/null || exit 1
                COMP_WORDS=(%s)
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                _complete_supportdb 2>/dev/null
                echo "${COMPREPLY[@]}"
                """.formatted(line), "bash", script.toString())).redirectErrorStream(true).start();
        String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(said).isZero();
        return said.strip();
    }
}
