package dev.supportdb.lint;

import static dev.supportdb.lint.RuleExample.UPDATE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Exceptions hide findings, and mistakes in exceptions are found. */
final class SuppressionsTest {

    @TempDir
    private Path project;

    @Test
    void a_finding_names_the_line_of_its_change() throws IOException {
        assertThat(RuleExample.of(project, UPDATE.formatted("# no exception")).findings()).extracting(Finding::line)
                .containsExactly(RuleExample.LINES_BEFORE + 7, RuleExample.LINES_BEFORE + 8);
    }

    @Test
    void an_exception_is_for_the_item_below_it_alone() throws IOException {
        assertThat(RuleExample.of(project, UPDATE.formatted("# lint: allow data-change: nobody is there yet"))
                .findings())
                .extracting(Finding::line).containsExactly(RuleExample.LINES_BEFORE + 8);
        assertThat(
                RuleExample.of(project, "# lint: allow data-change: nobody is there yet\n" + UPDATE.formatted("# none"))
                .findings()).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
        "# lint: allow data-change | no reason | 3",
        "# lint: allow data-change: | no reason | 3",
        "# lint: allow data-changes: nobody is there | no rule 'data-changes' | 3",
        "# lint: ignore data-change: nobody is there | not an exception | 3",
        "# lint: allow not-null: nobody is there | no longer matches | 3"})
    void an_exception_that_matches_nothing_is_a_finding(String comment, String message, int count) throws IOException {
        assertThat(RuleExample.of(project, UPDATE.formatted(comment)).findings()).hasSize(count)
                .anySatisfy(finding -> {
                    assertThat(finding.rule()).isEqualTo("exception");
                    assertThat(finding.message()).contains(message);
                    assertThat(finding.line()).isEqualTo(RuleExample.LINES_BEFORE + 6);
                });
    }
}
