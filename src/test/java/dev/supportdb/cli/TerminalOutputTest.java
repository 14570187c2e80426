package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.supportdb.postgres.PrintableText;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TinyChangelog;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/** Tests that nothing in a database or a file controls the terminal on which it is shown. */
final class TerminalOutputTest {

    private static final String NAME = "a\033[2J\u009b1m\u202Eb\r\nForged   line";
    private static final String QUOTED = "\"" + NAME + "\"";

    @TempDir
    private Path folder;

    @Test
    void shows_what_would_steer_a_terminal_and_keeps_the_rest() {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        PrintStream terminal = new PrintStream(written, true, StandardCharsets.UTF_8);
        try (PrintStream output = TerminalOutput.before(terminal)) {
            output.printf("Zoë’s 票 🎫\t%s%n", "\033[31m");
            byte[] bytes = "é🎫\u009b\n".getBytes(StandardCharsets.UTF_8);
            for (byte each : bytes) {
                output.write(each);
            }
            output.flush();
        }

        assertThat(written.toString(StandardCharsets.UTF_8))
                .isEqualTo("Zoë’s 票 🎫\t\\u001b[31m\né🎫\\u009b\n");
        assertThat(HostileValues.TERMINAL).allSatisfy(value ->
                assertThat(PrintableText.of(value)).isNotEqualTo(value).contains("\\u"));
        assertThat(PrintableText.of("\udb40\udc41 \ud800")).as("an invisible letter, half a letter")
                .isEqualTo("\\udb40\\udc41 \\ud800");
    }

    /** Names, comments, values and errors, of tables, of changesets in the history, of backfills. */
    @Test
    void no_command_shows_a_name_of_the_database_as_it_is() throws Exception {
        try (TestDatabase database = Databases.at(MigrationState.head())) {
            database.execute("create table %s (id int); comment on table %1$s is '%s'".formatted(QUOTED, NAME));
            database.execute("""
                    insert into databasechangelog (id, author, filename, dateexecuted, orderexecuted, exectype)
                    values ('%s', 'x', 'y', now(), 9999, 'EXECUTED')
                    """.formatted(NAME));
            database.execute("""
                    insert into backfills select (jsonb_populate_record(b, jsonb_build_object('name', '%s',
                        'waiting_for', '%1$s'))).* from backfills b limit 1
                    """.formatted(NAME));

            for (String[] command : List.of(new String[] {"check"}, new String[] {"current"}, new String[] {"history"},
                    new String[] {"backfills"}, new String[] {"backfills", "pause", "none"}, new String[] {"status"},
                    new String[] {"stamp", "heads"}, new String[] {"backfills", "pause", NAME})) {
                CommandRun run = CommandRun.on(database, command);

                assertThat(unsafe(run.output())).as(String.join(" ", command) + ": " + run.output()).isEmpty();
                assertThat(run.output()).as(String.join(" ", command)).doesNotContain("\nForged");
            }
            assertThat(CommandRun.on(database, "check").output())
                    .contains("a\\u001b[2J\\u009b1m\\u202eb\\u000d\\u000a");

            for (String[] command : List.of(new String[] {"check", "--json"}, new String[] {"current", "--json"},
                    new String[] {"backfills", "--json"})) {
                CommandRun run = CommandRun.on(database, command);

                assertThat(unsafe(run.output())).as(run.output()).isEmpty();
                assertThat(strings(new Yaml().load(run.output()))).as(run.output())
                        .anyMatch(text -> text.contains(NAME));
            }
        }
    }

    @Test
    void no_command_shows_a_name_of_a_file_or_an_error_of_the_server_as_it_is() throws Exception {
        Path project = Files.createDirectory(folder.resolve("a\033[2Jb"));
        HostileOptions.write(project);
        Path feature = project.resolve("changelog/main/001_first.yaml");
        Files.writeString(feature, Files.readString(feature)
                .replace("create table first (id int)", "select cast(chr(27) || '[2J' as int)"));
        Files.copy(feature, feature.resolveSibling("002_\033[2J.yaml"));
        CommandRun lint = CommandRun.in(project, "lint");
        assertThat(lint.output()).contains("002_\\u001b[2J.yaml");
        assertThat(unsafe(lint.output())).as(lint.output()).isEmpty();

        try (TestDatabase database = Databases.empty()) {
            CommandRun update = CommandRun.in(project, Map.of("DATABASE_URL", CommandRun.url(database)), "update");
            assertThat(update.exitCode()).as(update.output()).isEqualTo(4);
            assertThat(update.output()).contains("invalid input syntax for type integer: \"\\u001b[2J\"");
            assertThat(unsafe(update.output())).as(update.output()).isEmpty();
        }
    }

    /** Checks the output of Maven for a failed goal. */
    @Test
    void no_message_of_a_failed_changeset_has_a_value_of_the_database_as_it_is() throws Exception {
        try (TestDatabase database = Databases.at(MigrationState.head())) {
            database.execute("create table crates (id int primary key, size int); insert into crates values (1)");
            TinyChangelog changelog = new TinyChangelog(folder, database);
            for (String changeSet : List.of(
                    TinyChangelog.changeSet("sql", "", "select cast(chr(27) || '[2J' as int)", null),
                    TinyChangelog.backfill("fill", "name: crates", "table: crates", "pending: size is null",
                            "fill: update crates set size = cast(chr(27) || '[2J' as int) where id = any(:keys)"))) {
                Throwable failure = catchThrowable(() -> changelog.of(changeSet).run("update", Map.of()));

                assertThat(failure).hasMessageContaining("\"\\u001b[2J\"");
                assertThat(unsafe(failure.getMessage())).isEmpty();
            }
        }
    }

    private static List<Integer> unsafe(String output) {
        return output.codePoints().filter(PrintableText::isUnsafe)
                .filter(character -> character != '\n' && character != '\t').boxed().toList();
    }

    /** Returns all texts in lists and maps. */
    private static List<String> strings(Object json) {
        if (json instanceof Map<?, ?> map) {
            return map.values().stream().flatMap(value -> strings(value).stream()).toList();
        }
        if (json instanceof List<?> list) {
            return list.stream().flatMap(value -> strings(value).stream()).toList();
        }
        return List.of(String.valueOf(json));
    }
}
