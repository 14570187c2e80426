package dev.supportdb.lint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each rule has an example that it refuses, and nothing else does, and one that shows what to do. */
final class RuleExamplesTest {

    @TempDir
    private Path project;

    static Stream<String> rules() {
        return Linter.rules().keySet().stream();
    }

    private static String read(String rule, String file) throws IOException {
        return Files.readString(RuleExample.FOLDER.resolve(rule).resolve(file));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void a_bad_example_is_refused(String rule) throws IOException {
        assertThat(RuleExample.of(project, read(rule, "bad.yaml")).findings()).isNotEmpty()
                .filteredOn(finding -> !rule.equals("exception") || !finding.rule().equals("data-change"))
                .allSatisfy(finding -> {
                    assertThat(finding.rule()).isEqualTo(rule);
                    assertThat(finding.instead()).isNotBlank();
                    assertThat(project.resolve(finding.file())).exists();
                });
    }

    @ParameterizedTest
    @MethodSource("rules")
    void a_good_example_is_not_refused(String rule) throws IOException {
        assertThat(RuleExample.of(project, read(rule, "good.yaml")).findings()).isEmpty();
    }

    @Test
    void an_example_is_of_a_rule() throws IOException {
        try (Stream<Path> folders = Files.list(RuleExample.FOLDER)) {
            assertThat(folders.filter(Files::isDirectory).map(folder -> folder.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(rules().toList());
        }
    }
}
