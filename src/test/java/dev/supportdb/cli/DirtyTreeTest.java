package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.ChangelogFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests a new feature while another is half written, or while two have one number. Nothing is lost. */
final class DirtyTreeTest {

    @TempDir
    private Path project;
    private ChangelogFolder files;

    @BeforeEach
    void create() throws IOException {
        files = new ChangelogFolder(project).feature("main/001_a").feature("reporting/002_b")
                .write("contexts/dev.properties", """
                        changeLogFile=%s
                        url=jdbc:postgresql://127.0.0.1:1/none
                        contexts=dev
                        """.formatted(ChangelogFolder.MASTER));
        Files.copy(Path.of("changelog/template.yaml"), project.resolve("changelog/template.yaml"));
    }

    @Test
    void a_file_in_the_middle_of_a_sentence_is_named() throws Exception {
        String text = Files.readString(project.resolve("changelog/main/001_a.yaml"));
        files.write("changelog/main/001_a.yaml", text + "  - changeSet: {id: \"001_a-03\", changes: [");

        assertRefused("changelog/main/001_a.yaml", "revision", "--message=next");
        assertRefused("changelog/main/001_a.yaml", "merge", "--message=next", "main", "reporting");
    }

    @Test
    void a_feature_that_is_still_to_be_written_blocks_nobody() throws Exception {
        assertThat(run("revision", "--message=first").output()).startsWith("Written   changelog/main/003_first.yaml");
        String first = Files.readString(project.resolve("changelog/main/003_first.yaml"));

        assertThat(run("revision", "--message=second").output())
                .startsWith("Written   changelog/main/004_second.yaml");

        assertThat(project.resolve("changelog/main/003_first.yaml")).hasContent(first);
        assertThat(project.resolve(ChangelogFolder.MASTER)).content()
                .containsSubsequence("main/001_a", "reporting/002_b", "main/003_first", "main/004_second");
        assertRefused("main/004_second is not written yet", "merge", "--message=both", "main", "reporting");
    }

    /** Merged by git without a conflict, where both includes are kept. */
    @Test
    void two_features_with_one_number_are_told_apart_and_the_advice_is_right() throws Exception {
        files.feature("main/003_mine").feature("reporting/003_theirs");

        assertRefused("'003' is ambiguous and stands for 2: main/003_mine, reporting/003_theirs. Name one of them.",
                "show", "003",
                "--offline");
        assertThat(run("history", "--offline").output()).containsSubsequence("003_mine ", "003_theirs ");
        String way = """
                Choose one that is not deployed anywhere, and change its number to 004: in the name of its file and \
                folder, in its text, and in changelog/master.yaml, where its include moves to the end. Nothing has""";
        assertRefused(way, "revision", "--message=next");
        assertRefused(way, "merge", "--message=next", "main", "reporting");

        Path theirs = project.resolve("changelog/reporting/003_theirs.yaml");
        files.write("changelog/reporting/004_theirs.yaml", Files.readString(theirs).replace("003_", "004_"));
        Files.delete(theirs);
        Path master = project.resolve(ChangelogFolder.MASTER);
        Files.writeString(master, Files.readString(master).replace("003_theirs", "004_theirs"));
        assertThat(run("revision", "--message=next").output()).startsWith("Written   changelog/main/005_next.yaml");
    }

    private void assertRefused(String why, String... arguments) throws IOException, InterruptedException {
        Map<Path, String> before = texts();

        CommandRun run = run(arguments);

        assertThat(run.output()).contains(why).doesNotContain("\tat ");
        assertThat(run.exitCode()).isNotZero();
        assertThat(texts()).isEqualTo(before);
    }

    private CommandRun run(String... arguments) throws IOException, InterruptedException {
        return CommandRun.in(project, arguments);
    }

    private Map<Path, String> texts() throws IOException {
        Map<Path, String> texts = new TreeMap<>();
        try (Stream<Path> all = Files.walk(project)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                texts.put(file, Files.readString(file));
            }
        }
        return texts;
    }
}
