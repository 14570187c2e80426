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
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.Scope;
import liquibase.changelog.FastCheckService;
import liquibase.changelog.visitor.DefaultChangeExecListener;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page about failed migrations is right: what it says is said, and what it says to do helps. */
final class FailedMigrationsPageTest {

    private static final MigrationState HEAD = MigrationState.head();
    private static final String ID = "029_macros-";

    private static final Pattern GOAL =
            Pattern.compile("mvn (?:-q )?liquibase:(\\w+)(?: -Dliquibase\\.(\\w+)=(\\S+))?");

    /** The goals' own names for the commands of Liquibase and their arguments, where they differ. */
    private static final Map<String, String> NAMES = Map.of("changelogSyncSQL", "changelogSyncSql",
            "clearCheckSums", "clearChecksums", "toTag", "tag", "rollbackTag", "tag");

    @TempDir
    private Path project;

    private TestDatabase database;
    private DocumentationPage page;

    /** The output of the last command, or the result of the last query. */
    private String said = "";

    /** The differences that each failed command has left, from the database before it. */
    private final List<String> left = new ArrayList<>();

    @BeforeEach
    void copy_the_changelog() throws Exception {
        database = Databases.at(HEAD);
        page = DocumentationPage.of("docs/failed-migrations.md");
        DocumentationPage.copyChangelogTo(project);
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    /** Follows the page in its order, from the deliberately broken file to its rollback. */
    @Test
    void its_example_is_right() throws Exception {
        Snapshot start = database.snapshot();

        follow(page.between("## An example", "Marking writes"));

        assertThat(left).hasSize(3);
        assertThat(left.get(0)).as("what the changeset left that failed in the middle").isEmpty();
        assertThat(left.get(1)).as("what was done before, and a part of what failed").contains("macros", "invalid");
        assertThat(left.get(2)).as("what was done before").contains("uq_users_address").doesNotContain("locale");
        assertThat(history()).containsExactly(
                ID + "01-tag_before", ID + "02-create_macros", ID + "03-create_address_index", ID + "04-add_locale");
        assertThat(history("dateexecuted > now() at time zone 'UTC'")).as("in another time zone than a run").isEmpty();
        assertThat(invalidIndexes()).isEmpty();

        String markedByHand = page.text().replaceAll("(?s).*`(delete from databasechangelog [^`]+)`.*", "$1");
        database.execute(markedByHand);
        // Liquibase caches that nothing was pending; a new process would not.
        Scope.getCurrentScope().getSingleton(FastCheckService.class).clearCache();
        assertThatThrownBy(() -> migration().update()).hasMessageContaining("already exists");
        skipWhereItIsThere();
        migration().update();
        assertThat(history("exectype = 'MARK_RAN'")).containsExactly(ID + "04-add_locale");
        assertThat(database.count("select count(*) from users where email ilike '%ada@example.org'")).isEqualTo(2);

        follow(page.between("and a rollback undoes it", "To have it forgotten"));

        assertThat(history()).containsExactly(ID + "01-tag_before");
        database.execute("delete from users where email ilike '%ada@example.org'");
        assertThat(start.differenceTo(database.snapshot())).isEmpty();
    }

    /** Without a transaction, the same changeset leaves a part of itself, and the test sees it. */
    @Test
    void an_object_that_is_left_would_be_found() throws Exception {
        write(page.between("## An example", "### It fails"));
        replace("comment: Create macros", "runInTransaction: false\n      comment: Create macros");

        run("make update");

        assertThat(left).singleElement().asString().contains("macros");
    }

    /** The commands under "Where it stands" work on any database, and change nothing. */
    @Test
    void its_commands_show_the_state() throws Exception {
        Snapshot start = database.snapshot();

        follow(page.between("## Where it stands", "## It said"));

        assertThat(start.differenceTo(database.snapshot())).isEmpty();
        assertThat(page.targets()).allMatch(target -> makefile().contains("\n%s: ".formatted(target)));
    }

    /** The goals that mark changesets do what the page says, and those not needed do no harm. */
    @Test
    void its_other_goals_are_right() throws Exception {
        write(page.between("## An example", "### It fails"));
        Snapshot start = database.snapshot();

        run("mvn liquibase:changelogSyncToTag -Dliquibase.toTag=before-030_sla");
        assertThat(said).contains("There is no tag 'before-030_sla'");
        assertThat(history()).isEmpty();
        run("mvn liquibase:changelogSyncToTag -Dliquibase.toTag=before-029_macros");
        assertThat(history()).containsExactly(ID + "01-tag_before");
        run("mvn liquibase:changelogSync");
        assertThat(history()).hasSize(4);
        run("mvn -q liquibase:releaseLocks");
        run("mvn -q liquibase:clearCheckSums");
        assertThat(history("md5sum is null")).hasSize(4);
        replace("ticket_coments", "ticket_comments");
        run("make update");

        assertThat(start.differenceTo(database.snapshot())).as("done by all of this").isEmpty();
        assertThat(history("md5sum is null")).isEmpty();
    }

    /** The page's way back to an old application restores the schema that the application was written for. */
    @Test
    void its_way_back_is_right() throws Exception {
        String tag = "before-016_ticket_metrics";
        DocumentationPage way = page.between("## Back to the old application", "## An example");
        assertThat(way.text()).contains(tag)
                .containsSubsequence("rollbackSQL -Dliquibase.rollbackTag=…", "Stop the new application",
                        "rollback -Dliquibase.rollbackTag=…", "./supportdb check", "Deploy the old application");
        database.execute("create view by_hand as select id, total_comments from tickets");
        Snapshot start = database.snapshot();

        run("mvn liquibase:rollbackSQL -Dliquibase.rollbackTag=" + tag);
        run("mvn liquibase:rollback -Dliquibase.rollbackTag=" + tag);

        assertThat(said).contains("would drop or stop at objects that the changelog has not created", "by_hand");
        assertThat(page.text()).contains("would drop or stop at objects that the changelog has not created");
        assertThat(start.differenceTo(database.snapshot())).isEmpty();
        assertThatThrownBy(() -> database.execute("alter table tickets drop column total_comments"))
                .hasMessageContaining("because other objects depend on it");

        database.execute("drop view by_hand");
        run("mvn liquibase:rollback -Dliquibase.rollbackTag=" + tag);
        try (TestDatabase old = Databases.at(MigrationState.before("016_ticket_metrics"))) {
            assertThat(old.snapshot().differenceTo(database.snapshot())).isEmpty();
        }
    }

    private void follow(DocumentationPage part) throws Exception {
        for (DocumentationPage.Block block : part.blocks()) {
            switch (block.language()) {
                case "yaml" -> block.writeTo(project);
                case "diff" -> mend(block.text());
                case "sql" -> said = ask(block.text());
                case "sh" -> {
                    for (String command : block.text().lines().toList()) {
                        run(command);
                    }
                }
                case "text" -> assertThat(said.replaceAll("\\s+", " ")).containsPattern(pattern(block.text()));
                default -> throw new AssertionError("The page has a block this test cannot follow: " + block);
            }
        }
    }

    private void write(DocumentationPage part) throws IOException {
        for (DocumentationPage.Block block : part.blocks()) {
            block.writeTo(project);
        }
    }

    /** The points stand for anything. */
    private static Pattern pattern(String message) {
        return Pattern.compile(Stream.of(message.strip().replaceAll("\\s+", " ").split("…", -1))
                .map(Pattern::quote).collect(Collectors.joining(".*")));
    }

    private void mend(String diff) throws IOException {
        String[] lines = diff.split("\n");
        assertThat(lines).hasSize(2);
        replace(lines[0].substring(1), lines[1].substring(1));
    }

    private void replace(String old, String replacement) throws IOException {
        Path file = project.resolve("changelog/main/029_macros.yaml");
        String text = Files.readString(file);
        assertThat(text).containsOnlyOnce(old);
        Files.writeString(file, text.replace(old, replacement));
    }

    private void skipWhereItIsThere() throws IOException {
        String comment = "comment: Add customers.locale\n";
        List<DocumentationPage.Block> blocks = page.from("Where the same was made").blocks();
        replace(comment, comment + blocks.get(0).text());
    }

    private String ask(String sql) throws SQLException {
        return sql.startsWith("select") ? String.join("\n", database.texts(sql)) : execute(sql);
    }

    private String execute(String sql) throws SQLException {
        database.execute(sql);
        return "";
    }

    /** Runs the equivalent of a command of the page, on this test's database. */
    private void run(String command) throws Exception {
        Snapshot before = database.snapshot();
        Matcher goal = GOAL.matcher(command);
        try {
            if (goal.matches()) {
                said = run(goal.group(1), goal.group(2), goal.group(3));
            } else if (command.startsWith("sed '/^INSERT/q' target/liquibase/migrate.sql | psql ")) {
                said = execute(scriptToFirstInsert());
            } else {
                said = switch (command) {
                    case "make update" -> run("update", null, null);
                    case "make status" -> migration().run("status", Map.of("verbose", true));
                    case "make sql" -> run("updateSql", null, null);
                    case "./supportdb backfills" -> CommandRun.on(database, "backfills").output();
                    default -> throw new AssertionError("The page has a command this test cannot run: " + command);
                };
            }
        } catch (CommandExecutionException e) {
            said = e.getMessage();
            left.add(before.differenceTo(database.snapshot()));
        }
    }

    private String run(String goal, String argument, String value) throws Exception {
        String output = migration().run(NAMES.getOrDefault(goal, goal),
                argument == null ? Map.of() : Map.of(NAMES.getOrDefault(argument, argument), value));
        if (goal.toLowerCase().endsWith("sql")) {
            Files.createDirectories(project.resolve("target/liquibase"));
            Files.writeString(project.resolve("target/liquibase/migrate.sql"), output);
        }
        return output;
    }

    private LiquibaseRunner migration() {
        return new LiquibaseRunner(HEAD.of(database), project, line -> { }, new DefaultChangeExecListener());
    }

    private String scriptToFirstInsert() throws IOException {
        String script = Files.readString(project.resolve("target/liquibase/migrate.sql"));
        return script.substring(0, script.indexOf("\n", script.indexOf("\nINSERT") + 1)).replaceAll("(?m)^\\\\.*", "");
    }

    private static String makefile() {
        try {
            return Files.readString(Path.of("Makefile"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private List<String> history() throws SQLException {
        return history("true");
    }

    private List<String> history(String which) throws SQLException {
        return database.texts("select id from databasechangelog where id like '%s%%' and %s order by orderexecuted"
                .formatted(ID, which));
    }

    private List<String> invalidIndexes() throws SQLException {
        return database.texts("select indexrelid::regclass from pg_index where not indisvalid");
    }
}
