package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.Databases;
import dev.supportdb.support.DocumentationPage;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import liquibase.changelog.visitor.DefaultChangeExecListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first page shows what is so. */
final class ReadmeTest {

    private static final Path FILE = Path.of("README.md");

    @Test
    void branches_are_drawn_as_they_are() throws IOException {
        String drawn = CommandRun.offline("graph", "--svg", "--offline").output();

        assertThat(drawn).contains(">010_scheduled_reports</text>", "011_merge_reporting waits for reporting/010_");
        assertThat(Path.of("docs/branches.svg")).as("./supportdb graph --svg --offline > docs/branches.svg")
                .hasContent(drawn);
    }

    /** Its console is typed: what psql is told is executed, what the launcher is told prints what follows. */
    @Test
    void a_refused_rollback_says_what_the_page_shows() throws Exception {
        List<String> console = DocumentationPage.of(FILE.toString()).blocks().stream()
                .filter(block -> block.language().equals("console")).map(DocumentationPage.Block::text).toList();
        assertThat(console).hasSize(1);
        MatchResult typed = Pattern.compile("""
                [$] psql -c "(.+)"
                INSERT 0 1
                [$] ./supportdb (.+)
                (?s:(.+))""").matcher(console.get(0)).results().findFirst().orElseThrow();
        try (TestDatabase database = Databases.at(MigrationState.head().withTickets(10))) {
            database.execute(typed.group(1));

            CommandRun refused = CommandRun.on(database, typed.group(2).split(" "));

            assertThat(refused.output()).isEqualTo(typed.group(3));
            assertThat(refused.exitCode()).isEqualTo(1);
        }
    }

    @Test
    void the_feature_of_the_page_runs_and_is_undone(@TempDir Path project) throws Exception {
        DocumentationPage.copyChangelogTo(project);
        String feature = DocumentationPage.of(FILE.toString()).blocks().stream()
                .filter(block -> block.language().equals("yaml")).findFirst().orElseThrow().text();
        Files.writeString(project.resolve("changelog/main/029_ticket_language.yaml"),
                feature.stripTrailing().stripIndent());
        Files.writeString(project.resolve("changelog/db.changelog-master.yaml"),
                "  - include: {file: main/029_ticket_language.yaml, relativeToChangelogFile: true, labels: main}\n",
                StandardOpenOption.APPEND);
        MigrationState head = MigrationState.head().withTickets(10);
        try (TestDatabase database = Databases.at(head)) {
            LiquibaseRunner migration =
                    new LiquibaseRunner(head.of(database), project, line -> { }, new DefaultChangeExecListener());
            Snapshot before = database.snapshot();
            migration.update();
            database.execute("update tickets set language = 'de-CH'");
            assertThatThrownBy(() -> migration.rollback(1)).hasMessageContaining("10 rows of tickets.language");
            database.execute("update tickets set language = null");
            migration.rollback(1);

            assertThat(before.differenceTo(database.snapshot())).isEmpty();
        }
    }
}
