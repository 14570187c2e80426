package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that with any argument or setting, a command does what it says, or refuses in a sentence. */
final class HostileOptionsTrials {

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

    /** The first word is neither a file of options nor a size, and no campaign begins. */
    @ParameterizedTest
    @ValueSource(strings = {"dev.supportdb.bench.Bench", "dev.supportdb.chaos.Chaos"})
    void the_programs_beside_the_commands_take_no_nonsense(String program) throws Exception {
        for (String value : List.of("@" + Files.writeString(folder.resolve("options"), "--help"),
                "--rows=$(touch canary)\033[2J", "--seed=%s")) {
            Process process = new ProcessBuilder(ProcessHandle.current().info().command().orElseThrow(),
                    "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData",
                    "-cp", System.getProperty("java.class.path"), program, value)
                    .directory(folder.toFile()).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(HostileOptions.wrong(new CommandRun(process.waitFor(), said))).as(value + said).isEmpty();
            assertThat(process.exitValue()).as(said).isEqualTo(2);
            assertThat(folder.resolve("canary")).doesNotExist();
        }
    }

    @Test
    void a_run_that_goes_wrong_is_noticed() {
        assertThat(HostileOptions.wrong(new CommandRun(2, "There is no such thing.\n"))).isEmpty();
        assertThat(HostileOptions.wrong(new CommandRun(5, "x\n"))).containsExactly("exit code 5");
        assertThat(HostileOptions.wrong(new CommandRun(1, "x\n\tat dev.supportdb\n"))).containsExactly("a stack trace");
        assertThat(HostileOptions.wrong(new CommandRun(2, "a\033[2J"))).containsExactly("control characters");
        assertThat(HostileOptions.wrong(new CommandRun(2, "\n"))).containsExactly("nothing said");
    }

    /** It is refused before anything is changed, and not by the changeset that first needs it. */
    @ParameterizedTest
    @ValueSource(strings = {"SUPPORTDB_LOCK_PATIENCE", "SUPPORTDB_BACKFILL_WORKERS", "SUPPORTDB_BACKFILL_HOLD_VACUUM"})
    void a_setting_that_cannot_be_read_is_refused_by_name(String variable) throws Exception {
        Path project = Files.createDirectory(folder.resolve("project"));
        HostileOptions.write(project);
        try (TestDatabase database = Databases.empty()) {
            CommandRun run = CommandRun.in(project,
                    Map.of("DATABASE_URL", CommandRun.url(database), variable, "$(touch canary)"), "update");

            assertThat(run.exitCode()).as(run.output()).isEqualTo(2);
            assertThat(run.output()).startsWith(variable.toLowerCase(Locale.ROOT).replace('_', '.'))
                    .contains("$(touch canary)", "Nothing has been changed.").doesNotContain("Exception");
            assertThat(database.count("select count(*) from pg_class where relname = 'databasechangelog'")).isZero();
        }
        assertThat(project.resolve("canary")).doesNotExist();
    }

    /** Maven's plugin looks for settings before it knows ours. */
    @Test
    void a_setting_that_cannot_be_read_is_refused_by_a_maven_goal_too() throws Exception {
        assumeThat(FreshClone.isPossible()).as("make and mvn are on the PATH").isTrue();
        FreshClone clone = FreshClone.in(folder.resolve("clone"), 0);
        try (TestDatabase database = Databases.empty()) {
            assertThat(clone.type("mvn -q -B liquibase:update -Dsupportdb.backfill.workers='$(touch canary)'", database)
                    .output()).contains("supportdb.backfill.workers must be a whole number from 1 to 64, not "
                            + "'$(touch canary)'. Nothing has been changed.");
            assertThat(database.count("select count(*) from pg_class where relname = 'databasechangelog'")).isZero();
        }
        assertThat(clone.file("canary")).doesNotExist();
    }

    /** This holds also for a variable that the driver or Liquibase reads by itself. */
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
