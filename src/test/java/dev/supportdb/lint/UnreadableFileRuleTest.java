package dev.supportdb.lint;

import static dev.supportdb.lint.RuleExample.UPDATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A file of which nothing more can be said than where it cannot be read. */
final class UnreadableFileRuleTest {

    @TempDir
    private Path project;

    @Test
    void a_file_that_liquibase_does_not_understand_is_reported() throws IOException {
        RuleExample.of(project, """
                - changeSet:
                    id: "002_ticket_language-02-guard"
                    author: support-db
                    comment: Guard
                    changes:
                      - refuse: {rows: select 1}
                    rollback: []
                """);
        assertThat(new Linter(project).findings()).singleElement().satisfies(finding -> {
            assertThat(finding.rule()).isEqualTo("valid");
            assertThat(finding.message()).contains("either loses or because");
            assertThat(finding.file()).isEqualTo("changelog/main/002_ticket_language.yaml");
        });
    }

    @ParameterizedTest(name = "{1}: {0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "databaseChangeLog: [ | 2 | not YAML",
        "databaseChangeLog:;  - changeSet:;      id: \"1;      author: x | 3 | quote",
        "databaseChangeLog:;\t- changeSet: | 2 | a tab",
        "databaseChangeLog:;  - a: b;   c: d | 3 | not YAML",
        "<<<<<<< HEAD;databaseChangeLog:;=======;>>>>>>> bob | 1 | merge conflict",
        "# nothing | 1 | empty"})
    void a_file_that_is_no_yaml_is_found_where_it_ceases_to_be(String text, int line, String message)
            throws IOException {
        RuleExample.of(project, UPDATE.formatted("# also this is not looked at"));
        Files.writeString(project.resolve("changelog/main/001_base.yaml"), text.replace(';', '\n') + "\n");
        assertThat(new Linter(project).findings()).singleElement().satisfies(finding -> {
            assertThat(finding.file()).isEqualTo("changelog/main/001_base.yaml");
            assertThat(finding.rule()).isEqualTo("yaml");
            assertThat(finding.line()).isEqualTo(line);
            assertThat(finding.message()).contains(message);
            assertThat(finding.instead()).isNotBlank();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "loadUpdateData: {tableName: tickets, primaryKey: id, file: gone.csv, relativeToChangelogFile: true}",
        "loadData: {tableName: tickets, file: gone.csv, relativeToChangelogFile: true}",
        "sqlFile: {path: gone.sql, relativeToChangelogFile: true}"})
    void a_file_that_is_missing_is_said_where_it_is_named_and_the_rest_is_looked_at(String change) throws IOException {
        assertThat(RuleExample.of(project, UPDATE.formatted("- " + change)).findings())
                .extracting(Finding::line, Finding::rule).containsExactly(
                        tuple(RuleExample.LINES_BEFORE + 6, "valid"),
                        tuple(RuleExample.LINES_BEFORE + 7, "data-change"),
                        tuple(RuleExample.LINES_BEFORE + 8, "data-change"));
    }
}
