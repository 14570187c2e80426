package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

import dev.supportdb.support.ChangelogFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.Yaml;

/** The output of commands that read only the changelog files. */
final class FilesAloneTest {

    @Test
    void heads() {
        assertThat(CommandRun.offline("heads", "--offline")).isEqualTo(new CommandRun(0, """
                branch     head
                main       024_active_ticket_index
                reporting  010_scheduled_reports
                crm        028_customer_score
                knowledge  026_articles
                vector     027_embeddings
                """));
        assertThat(json("heads", "--offline")).extracting("feature", "head", "state").contains(
                tuple("main/024_active_ticket_index", true, null));
    }

    @Test
    void every_command_says_its_version() {
        for (String command : List.of("", "upgrade", "backfills")) {
            String[] words = Stream.of(command, "--version").filter(word -> !word.isEmpty()).toArray(String[]::new);
            CommandRun run = CommandRun.offline(words);
            assertThat(run.exitCode()).isZero();
            assertThat(run.output()).matches("support-db \\S.*, Liquibase [45]\\S+, JDBC driver 42\\S+, Java \\d\\S+\n");
        }
    }

    @Test
    void branches() {
        assertThat(CommandRun.offline("branches")).isEqualTo(new CommandRun(0, """
                branch     features  head                     needs           merges
                main             19  024_active_ticket_index                  reporting
                reporting         2  010_scheduled_reports
                crm               5  028_customer_score       main
                knowledge         1  026_articles             main
                vector            1  027_embeddings           crm, knowledge
                """));
        assertThat(CommandRun.offline("branches", "--env=analytics").output())
                .contains("analytics         2  002_daily_metrics\n");
        assertThat(json("branches")).extracting("needs").contains(List.of("crm", "knowledge"));
    }

    @Test
    void history() {
        assertThat(CommandRun.offline("history", "--offline", "008:011")).isEqualTo(new CommandRun(0, """
                feature                branch     changesets  needs
                008_audit_log          main                4
                009_reports            reporting           2
                010_scheduled_reports  reporting           2                                        head
                011_merge_reporting    main                3  008_audit_log, 010_scheduled_reports
                """));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
            ":                | 28 | 000_backfill_tables | 028_customer_score",
            "base:head        | 28 | 000_backfill_tables | 028_customer_score",
            ":002             | 4  | 000_backfill_tables | 002_sla_fields",
            ":before-002      | 3  | 000_backfill_tables | demo_data",
            "tags:            | 20 | 007_tags            | 028_customer_score",
            "crm@22:crm@head  | 7  | 022_optional_customer_email | 028_customer_score",
            "changelog/main/007_tags.yaml::007_tags-01-tag_before::support-db:008 | 2 | 007_tags | 008_audit_log"})
    void history_of_a_range(String range, int size, String first, String last) {
        assertThat(json("history", "--offline", range)).hasSize(size).extracting("name")
                .startsWith(first).endsWith(last);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
            "history 016              | A range is FROM:TO, such as 008:016, not '016'",
            "history 021:016           | 021 comes after 016",
            "history head:             | write heads for all, or main@head",
            "history -1:               | counts from the state of a database",
            "history --branch=crn     | There is no branch 'crn'",
            "show ticket              | 'ticket' is ambiguous and stands for 5",
            "show                     | A name is missing",
            "show 016 --env=nowhere   | There is no environment nowhere",
            "graph --png              | Unknown option"})
    void is_refused(String command, String why) {
        CommandRun run = CommandRun.offline((command + " --offline").split(" "));

        assertThat(run.output()).contains(why).doesNotContain("\tat ");
        assertThat(run.exitCode()).isEqualTo(2);
    }

    @Test
    void the_help_has_a_word_in_brackets_where_it_can_be_left_out() {
        for (String command : List.of("downgrade", "stamp", "show")) {
            assertThat(CommandRun.offline(command, "--help").output()).contains(" NAME...\n").doesNotContain("[NAME");
        }
        for (String word : List.of("pause", "resume", "cancel", "set")) {
            assertThat(CommandRun.offline("backfills", word, "--help").output()).contains(" NAME\n")
                    .doesNotContain("[NAME");
        }
        assertThat(CommandRun.offline("upgrade", "--help").output()).contains(" [NAME...]\n");
        assertThat(CommandRun.offline("backfills", "work", "--help").output()).contains(" [NAME]\n");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
            "upgrad                     | There is no command 'upgrad'. Nearest: ./supportdb upgrade.",
            "backfills paus             | There is no command 'paus'. Nearest: ./supportdb backfills pause.",
            "frobnicate                 | There is no command 'frobnicate'. ./supportdb --help lists them.",
            "upgrade --lables=x         | Unknown option: '--lables=x'. Nearest: --labels.",
            "heads --ofline             | Unknown option: '--ofline'. Nearest: --offline.",
            "current --check-heads      | Unknown option: '--check-heads'. Nearest: --check.",
            "history -v                 | Unknown option: '-v'. ./supportdb history --help lists what it takes.",
            "revision x --head=crm      | Unknown option: '--head=crm'. ./supportdb revision --help lists what it takes.",
            "revision --autogenerate    | Unknown option: '--autogenerate'. Commands for it: ./supportdb autogenerate.",
            "downgrade -1 --sql | Unknown option: '--sql'. Commands for it: ./supportdb sql, ./supportdb rollback-sql.",
            "lint foo | Unmatched argument at index 1: 'foo'. ./supportdb lint --help lists what it takes."})
    void a_word_that_nothing_bears_is_answered_with_the_nearest(String command, String said) {
        assertThat(CommandRun.offline(command.split(" "))).isEqualTo(new CommandRun(2, said + "\n"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
            "upgrade to=001             | There is no feature or changeset 'to=001'.",
            "downgrade before-009       | There is no feature or changeset 'before-009'.",
            "stamp first nowhere        | There is no feature or changeset 'nowhere'.",
            "upgrade 001                | No PostgreSQL server answers",
            "downgrade -1               | No PostgreSQL server answers"})
    void a_wrong_name_is_said_before_that_no_server_answers(String command, String said, @TempDir Path folder)
            throws IOException, InterruptedException {
        HostileOptions.write(folder);

        CommandRun run = CommandRun.in(folder, command.split(" "));

        assertThat(run.output()).startsWith(said);
        assertThat(run.exitCode()).isEqualTo(2);
    }

    @Test
    void sql_of_a_range_in_the_wrong_direction_names_the_command_for_the_other_way() {
        assertThat(CommandRun.offline("sql", "016:008")).isEqualTo(new CommandRun(0, "There is nothing to run between "
                + "these two, no SQL has been written. The other way: ./supportdb rollback-sql 016:008\n"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
            "sql head             | not 'head'.      | For the pending changesets: ./supportdb sql --env=test",
            "sql -1               | not '-1'.        | For the pending changesets: ./supportdb sql --env=test",
            "sql 001 002 003      | not '001 002 003' | For the pending changesets: ./supportdb sql --env=test",
            "rollback-sql head    | the later name comes first | ./supportdb rollback-sql --count=1 --env=test",
            "rollback-sql -3      | not '-3'.        | ./supportdb rollback-sql --count=3 --env=test"})
    void sql_of_a_word_that_is_no_range_names_the_form_without_one(String command, String said, String form) {
        CommandRun run = CommandRun.offline((command + " --env=test").split(" "));

        assertThat(run.output()).startsWith("A range is FROM:TO").contains(said).endsWith(form + "\n");
        assertThat(run.exitCode()).isEqualTo(2);
    }

    @Test
    void help_before_a_command_is_its_help() {
        assertThat(CommandRun.offline("help")).isEqualTo(CommandRun.offline());
        assertThat(CommandRun.offline("help", "upgrade")).isEqualTo(CommandRun.offline("upgrade", "--help"));
        assertThat(CommandRun.offline("help", "backfills", "set").output())
                .startsWith("Usage: ./supportdb backfills set");
    }

    @Test
    void sql_of_a_rollback_discards_what_it_is_told_to() throws IOException {
        Path script = Path.of("target/liquibase/migrate.sql");
        assertThat(CommandRun.offline("rollback-sql", "007:006").exitCode()).isZero();
        assertThat(script).content().contains(" of tags would be lost", " of ticket_tags would be lost");

        assertThat(CommandRun.offline("rollback-sql", "007:006", "--discard=tags").exitCode()).isZero();
        assertThat(script).content().startsWith("-- ./supportdb rollback-sql 007:006 --discard=tags\n")
                .contains(" of ticket_tags would be lost").doesNotContain(" of tags would be lost");
    }

    @Test
    void history_of_a_branch() {
        assertThat(json("history", "--offline", "--branch=crm", "023:")).extracting("number")
                .containsExactly("023", "025", "028");
    }

    @Test
    void show_of_a_feature() {
        assertThat(CommandRun.offline("show", "knowledge@head", "--offline")).isEqualTo(new CommandRun(0, """
                knowledge/026_articles
                  Articles that answer common questions, in the same categories as tickets. The branch knowledge \
                depends on the users
                  and the categories of main.
                file       changelog/knowledge/026_articles.yaml
                labels     knowledge
                needs      main/017_ticket_categories
                needed by  vector/027_embeddings
                changesets
                  026_articles-01-tag_before                      Tag the state before this feature
                  026_articles-02-create_knowledge_base_articles  Create table knowledge_base_articles
                """));
        assertThat(CommandRun.offline("show", "heads", "--offline").output())
                .contains("main/024_active_ticket_index\n", "\n\nvector/027_embeddings\n");
        assertThat(json("show", "016", "--offline")).singleElement().extracting("changesets", LIST).hasSize(7)
                .last().extracting("transaction").isEqualTo(false);
    }

    @Test
    void show_of_a_changeset() {
        assertThat(CommandRun.offline("show", "016-06", "--offline").output()).startsWith("""
                changelog/main/016_ticket_metrics.yaml::016_ticket_metrics-06-require_counters::support-db
                  Make the counters required
                feature      main/016_ticket_metrics
                labels       main, backfill
                transaction  no
                condition    the counters of tickets cannot be required before they are filled: add the label backfill.
                does         sql; sql; sql; sql; sql
                rollback     sql
                """);
        assertThat(CommandRun.offline("show", "16-9", "--offline").output())
                .contains("Nearest: 016_ticket_metrics-01-");
        assertThat(CommandRun.offline("show", "16-05", "--offline").output())
                .contains("does         dev.supportdb.domain.TicketMetricsBackfill\n", "labels       main, backfill\n");
        assertThat(CommandRun.offline("show", "demo_data-02", "--offline").output()).contains("context      @dev\n");
    }

    /** The project may be read-only. */
    @Test
    void a_file_that_cannot_be_written_is_named(@TempDir Path folder) throws IOException, InterruptedException {
        HostileOptions.write(folder);
        Files.deleteIfExists(folder.resolve("target"));
        Files.createFile(folder.resolve("target"));

        CommandRun run = CommandRun.in(folder, "sql", ":001");

        assertThat(run.output()).contains("Cannot read or write target/liquibase/migrate.sql: Not a directory.");
        assertThat(run.exitCode()).isNotZero();
    }

    @Test
    void in_a_folder_with_spaces_whose_database_is_not_there(@TempDir Path folder)
            throws IOException, InterruptedException {
        Path project = folder.resolve("our support db");
        new ChangelogFolder(project).feature("my crm/001_a").write("contexts/dev.properties", """
                changeLogFile=%s
                url=jdbc:postgresql://127.0.0.1:1/none
                contexts=dev
                """.formatted(ChangelogFolder.MASTER));

        CommandRun run = CommandRun.in(project, "graph");

        assertThat(run.output()).startsWith("Not connected; showing the changelog files only (--offline). No "
                + "PostgreSQL")
                .endsWith("target/graph.svg\ntarget/graph.mmd\n");
        assertThat(run.exitCode()).as("it could not look").isEqualTo(2);
        assertThat(Files.readString(project.resolve("target/graph.mmd"))).contains("subgraph b_my_crm [\"my crm\"]");
        assertThat(Files.readString(project.resolve("target/graph.svg"))).contains(">001_a</text>");
    }

    /** JSON is YAML, too. */
    private static List<Map<String, Object>> json(String... arguments) {
        String[] all = Arrays.copyOf(arguments, arguments.length + 1);
        all[arguments.length] = "--json";
        CommandRun run = CommandRun.offline(all);
        assertThat(run.exitCode()).as(run.output()).isZero();
        return new Yaml().load(run.output());
    }
}
