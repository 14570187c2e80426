package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.ChangelogFolder;
import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A merge conflict that was left in a changelog file. */
final class MergeConflictTest {

    @ParameterizedTest
    @ValueSource(strings = {ChangelogFolder.MASTER, "changelog/main/001_a.yaml"})
    void every_command_names_the_line_and_changes_nothing(String path) throws Exception {
        // The program looks for a changelog below the current folder.
        Path folder = Path.of("target/merge-conflict");
        new ChangelogFolder(folder).feature("main/001_a").feature("main/002_b");
        Path file = folder.resolve(path);
        List<String> lines = new ArrayList<>(Files.readAllLines(file));
        lines.addAll(3, List.of("<<<<<<< HEAD", lines.get(3), "=======", ">>>>>>> theirs"));
        Files.write(file, lines);
        Path settings = Files.writeString(folder.resolve("conflict.properties"), """
                changeLogFile=%s
                url=jdbc:postgresql://127.0.0.1:1/none
                contexts=test
                """.formatted(folder.resolve(ChangelogFolder.MASTER)));
        try (TestDatabase database = Databases.empty()) {
            for (String command : List.of("update", "upgrade", "upgrade 001", "rollback", "downgrade -1", "sql",
                    "sql :001", "rollback-sql", "status", "current", "history", "heads", "show 001", "stamp heads",
                    "check", "trace", "review", "revision x")) {
                List<String> words = new ArrayList<>(List.of(command.split(" ")));
                words.add("--settings=" + settings.toAbsolutePath());

                CommandRun run = CommandRun.on(database, words.toArray(String[]::new));

                assertThat(run.output()).as(command).contains(file + " has a merge conflict in line 4. "
                        + "Nothing has been changed. To continue, resolve the merge conflict").doesNotContain("\tat ");
                assertThat(run.exitCode()).as(command).isEqualTo(2);
            }
            assertThat(database.texts("select relname from pg_class where relnamespace = 'public'::regnamespace"))
                    .isEmpty();
        }
    }
}
