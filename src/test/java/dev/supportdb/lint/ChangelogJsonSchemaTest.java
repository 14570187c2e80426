package dev.supportdb.lint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import liquibase.util.LiquibaseUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.Yaml;

/** Editors check a changelog by the same names as Liquibase and the linter do. */
final class ChangelogJsonSchemaTest {

    @Test
    void the_file_is_what_liquibase_accepts_today() throws IOException {
        assumeThat(LiquibaseUtil.getBuildVersion()).as("the line that it is written by").startsWith("5.");
        assertThat(Files.readString(ChangelogJsonSchema.FILE))
                .as("The main method of ChangelogJsonSchema writes it anew.").isEqualTo(ChangelogJsonSchema.text());
    }

    @Test
    void every_changelog_is_accepted() throws IOException {
        try (Stream<Path> files = Stream.of("changelog", "src/guest", "src/test/resources/review")
                .flatMap(ChangelogJsonSchemaTest::walk)) {
            List<Path> changelogs = files.filter(file -> file.toString().endsWith(".yaml"))
                    .filter(file -> !file.endsWith("template.yaml")).toList();
            assertThat(changelogs).hasSizeGreaterThan(30)
                    .allSatisfy(file -> assertThat(faults(Files.readString(file))).as(file.toString()).isEmpty());
        }
    }

    private static Stream<Path> walk(String folder) {
        try {
            return Files.walk(Path.of(folder));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{chnages: []}                                              | .chnages",
        "{changes: [{refuse: {lose: tickets, rows: select 1}}]}     | .lose",
        "{changes: [{createTabel: {}}]}                             | .createTabel",
        "{changes: [{addColumn: {columns: [{column: {nam: a}}]}}]}  | .nam",
        "{changes: [{customChange: {clas: a}}]}                     | .clas",
        "{preConditions: [{tableExist: {}}]}                        | .tableExist",
        "{changes: sql}                                             | is no array",
    })
    void a_key_that_nobody_knows_is_not(String changeSet, String fault) {
        assertThat(faults("databaseChangeLog: [changeSet: %s]".formatted(
                changeSet.replaceFirst("\\{", "{id: a, author: b, ")))).anyMatch(found -> found.contains(fault));
        assertThat(faults("databaseChangeLog: [changeSet: {id: a, author: b}]")).isEmpty();
    }

    @Test
    void editors_find_it() throws IOException {
        assertThat(Files.readString(Path.of("changelog/template.yaml")))
                .contains("\n# yaml-language-server: $schema=../changelog.schema.json\ndatabaseChangeLog:\n");
        assertThat(Files.readString(Path.of(".vscode/settings.json")))
                .contains("\"./changelog/changelog.schema.json\": [\"changelog/**/*.yaml\"]");
    }

    private static List<String> faults(String yaml) {
        return ChangelogJsonSchema.faults(ChangelogJsonSchema.root(), new Yaml().load(yaml), "");
    }
}
