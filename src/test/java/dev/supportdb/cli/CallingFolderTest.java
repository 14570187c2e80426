package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;

/**
 * A file is the one that was typed, wherever the launcher is called; its own files are found from there, too. A command
 * in this process is told the folder as {@link LauncherTest} has the launcher do it.
 */
final class CallingFolderTest {

    private static final String DOWN = "jdbc:postgresql://127.0.0.1:1/none";

    @TempDir
    private static Path folder;
    private static FreshClone clone;

    private Path elsewhere;

    @BeforeAll
    static void copy() throws Exception {
        assumeThat(FreshClone.isPossible()).as("make and mvn are on the PATH").isTrue();
        clone = FreshClone.in(folder.resolve("the project"), 10);
    }

    @BeforeEach
    void go(@TempDir Path home) throws IOException {
        elsewhere = Files.createDirectory(home.resolve("home of ann"));
    }

    /** Every option with a file has the type whose converter knows the folder; --sizes accepts a word as well. */
    @Test
    void every_option_that_names_a_file_follows() {
        assertThat(files(Main.commands(Map.of()))).hasSizeGreaterThan(10)
                .filteredOn(file -> !file.paramLabel().equals("SIZES"))
                .allSatisfy(file -> assertThat(Path.class).isIn(file.type(), file.auxiliaryTypes()[0]));
    }

    /** The converter would look for a default, too, where the command is called. */
    @Test
    void a_file_has_its_default_in_the_folder_of_the_project() {
        assertThat(files(Main.commands(Map.of()))).extracting(ArgSpec::defaultValue)
                .allMatch(value -> value == null || value.startsWith("${env:"));
    }

    private static List<ArgSpec> files(CommandLine command) {
        return Stream.concat(command.getCommandSpec().args().stream()
                        .filter(file -> List.of("FILE", "FOLDER", "BACKUP", "SIZES").contains(file.paramLabel())),
                command.getSubcommands().values().stream().flatMap(below -> files(below).stream())).toList();
    }

    @Test
    void files_are_read_and_written_where_they_were_typed() throws Exception {
        Files.writeString(elsewhere.resolve("change.sql"), "create index on orders (note);");
        Files.writeString(elsewhere.resolve("my schema.sql"), "create table orders (id int, note text);");
        Files.writeString(elsewhere.resolve("sizes.csv"), "name,rows\npublic.orders,30000000\n");
        try (TestDatabase database = Databases.empty()) {
            CommandRun review = here(CommandRun.url(database), "review", "--sql=change.sql", "--schema=my schema.sql",
                    "--sizes=sizes.csv", "--rows=100", "--out=of today");

            assertThat(review.output()).contains("Pack      " + elsewhere.resolve("of today/index.html"));
            assertThat(elsewhere.resolve("of today/review.md")).content().contains(
                    "Review of " + elsewhere.resolve("change.sql"), "by " + elsewhere.resolve("sizes.csv"));
            assertThat(elsewhere.resolve("of today/index.html")).content().contains(
                    elsewhere.resolve("my schema.sql").toString());
        }
    }

    @Test
    void what_is_not_there_is_named_in_full() throws Exception {
        for (String command : List.of("review --sql=none.sql", "rehearse --dump=none.sql", "trace --sizes=none.sql",
                "current --settings=none.sql", "restore none.sql --into=x")) {
            CommandRun run = here(DOWN, command.split(" "));

            assertThat(run.exitCode()).as(run.output()).isBetween(1, 2);
            assertThat(run.output()).contains(elsewhere.resolve("none.sql").toString());
        }
    }

    @Test
    void settings_of_somebody_are_read_and_what_the_project_writes_is_named_in_full() throws Exception {
        Files.copy(clone.file("contexts/dev.properties"), elsewhere.resolve("mine.properties"));
        assertThat(type("sql 001:002 --settings=mine.properties", null)).isEqualTo(new CommandRun(0, ""
                + "6 changesets written to " + clone.file("target/liquibase/migrate.sql") + "\n"));
        assertThat(here(DOWN, "graph").output()).contains(Path.of("target/graph.svg").toAbsolutePath().toString());
        assertThat(type("revision 'add x' --branch=crm", null).output())
                .contains("Written   " + clone.file("changelog/crm/029_add_x.yaml"));
    }

    @Test
    void a_printed_command_can_be_pasted_where_it_was_printed() throws Exception {
        try (TestDatabase database = Databases.at(MigrationState.head())) {
            String refused = type("downgrade before-017 --env=test --labels='!vector'", database).output();
            String printed = refused.substring(refused.lastIndexOf(": ") + 2);

            CommandRun pasted = clone.type("cd '%s' && %s".formatted(elsewhere, printed), database);

            assertThat(pasted.exitCode()).as(printed + pasted.output()).isZero();
        }
    }

    @Test
    void a_fleet_is_found_and_its_logs_are_named_in_full() throws Exception {
        Files.copy(clone.file("contexts/dev.properties"),
                Files.createDirectory(elsewhere.resolve("two tenants")).resolve("one.properties"));

        CommandRun run = clone.type("unset DATABASE_URL; cd '%s' && '%s' fleet status 'two tenants'"
                .formatted(elsewhere, clone.file("supportdb")), null);

        assertThat(run.output()).contains("What each said is in " + clone.file("logs/fleet_"));
    }

    private CommandRun here(String url, String... words) {
        System.setProperty("launcher.called.from", elsewhere.toString());
        try {
            return CommandRun.here(Map.of("DATABASE_URL", url), words);
        } finally {
            System.clearProperty("launcher.called.from");
        }
    }

    private CommandRun type(String command, TestDatabase database) throws IOException, InterruptedException {
        return clone.type("cd '%s' && '%s' %s".formatted(elsewhere, clone.file("supportdb"), command), database);
    }
}
