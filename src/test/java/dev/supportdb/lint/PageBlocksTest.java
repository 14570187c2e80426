package dev.supportdb.lint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.DocumentationPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks that every YAML block of every page passes lint as a reader pastes it. */
final class PageBlocksTest {

    /** Pages whose YAML is not for a changelog of this project. */
    private static final List<String> OTHERS = List.of(
            // Rules for Prometheus, which MonitoringPageTest reads.
            "docs/monitoring.md",
            // A changelog of an application that uses the jar, which GuestPageTest runs.
            "docs/from-your-application.md");

    /** A changeset around a part of one. */
    private static final String HEAD = """
            - changeSet:
                id: "002_ticket_language-02-paste"
                author: support-db
                comment: Paste what the page shows
            """;
    private static final Pattern PATH = Pattern.compile("logicalFilePath: changelog/(\\S+)");
    private static final String MASTER = "changelog/db.changelog-master.yaml";
    private static final String INCLUDE = "  - include: {file: %s, relativeToChangelogFile: true, labels: main}\n";
    private static final String CHANGES = "    changes:\n";
    private static final String ROLLBACK = "    rollback:\n      - sql: select 1\n";

    @TempDir
    private Path project;

    static Stream<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        for (Path page : files().toList()) {
            if (!OTHERS.contains(page.toString()) && !blocks(page).isEmpty()) {
                pages.add(page);
            }
        }
        return pages.stream();
    }

    private static Stream<Path> files() throws IOException {
        List<Path> files = new ArrayList<>(List.of(Path.of("README.md"), Path.of("CONTRIBUTING.md")));
        try (Stream<Path> docs = Files.list(Path.of("docs"))) {
            docs.filter(file -> file.toString().endsWith(".md")).sorted().forEach(files::add);
        }
        return files.stream();
    }

    private static List<DocumentationPage.Block> blocks(Path page) throws IOException {
        return DocumentationPage.of(page.toString()).blocks().stream()
                .filter(block -> block.language().equals("yaml")).toList();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pages")
    void its_yaml_passes_lint(Path page) throws IOException {
        DocumentationPage.copyChangelogTo(project);
        for (DocumentationPage.Block block : DocumentationPage.of(page.toString()).blocks()) {
            Matcher whole = PATH.matcher(block.text());
            if (block.file() != null && block.file().startsWith("changelog/")) {
                block.writeTo(project);
            } else if (block.language().equals("yaml") && whole.find()) {
                new DocumentationPage.Block("changelog/" + whole.group(1), "yaml",
                        block.text().stripTrailing().stripIndent()).writeTo(project);
                new DocumentationPage.Block(MASTER, "yaml", INCLUDE.formatted(whole.group(1))).writeTo(project);
            } else if (block.language().equals("yaml")) {
                assertThat(RuleExample.of(project.resolve("part"), changeset(block.text())).findings())
                        .as(block.text()).isEmpty();
            }
        }
        assertThat(new Linter(project).findings()).isEmpty();
    }

    private static String changeset(String block) {
        String part = block.stripTrailing().stripIndent();
        if (part.startsWith("preConditions:")) {
            return HEAD + part.indent(4) + CHANGES + "      - sql: comment on table tickets is 'x'\n" + ROLLBACK;
        }
        return HEAD + CHANGES + part.indent(6) + ROLLBACK;
    }

    @Test
    void a_block_that_breaks_a_rule_is_found() throws IOException {
        assertThat(RuleExample.of(project, changeset("- sql: update tickets set note = null\n")).findings())
                .extracting(Finding::rule).containsExactly("data-change");
    }
}
