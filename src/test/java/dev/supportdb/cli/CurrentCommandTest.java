package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** The output of commands that read a database. They use only its history, so a test may write that. */
final class CurrentCommandTest {

    private TestDatabase database;

    @BeforeEach
    void create() throws SQLException, CommandExecutionException {
        database = Databases.at(MigrationState.head());
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    @Test
    void a_database_at_its_heads() {
        assertThat(run("current", "--check")).isEqualTo(new CommandRun(0, """
                branch     at                       pending
                main       024_active_ticket_index  nothing  demo_data left out
                reporting  010_scheduled_reports    nothing
                crm        028_customer_score       nothing
                knowledge  026_articles             nothing
                vector     base                     nothing  left out
                """));
        assertThat(run("show", "current").output()).contains("crm/028_customer_score\n")
                .doesNotContain("vector/027_embeddings\n  Embeddings");
        assertThat(run("history", "-2:").output())
                .containsPattern("028_customer_score +crm +5 +20\\d\\d-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC "
                        + "+000_backfill_tables +head\\n");
    }

    /** The time zone of this machine does not matter; in the tests it is another one. */
    @Test
    void a_time_is_that_of_the_server() throws SQLException {
        String ran = database.text("""
                select to_char(dateexecuted, 'YYYY-MM-DD HH24:MI:SS') from databasechangelog
                where id = '016_ticket_metrics-02-add_counters'""");

        assertThat(run("show", "016").output()).containsPattern("016_ticket_metrics-02\\S+ .*" + ran + " UTC");
        assertThat(run("show", "016", "--json").output()).contains("\"" + ran.replace(' ', 'T'))
                .containsPattern("\"applied\": \"\\S+Z\"");
    }

    @Test
    void a_database_that_is_behind() throws SQLException {
        database.execute("""
                delete from databasechangelog where id > '025_message_metadata-03' and id < '026' or id ~ '^028';
                """);

        CommandRun run = run("current", "--check");

        assertThat(run.output())
                .contains("crm        025_message_metadata     025_message_metadata, 028_customer_score\n");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run("heads").output()).containsPattern("crm +028_customer_score +pending\n");
        assertThat(run("show", "crm@+1").output()).containsPattern("applied  +20.*, 1 of 2\n")
                .containsPattern("025_message_metadata-03-\\S+ .* pending\n");
        CommandRun unchecked = run("current", "--json");
        assertThat(unchecked.exitCode()).as("nobody asked").isZero();
        Map<String, Object> json = new Yaml().load(unchecked.output());
        assertThat(json).containsEntry("behind", true).containsEntry("unknown", List.of())
                .containsEntry("changesets", 6);
    }

    @Test
    void the_first_and_the_last_of_many_features_are_named() throws SQLException {
        database.execute("delete from databasechangelog where id ~ '^01[5-9]'");

        assertThat(run("current").output()).containsPattern(" 015_satisfaction_rating to 019_response_times \\(5\\) ");
    }

    @Test
    void a_database_without_a_branch_that_another_waits_for() throws SQLException {
        database.execute("delete from databasechangelog where id ~ '^0(09|10|11)'");

        CommandRun run = CommandRun.on(database, "current", "--env=test", "--check",
                "--labels=!reporting and !vector");

        assertThat(run.output()).contains(
                "  nothing  demo_data left out, 011_merge_reporting waits for 010_scheduled_reports\n",
                "reporting  base                     nothing  left out\n");
        assertThat(run.exitCode()).isZero();
    }

    @Test
    void a_database_that_is_ahead() throws SQLException {
        database.execute("""
                update databasechangelog set id = replace(id, '028_customer', '029_client') where id ~ '^028'
                """);

        assertThat(run("current").output()).contains("The database is ahead of these files: they lack 5 of its "
                + "changesets, such as 029_client_score-05-fill_computed_score\n");
    }

    @Test
    void rows_that_are_hidden_from_a_trigger_function_are_told() throws SQLException {
        String owner = database.name() + "_owner";
        database.execute("create role %s; alter table tickets enable row level security".formatted(owner));
        try {
            assertThat(run("current", "--check").exitCode()).isZero();

            database.execute("alter function log_ticket_changes() owner to " + owner);
            CommandRun run = run("current", "--check");
            assertThat(run.output()).contains("- public.tickets from %s, whose rights public.log_ticket_changes() has\n"
                    .formatted(owner)).endsWith("  alter role %s bypassrls;\n".formatted(owner));
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(CommandRun.on(database, "check", "--env=test", "--labels=!vector", "--json").output())
                    .contains("\"notes\"", "- public.tickets from " + owner);
        } finally {
            database.execute("alter function log_ticket_changes() owner to current_user; drop role " + owner);
        }
    }

    private CommandRun run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--env=test", "--labels=!vector"));
        return CommandRun.on(database, all.toArray(String[]::new));
    }
}
