package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.support.Eventually;
import dev.supportdb.support.PackagedServer;
import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands as they are typed, and ended before they are done. */
final class BackupCommandTest {

    private static final String CANARY = "no-file-may-have-this";

    @TempDir
    private Path folder;

    private static PackagedServer server;
    private static TestDatabase database;

    @BeforeAll
    static void start() throws Exception {
        assumeThat(PackagedServer.installed()).as("a packaged PostgreSQL with pg_dump is there").isPresent();
        server = PackagedServer.start();
        TestDatabase support = server.create("support");
        support.execute("create table crates (id int primary key); insert into crates select generate_series(1, 100)");
        database = new TestDatabase(support.name(), support.url(), support.username(), CANARY);
    }

    @AfterAll
    static void stop() throws Exception {
        if (server != null) {
            database.letGo();
            server.close();
        }
    }

    @Test
    void says_what_it_did_and_how_to_restore_and_keeps_the_password_to_itself() throws Exception {
        CommandRun run = CommandRun.on(database, "backup", "--backup-dir=" + folder);

        assertThat(run.output()).containsPattern("(?s)^Backup    support, PostgreSQL .*by pg_dump .*: the same\n"
                + "Done      \\S+/pre_migration_\\S+\nRestore   \\./supportdb restore \\S+ --into=restored\n$");
        assertThat(run.exitCode()).isZero();
        String backup = run.output().replaceFirst("(?s).*Done      (\\S+)\n.*", "$1");
        database.execute("insert into crates values (101), (102); delete from crates where id = 7; "
                + "alter table crates add column note text; update crates set note = 'x'");
        CommandRun restored = CommandRun.on(database, "restore", backup, "--into=its copy");
        assertThat(restored.output()).contains("\n          public.crates: 2 added, 1 deleted, 0 changed\n");
        assertThat(restored.output()).contains("Done      database its copy\nBy hand   psql postgresql://%s@%s -v "
                .formatted(database.username(), database.url().replace("jdbc:postgresql://", ""))
                + "'database=its copy' -f " + backup + "/database.sql\n");
        assertThat(restored.exitCode()).isZero();
        assertThat(server.database("its copy").count("select count(*) from crates")).isEqualTo(100);
        server.any().execute("drop database \"its copy\" with (force)");
        assertThat(run.output() + restored.output()).doesNotContain(CANARY);
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1)).doesNotContain(CANARY);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--backup-with=tape", "--verify-backup=maybe", "--verify-backup=recent=", "--jobs=0",
        "--backup-with=command"})
    void an_unknown_value_is_misuse(String option) {
        CommandRun run = CommandRun.on(database, "backup", "--backup-dir=" + folder, option);

        assertThat(run.exitCode()).as(run.output()).isEqualTo(2);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void a_server_that_is_not_there_or_too_new_a_server_changes_nothing() throws Exception {
        TestDatabase nowhere = new TestDatabase("none", "jdbc:postgresql://127.0.0.1:1/none", "nobody", CANARY);
        assertThat(CommandRun.on(nowhere, "backup", "--backup-dir=" + folder).exitCode()).isEqualTo(2);

        CommandRun run = CommandRun.of(run(Map.of("PG_BIN", folder.toString())));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.output()).contains("pg_dump and pg_restore of PostgreSQL ",
                "and PG_BIN=" + folder + " has none");
        assertThat(folder).isEmptyDirectory();
    }

    /** Interrupts the dump, and the restore of the proof: the programs that they have started end as well. */
    @ParameterizedTest
    @ValueSource(strings = {"pg_dump INT", "pg_dump TERM", "pg_dump KILL", "pg_restore INT", "pg_restore TERM",
        "pg_restore KILL"})
    void nothing_is_left_when_it_is_ended_and_the_same_command_makes_it(String way) throws Exception {
        String[] words = way.split(" ");
        Path programs = Files.createDirectory(folder.resolve("programs"));
        for (String program : List.of("pg_dump", "pg_restore")) {
            Path file = Files.writeString(programs.resolve(program), """
                    #!/bin/sh
                    [ "$1" = --version ] || [ %1$s != %2$s ] || { : >%3$s; exec sleep 100; }
                    exec %4$s "$@"
                    """.formatted(program, words[0], folder.resolve("asleep"), server.programs().resolve(program)));
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Process process = run(Map.of("PG_BIN", programs.toString()));
        Eventually.until(() -> Files.exists(folder.resolve("asleep")), () -> "the program does not start");
        List<ProcessHandle> children = process.descendants().toList();

        assertThat(new ProcessBuilder("kill", "-" + words[1], Long.toString(process.pid())).start().waitFor()).isZero();

        assertThat(process.waitFor(40, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isNotZero();
        for (ProcessHandle child : children) {
            child.onExit().get(40, TimeUnit.SECONDS);
        }
        database.awaitThat("not exists (select from pg_locks where locktype = 'advisory')");
        if (!words[1].equals("KILL")) {
            assertThat(folder.resolve("backups")).isEmptyDirectory();
            assertThat(server.any().texts("select datname from pg_database where datname ~ '^support_'")).isEmpty();
        }
        CommandRun again = CommandRun.of(run(Map.of("PG_BIN", server.programs().toString())));
        assertThat(again.exitCode()).as(again.output()).isZero();
        try (Stream<Path> backups = Files.list(folder.resolve("backups"))) {
            assertThat(backups.map(path -> path.getFileName().toString())).singleElement().asString()
                    .matches("pre_migration_\\d{8}_\\d{6}");
        }
        assertThat(server.any().texts("select datname from pg_database where datname ~ '^support_'")).isEmpty();
    }

    private Process run(Map<String, String> more) throws IOException {
        return CommandRun.start(CommandRun.url(database), more, "backup", "--backup-dir=" + folder.resolve("backups"));
    }
}
