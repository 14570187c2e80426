package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.embedded.EmbeddedPostgres;
import dev.supportdb.postgres.EmbeddedLogins;
import dev.supportdb.support.Eventually;
import dev.supportdb.support.PsqlScript;
import dev.supportdb.support.ServerPlace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands that start, stop and delete the project's own server: processes, which are killed and meet. */
final class EmbeddedServerTrials {

    private Path parent;
    private Path project;
    private Path folder;
    private String port;

    @BeforeEach
    void write_a_project_in_a_folder_that_is_hard_to_quote() throws IOException {
        // Not a @TempDir, because only its owner may enter it, and the server runs as another user.
        parent = Files.createTempDirectory("support-db-up-",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        project = Files.createDirectories(parent.resolve("it's our support db; (é) &"));
        folder = project.resolve(EmbeddedLogins.FOLDER);
        port = Integer.toString(ServerPlace.freePort());
        Files.createDirectory(project.resolve("contexts"));
        Files.writeString(project.resolve("contexts/dev.properties"), """
                changeLogFile=tiny.yaml
                url=jdbc:postgresql://127.0.0.1:15432/support
                username=support_owner
                contexts=dev
                """);
        Files.writeString(project.resolve("tiny.yaml"), """
                databaseChangeLog:
                  - changeSet: {id: one, author: test, changes: [{sql: {sql: create table crates (id int)}}]}
                """);
    }

    @AfterEach
    void leave_nothing_behind() throws IOException {
        new EmbeddedPostgres(folder, OptionalInt.empty()).reset();
        try (Stream<Path> files = Files.walk(parent)) {
            for (Path file : files.sorted((one, other) -> other.compareTo(one)).toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    void the_line_for_psql_works_as_it_is_printed_and_has_no_password() throws Exception {
        assumeThat(PsqlScript.isInstalled()).as("psql is on the PATH").isTrue();
        CommandRun up = run("up");
        assertThat(up.exitCode()).as(up.output()).isZero();
        Map<String, String> passwords = EmbeddedLogins.read(folder).orElseThrow().passwords();
        assertThat(passwords).hasSize(2);
        assertThat(up.output()).contains("started on 127.0.0.1:" + port).doesNotContain(passwords.values());

        Matcher line = Pattern.compile("(?m)^Connect +(.*)$").matcher(up.output());
        assertThat(line.find()).isTrue();
        assertThat(shell(line.group(1) + " -Atc 'select current_user, count(*) from crates'"))
                .isEqualTo(new CommandRun(0, "support_owner|0\n"));
        assertThat(shell(line.group(1).replace("passfile", "no_file") + " -wAtc 'select 1'").output())
                .as("without it nobody comes in").contains("no password supplied");
    }

    @Test
    void the_port_is_kept_until_another_is_asked_for() throws Exception {
        assertThat(run("up").output()).contains("started on 127.0.0.1:" + port);
        assertThat(runWithoutPort("up").output()).contains("already running on 127.0.0.1:" + port);
        assertThat(runWithoutPort("down").exitCode()).isZero();
        assertThat(runWithoutPort("up").output()).contains("started on 127.0.0.1:" + port);
        assertThat(runWithoutPort("status").output()).contains("127.0.0.1:" + port);

        port = Integer.toString(ServerPlace.freePort());
        assertThat(run("up").output()).contains("started on 127.0.0.1:" + port, "nothing to do");
        assertThat(runWithoutPort("status").output()).contains("127.0.0.1:" + port);

        for (String wrong : List.of("abc", "0", "80", "65536", "-1", "1e4")) {
            port = wrong;
            assertThat(run("up")).isEqualTo(new CommandRun(2,
                    "POSTGRES_PORT must be a whole number from 1024 to 65535, not '%s'\n".formatted(wrong)));
        }
    }

    @Test
    void two_commands_at_once_start_the_server_once() throws Exception {
        for (int round = 0; round < 2; round++) {
            List<Process> both = List.of(start("up"), start("up"));
            List<String> said = new ArrayList<>();
            for (Process one : both) {
                String output = new String(one.getInputStream().readAllBytes());
                assertThat(one.waitFor()).as(output).isZero();
                said.add(output);
            }
            assertThat(said).filteredOn(output -> output.contains("PostgreSQL started on")).hasSize(1);
            assertThat(said).filteredOn(output -> output.contains("PostgreSQL already running on")).hasSize(1);
            assertThat(run("reset").exitCode()).isZero();
            assertThat(folder).doesNotExist();
        }
    }

    @Test
    void a_command_that_meets_a_reset_or_a_stop_leaves_a_folder_that_the_next_start_can_use() throws Exception {
        for (Process one : List.of(start("up"), start("reset"), start("up"), start("down"))) {
            String output = new String(one.getInputStream().readAllBytes());
            // 3: another process has stopped the server during a migration.
            assertThat(one.waitFor()).as(output).isIn(0, 2, 3);
            assertThat(output).doesNotContain("\tat ");
        }
        CommandRun up = run("up");
        assertThat(up.exitCode()).as(up.output()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"unpacking, false", "data.new, true", "data.new/global/pg_control, false", "data, true",
        "data/postmaster.pid, false"})
    void a_command_that_is_killed_is_completed_by_the_next(String file, boolean withItsChildren) throws Exception {
        Process killed = start("up");
        Eventually.until(() -> Files.exists(folder.resolve(file)), () -> file + " is not made");
        List<ProcessHandle> all = new ArrayList<>(List.of(killed.toHandle()));
        if (withItsChildren) {
            all.addAll(killed.descendants().toList());
        }
        all.forEach(ProcessHandle::destroyForcibly);
        killed.waitFor();

        CommandRun up = run("up");
        assertThat(up.exitCode()).as(up.output()).isZero();
        assertThat(folder).isDirectoryNotContaining("glob:**{.new,unpacking,password}");
    }

    private CommandRun run(String command) throws Exception {
        return CommandRun.in(project, Map.of("POSTGRES_PORT", port), command);
    }

    private CommandRun runWithoutPort(String command) throws Exception {
        return CommandRun.in(project, Map.of("POSTGRES_PORT", ""), command);
    }

    private Process start(String command) throws IOException {
        return CommandRun.startIn(project, Map.of("POSTGRES_PORT", port), command);
    }

    private static CommandRun shell(String line) throws Exception {
        ProcessBuilder shell = new ProcessBuilder("sh", "-c", line).redirectErrorStream(true);
        shell.environment().keySet().removeIf(name -> name.startsWith("PG"));
        Process process = shell.start();
        String output = new String(process.getInputStream().readAllBytes());
        return new CommandRun(process.waitFor(), output);
    }
}
