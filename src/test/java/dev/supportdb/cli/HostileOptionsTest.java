package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is typed or set, a command does it, or says in a sentence why not. */
final class HostileOptionsTest {

    @TempDir
    private Path folder;

    @Test
    void no_option_and_no_word_is_run_or_ends_in_a_stack_trace() throws Exception {
        Process program = new ProcessBuilder(ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData",
                "-cp", System.getProperty("java.class.path"), HostileOptions.class.getName())
                .directory(Files.createDirectory(folder.resolve("project")).toFile()).redirectErrorStream(true).start();

        assertThat(new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .matches("\\d{4,} runs\n");
    }

    /** Before anything is changed, and not by the changeset that first needs it. */
    @ParameterizedTest
    @ValueSource(strings = {"SUPPORTDB_LOCK_PATIENCE", "SUPPORTDB_BACKFILL_WORKERS", "SUPPORTDB_BACKFILL_HOLD_VACUUM"})
    void a_setting_that_cannot_be_read_is_refused_by_name(String variable) throws Exception {
        Path project = Files.createDirectory(folder.resolve("project"));
        HostileOptions.write(project);
        try (TestDatabase database = Databases.empty()) {
            CommandRun run = CommandRun.in(project,
                    Map.of("DATABASE_URL", CommandRun.url(database), variable, "$(touch canary)"), "update");

            assertThat(run.exitCode()).as(run.output()).isEqualTo(1);
            assertThat(run.output()).startsWith(variable.toLowerCase(Locale.ROOT).replace('_', '.'))
                    .contains("$(touch canary)", "Nothing has been changed.").doesNotContain("Exception");
            assertThat(database.count("select count(*) from pg_class where relname = 'databasechangelog'")).isZero();
        }
        assertThat(project.resolve("canary")).doesNotExist();
    }

    /** Also of a variable that the driver or Liquibase reads by itself. */
    @ParameterizedTest
    @ValueSource(strings = {"DATABASE_URL", "DB_USERNAME", "DB_PASSWORD", "PGPASSWORD", "PGPASSFILE", "PGSSLMODE",
        "PGSSLROOTCERT", "SCRATCH_URL", "SUPPORTDB_LOCK_PATIENCE"})
    void no_variable_is_run_or_ends_in_a_stack_trace(String variable) throws Exception {
        Path project = Files.createDirectory(folder.resolve("project"));
        HostileOptions.write(project);
        String value = "$(touch canary)\033[2J'; touch canary; `touch canary` %s${env:HOME}";

        CommandRun run = CommandRun.in(project, Map.of(variable, value), "update");

        assertThat(run.exitCode()).as(run.output()).isEqualTo(2);
        assertThat(run.output()).isNotBlank().doesNotContain("\tat ", "Exception", "\033");
        assertThat(project.resolve("canary")).doesNotExist();
    }
}
