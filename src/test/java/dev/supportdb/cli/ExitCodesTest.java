package dev.supportdb.cli;

import static dev.supportdb.support.TinyChangelog.backfill;
import static dev.supportdb.support.TinyChangelog.changeSet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.DocumentationPage;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TinyChangelog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import liquibase.Scope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Each exit code has a case that ends with it: in this process, and 2 also in one of its own, with one handed down. */
final class ExitCodesTest {

    private static final String GUARDED = """
            - changeSet:
                id: guarded
                author: test
                changes:
                  - sql: {sql: select 1}
                rollback:
                  - refuse: {loses: crates.size, rows: select * from crates}
            """;

    private static final String SHA256_OF_NOTHING =
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    @TempDir(factory = InThisProject.class)
    private Path project;

    private TestDatabase database;

    /** Makes the folder where a command in this process finds the changelog. */
    private static final class InThisProject implements TempDirFactory {

        @Override
        public Path createTempDirectory(AnnotatedElementContext folder, ExtensionContext test) throws IOException {
            return Files.createTempDirectory(Path.of("target"), "exit-codes-");
        }
    }

    @AfterEach
    void drop() throws SQLException {
        if (database != null) {
            database.close();
        }
    }

    /** Writes the changelog, the first time for a new database with a table. */
    private void changelog(String changeSets) throws Exception {
        if (database == null) {
            database = Databases.at(MigrationState.head());
            database.execute("create table crates (id integer primary key, size int, weight int)");
            database.execute("insert into crates values (1, 1), (2, 1), (3, null)");
            connectTo(database.url());
        }
        new TinyChangelog(project, database).of(changeSets);
    }

    private Path settings() {
        return project.resolve("contexts/dev.properties");
    }

    private void connectTo(String url) throws IOException {
        Files.createDirectories(settings().getParent());
        Files.writeString(settings(), """
                changeLogFile=%s
                url=%s
                username=%s
                password=%s
                contexts=test
                """.formatted(project.resolve("tiny.yaml"), url, database.username(), database.password()));
    }

    @Test
    void done_is_0_and_so_is_nothing_to_do() throws Exception {
        changelog(changeSet("one", "", "select 1", "select 1"));

        assertExit(0, "1 changeset applied", "update");
        assertExit(0, "nothing to do", "update");
        assertExit(0, "1 changeset undone", "rollback");
    }

    @Test
    void refused_is_1_until_the_loss_is_named() throws Exception {
        changelog(GUARDED);
        assertExit(0, "1 changeset applied", "update");

        assertExit(1, "--discard=crates.size", "rollback");
        assertExit(1, "names boxes, which no rollback discards", "rollback", "--discard=boxes");
        assertExit(0, "1 changeset undone", "rollback", "--discard=crates.size");
    }

    @Test
    void misused_or_not_connected_is_2() throws Exception {
        changelog(GUARDED);

        assertExit(2, "Unknown option", "update", "--colour");
        assertThat(CommandRun.offline("update", "--env=nowhere")).satisfies(run -> {
            assertThat(run.output()).startsWith("There is no environment nowhere");
            assertThat(run.exitCode()).isEqualTo(2);
        });
        assertExit(2, "must be a whole number from 1 on, not 'all'", "rollback", "--count=all");
        assertExit(2, "cannot be read", "update", "--labels=main or");
        connectTo("jdbc:postgresql://127.0.0.1:1/none");
        for (String command : List.of("update", "rollback", "status", "current", "backfills")) {
            assertExit(2, "No PostgreSQL server answers", command);
        }
    }

    @Test
    void a_command_while_all_is_left_to_liquibase_is_2() throws Exception {
        changelog(changeSet("one", "", "create table unwanted ()", null));

        CommandRun refused = CommandRun.in(Path.of("").toAbsolutePath(), Map.of("SUPPORTDB_ENABLED", "false"), "update",
                "--settings=" + settings());
        assertThat(refused.exitCode()).as(refused.output()).isEqualTo(2);
        assertThat(refused.output()).contains("supportdb.enabled is false", "unset it", "mvn liquibase:update");
        assertThat(database.text("select to_regclass('unwanted')")).isNull();
        Scope.child("supportdb.enabled", false, () -> assertExit(0, "Usage: ./supportdb update", "update", "--help"));
        assertExit(0, "1 changeset applied", "update");
    }

    @Test
    void a_resumable_failure_is_3() throws Exception {
        changelog(backfill("fill", "name: crates", "table: crates", "pending: weight is null",
                "fill: update crates set weight = 1 / (size - 1) where id = any(:keys)"));
        database.execute("update crates set size = 1");
        assertExit(3, "division by zero", "update");
        database.execute("update crates set size = 2");
        assertExit(0, "1 changeset applied", "update");

        changelog(changeSet("cut", "", "select pg_terminate_backend(pg_backend_pid())", null));
        assertExit(3, "cut", "update");

        changelog(changeSet("locked", "", "alter table crates add colour int", null));
        try (Connection other = database.connect(); Statement lock = other.createStatement()) {
            other.setAutoCommit(false);
            lock.execute("lock table crates");
            Scope.child("supportdb.lock.patience", 1, () -> assertExit(3, "Gave up after 1 s", "update"));
        }
        assertExit(0, "1 changeset applied", "update");
    }

    @Test
    void a_rolled_back_failure_is_4() throws Exception {
        changelog(changeSet("half", "", "alter table crates add colour int; insert into nowhere values (1)", null));
        assertExit(4, "relation \"nowhere\" does not exist", "update");
        assertThat(database.count("select count(*) from information_schema.columns where column_name = 'colour'"))
                .isZero();

        changelog(changeSet("back", "", "select 1", "drop table nowhere"));
        assertExit(0, "1 changeset applied", "update");
        assertExit(4, "table \"nowhere\" does not exist", "rollback");
        assertExit(4, "changeset has changed nothing, and those before it are kept. Correct it", "rollback");
    }

    @Test
    void a_failure_that_may_have_left_a_part_is_5() throws Exception {
        changelog(changeSet("index", "runInTransaction: false",
                "create unique index concurrently uq_crates on crates (size)", null));

        assertExit(5, "could not create unique index", "update");
        assertExit(5, "may have left a part of its work. docs/failed-migrations.md", "update");
        assertThat(database.texts("select indexrelid::regclass from pg_index where not indisvalid"))
                .containsExactly("uq_crates");
    }

    /** Commands of files alone, and of the embedded server alone; the last is tried where its JPA classes are. */
    private static final Set<String> NEED_NO_SERVER =
            Set.of("down", "reset", "branches", "revision", "merge", "lint", "completion", "autogenerate");

    static Stream<Arguments> needServer() {
        Map<String, String> words = new TreeMap<>(Map.of("upgrade", "016", "downgrade", "-1", "stamp", "heads",
                "show", "016", "trace", "008:009", "restore", "{backup} --into=x"));
        words.putAll(Map.of("fleet status", "{target}", "fleet update", "{target}", "fleet check", "{target}",
                "fleet review", "{target}",
                "backfills pause", "x", "backfills resume", "x", "backfills cancel", "x",
                "backfills set", "x --workers=2", "backfills work", "x"));
        return leaves(Main.commands(Map.of())).filter(command -> !NEED_NO_SERVER.contains(path(command)))
                .map(command -> Arguments.of(path(command) + " " + words.getOrDefault(path(command), ""),
                        command.getCommandSpec().optionsMap().containsKey("--json")));
    }

    /** The commands that do something: one with others beneath it may as well. */
    static Stream<CommandLine> leaves(CommandLine command) {
        Stream<CommandLine> beneath = command.getSubcommands().values().stream().flatMap(ExitCodesTest::leaves);
        return command.getSubcommands().isEmpty() || command.getCommand() instanceof Callable ? Stream.concat(Stream.of(command), beneath) : beneath;
    }

    static String path(CommandLine command) {
        return command.getCommandSpec().qualifiedName().replaceFirst("^./supportdb ?", "");
    }

    /** Creates a complete backup of nothing. */
    private Path backup() throws IOException {
        Path backup = project.resolve("backup");
        Files.createDirectories(backup.resolve("dump"));
        List<String> files = List.of("backup.properties", "contents.tsv");
        for (String file : files) {
            Files.createFile(backup.resolve(file));
        }
        return Files.write(backup.resolve("SHA256SUMS"), files.stream().map(file -> SHA256_OF_NOTHING + "  " + file)
                .toList()).getParent();
    }

    @ParameterizedTest
    @MethodSource("needServer")
    void a_server_that_is_down_is_2(String command, boolean hasJson) throws Exception {
        String down = "jdbc:postgresql://127.0.0.1:1/none";
        Files.writeString(project.resolve("target.properties"), """
                changeLogFile=changelog/db.changelog-master.yaml
                url=%s
                username=nobody
                contexts=test
                """.formatted(down));
        String typed = command.strip().replace("{backup}", backup().toString())
                .replace("{target}", project.resolve("target.properties").toAbsolutePath().toString())
                + (hasJson ? " --json" : "");

        // A fleet reads its URLs from files, and writes a log into the current folder.
        CommandRun run = typed.startsWith("fleet") ? CommandRun.in(project, typed.split(" "))
                : CommandRun.here(Map.of("DATABASE_URL", down), typed.split(" "));

        assertThat(run.exitCode()).as(run.output()).isEqualTo(2);
        assertThat(run.output()).contains("No PostgreSQL server answers at 127.0.0.1:1");
    }

    /** The help, the page and the program say the same. */
    @Test
    void the_codes_are_those_that_are_written_down() throws Exception {
        List<String> all = IntStream.rangeClosed(ExitCode.DONE, ExitCode.NEEDS_PERSON)
                .mapToObj(Integer::toString).toList();
        assertThat(Pattern.compile("\n\\| (\\d) \\|").matcher(DocumentationPage.of("docs/commands.md").text()).results()
                .map(row -> row.group(1))).isEqualTo(all);
        assertThat(Pattern.compile("\n  (\\d)   ").matcher(CommandRun.offline().output()).results()
                .map(row -> row.group(1))).isEqualTo(all);
    }

    private void assertExit(int code, String said, String... arguments) {
        String[] all = Arrays.copyOf(arguments, arguments.length + 1);
        all[arguments.length] = "--settings=" + settings();
        CommandRun run = CommandRun.offline(all);
        assertThat(run.output()).contains(said).doesNotContain("\tat ");
        assertThat(run.exitCode()).as(run.output()).isEqualTo(code);
    }
}
