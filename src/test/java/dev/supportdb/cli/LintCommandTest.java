package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./supportdb lint} as a person and a program see it. */
final class LintCommandTest {

    private static final String MASTER = "changelog/db.changelog-master.yaml";

    @TempDir
    private Path project;

    private void write(String file, String text) throws IOException {
        Path path = project.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    @Test
    void says_what_is_wrong_where_and_what_to_write_instead() throws Exception {
        write(MASTER, """
                databaseChangeLog:
                  - logicalFilePath: changelog/db.changelog-master.yaml
                  - include: {file: main/001_a.yaml, relativeToChangelogFile: true, labels: main}
                """);
        write("changelog/main/001_a.yaml", """
                databaseChangeLog:
                  - logicalFilePath: changelog/main/001_a.yaml
                  - changeSet:
                      id: 001_a-01-create_a
                      author: support-db
                      comment: Create table a
                      changes:
                        - createTable: {tableName: a, remarks: A, columns: [column: {name: b, type: int, remarks: B}]}
                      rollback:
                        - refuse: {loses: a, rows: select * from a}
                        - dropTable: {tableName: a}
                """);

        CommandRun found = CommandRun.in(project, "lint");
        assertThat(found.output()).contains("changelog/main/001_a.yaml:4  id-quoted",
                "This id is not quoted. Use:", "id: \"001_a-01-create_a\"", "1 problem.");
        assertThat(found.exitCode()).isEqualTo(1);

        CommandRun json = CommandRun.in(project, "lint", "--json");
        assertThat(json.output().strip()).isEqualTo("[{\"file\": \"changelog/main/001_a.yaml\", \"line\": 4, "
                + "\"rule\": \"id-quoted\", \"message\": \"This id is not quoted.\", "
                + "\"instead\": \"id: \\\"001_a-01-create_a\\\"\"}]");
        assertThat(json.exitCode()).isEqualTo(1);

        write("changelog/main/001_a.yaml", Files.readString(project.resolve("changelog/main/001_a.yaml"))
                .replace("001_a-01-create_a", "\"001_a-01-create_a\""));
        CommandRun clean = CommandRun.in(project, "lint");
        assertThat(clean.output()).contains("Nothing found by");
        assertThat(clean.exitCode()).isZero();
    }

    @Test
    void a_file_that_is_none_is_found_as_well() throws Exception {
        write(MASTER, "a: [");

        CommandRun run = CommandRun.in(project, "lint");
        assertThat(run.output()).startsWith(MASTER + ":1  yaml\n  This is not YAML: ").contains("1 problem.")
                .doesNotContain("\tat ");
        assertThat(run.exitCode()).isEqualTo(1);

        CommandRun json = CommandRun.in(project, "lint", "--json");
        assertThat(json.output()).startsWith("[{\"file\": \"" + MASTER + "\", \"line\": 1, \"rule\": \"yaml\"");
        assertThat(json.exitCode()).isEqualTo(1);
    }
}
