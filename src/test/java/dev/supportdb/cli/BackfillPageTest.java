package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.run.RemoteBackfillWorker;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import liquibase.Scope;
import liquibase.changelog.visitor.DefaultChangeExecListener;
import liquibase.configuration.ConfigurationDefinition;
import liquibase.configuration.LiquibaseConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page about backfills does what it says. */
final class BackfillPageTest {

    private static final String AFTER_EXAMPLE = "## Watch one";
    private static final MigrationState HEAD = MigrationState.head().withTickets(500);

    @TempDir
    private Path project;

    private TestDatabase database;
    private DocumentationPage page;

    @BeforeEach
    void copy_the_changelog() throws Exception {
        database = Databases.at(HEAD);
        page = DocumentationPage.of("docs/backfills.md");
        DocumentationPage.copyChangelogTo(project);
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    /** Follows the page from file to proof and back: the files, the commands, the count. */
    @Test
    void its_example_is_right() throws Exception {
        DocumentationPage example = writeExample();
        String recount = only(example, "sql");
        Snapshot before = database.snapshot();

        for (String command : example.commands()) {
            run(command);
            if (command.equals("make update")) {
                assertThat(database.count("select sum(ticket_count) from customers")).isEqualTo(500);
                assertThat(database.count(recount)).isZero();
                assertThatItIsKeptTrue(recount);
            }
        }

        assertThat(before.differenceTo(database.snapshot())).isEmpty();
        run("make update");
        assertThat(database.count(recount)).isZero();
    }

    private DocumentationPage writeExample() throws IOException {
        DocumentationPage example = page.between("## Add one", AFTER_EXAMPLE);
        for (DocumentationPage.Block block : example.blocks()) {
            if (block.file() != null) {
                block.writeTo(project);
            }
        }
        return example;
    }

    /** Asserts that later writes of applications are counted, and their deletion as well. */
    private void assertThatItIsKeptTrue(String recount) throws SQLException {
        long[] two = database.texts("select id from customers order by id limit 2").stream()
                .mapToLong(Long::parseLong).toArray();
        database.execute("""
                insert into tickets (id, customer_id, subject, description)
                values (-1, %1$d, 's', 'd'), (-2, %1$d, 's', 'd');
                update tickets set customer_id = %2$d where id = -2;
                """.formatted(two[0], two[1]));
        assertThat(database.count(recount)).isZero();
        database.execute("delete from tickets where id < 0; delete from ticket_audit_log where ticket_id < 0");
        assertThat(database.count(recount)).isZero();

        database.execute("update customers set ticket_count = ticket_count + 1 where id = " + two[0]);
        assertThat(database.count(recount)).as("a wrong count is found").isEqualTo(1);
        database.execute("update customers set ticket_count = ticket_count - 1 where id = " + two[0]);
    }

    /** The goal behind a command of the page, on this test's database. */
    private void run(String command) throws Exception {
        List<String> said = new ArrayList<>();
        LiquibaseRunner migration =
                new LiquibaseRunner(HEAD.of(database), project, said::add, new DefaultChangeExecListener());
        Matcher rollback = Pattern.compile("make rollback COUNT=(\\d+)").matcher(command);
        if (command.equals("make sql")) {
            assertThat(migration.updateSql()).contains("ticket_count");
        } else if (command.equals("make update")) {
            migration.update();
            assertThat(said).anyMatch(line -> line.matches("ticket_count: [1-9]\\d* rows of customers in .*"));
        } else if (command.equals("./supportdb backfills")) {
            assertThat(CommandRun.on(database, "backfills").output())
                    .containsPattern("ticket_count +filled +100\\.0 %");
        } else if (rollback.matches()) {
            migration.rollback(Integer.parseInt(rollback.group(1)));
        } else {
            throw new AssertionError("The page has a command that this test cannot run: " + command);
        }
    }

    /** Everything on the page that is not about the example runs on any database. */
    @Test
    void its_queries_and_updates_run() throws SQLException {
        for (DocumentationPage.Block block : page.from(AFTER_EXAMPLE).blocks()) {
            assertThat(block.language()).isIn("sql", "sh");
            if (block.language().equals("sql")) {
                database.execute(block.text());
            }
        }
        for (Matcher set = Pattern.compile("`(set [^`]+)`").matcher(page.text()); set.find(); ) {
            database.execute("update backfills " + set.group(1));
        }
        assertThat(database.count("select count(*) from backfills where rest_ratio = 0")).isPositive();
    }

    /** Each of the commands ends a fill whose run has stopped at its start. */
    @Test
    void its_further_workers_take_part() throws Exception {
        String recount = only(writeExample(), "sql");
        run("make update");
        List<String> commands = page.from(AFTER_EXAMPLE).commands();
        assertThat(commands).isNotEmpty();
        for (String command : commands) {
            assertThat(command).matches("./supportdb backfills work( ticket_count)?");
            database.execute("""
                    update customers set ticket_count = null;
                    update backfills set state = 'filling', finished_at = null where name = 'ticket_count';
                    insert into backfill_ranges (name, from_key, to_key)
                    select name, lower_key, upper_key from backfills where name = 'ticket_count';
                    """);
            assertThat(database.count(recount)).isPositive();

            new RemoteBackfillWorker(HEAD.of(database), project, line -> { }).join("ticket_count");

            assertThat(database.count(recount)).isZero();
            assertThat(database.count("select count(*) from backfill_ranges")).isZero();
        }
    }

    @Test
    void its_commands_are_there() throws IOException {
        String makefile = Files.readString(Path.of("Makefile"));
        assertThat(page.targets()).hasSizeGreaterThan(4)
                .allMatch(target -> makefile.contains("\n%s: ".formatted(target)));
        List<String> typed = Pattern.compile("[`\n]\\./supportdb (backfills[^`\n]*)").matcher(page.text()).results()
                .map(found -> found.group(1)).toList();
        assertThat(typed).hasSizeGreaterThan(8)
                .allSatisfy(command -> Main.commands(Map.of()).parseArgs(command.split(" ")));
    }

    @Test
    void its_settings_are_those_there_are() {
        Map<String, String> settings = new LinkedHashMap<>();
        for (Matcher row = Pattern.compile("\n\\| `([a-z.-]+)` \\| ?(\\S*) \\|").matcher(page.text()); row.find(); ) {
            settings.put("supportdb.backfill." + row.group(1), row.group(2));
        }
        Map<String, String> defined = new LinkedHashMap<>();
        for (ConfigurationDefinition<?> definition : Scope.getCurrentScope()
                .getSingleton(LiquibaseConfiguration.class).getRegisteredDefinitions(false)) {
            if (definition.getKey().startsWith("supportdb.backfill.")) {
                Object value = definition.getDefaultValue();
                defined.put(definition.getKey().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT),
                        value == null ? "" : value.toString());
            }
        }
        assertThat(settings).containsExactlyInAnyOrderEntriesOf(defined);
    }

    private static String only(DocumentationPage part, String language) {
        List<DocumentationPage.Block> found = part.blocks().stream()
                .filter(block -> block.file() == null && block.language().equals(language)).toList();
        assertThat(found).hasSize(1);
        return found.get(0).text();
    }
}
