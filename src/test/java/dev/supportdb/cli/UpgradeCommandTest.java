package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.sql.SQLException;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Forward and back by name, as a person goes. */
final class UpgradeCommandTest {

    private TestDatabase database;

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    @Test
    void forward_and_back_by_name() throws Exception {
        database = Databases.empty();
        Snapshot nothing = database.snapshot();

        CommandRun first = run("upgrade", "main@004", "020");
        assertThat(first.output()).containsPattern("(?s)Upgrade +main/000_backfill_tables +8 changesets\n +main/001.*"
                + " +crm/020_customer_preferences +\\d+ changesets\nDatabase  30 changesets applied in \\d+\\.\\d s\n");
        assertThat(first.exitCode()).isZero();
        Snapshot before = database.snapshot();

        assertThat(run("upgrade", "--branch=crm", "+1").output())
                .containsPattern("^Upgrade +crm/022_optional_customer_email +\\d changesets\nDatabase  \\d changesets");
        assertThat(before.differenceTo(database.snapshot())).isNotEmpty();
        CommandRun back = run("downgrade", "--branch=crm", "-1");
        assertThat(back.output()).containsPattern(
                "^Downgrade +crm/022_optional_customer_email +\\d changesets\nDatabase  \\d changesets undone in");
        assertThat(back.exitCode()).isZero();
        assertThat(before.differenceTo(database.snapshot())).isEmpty();

        assertThat(run("upgrade", "005-2").output())
                .containsPattern("\nUp to     005_ticket_priority_enum-02-\\S+\nDatabase  2 changesets applied in");
        assertThat(run("upgrade", "005-2").output())
                .matches("Up to     005_ticket_priority_enum-02-\\S+\n"
                        + "Database  already at that position or after it, nothing to do\n");

        assertThat(run("downgrade", "base").exitCode()).isZero();
        assertThat(nothing.differenceTo(database.snapshot())).isEmpty();
        assertThat(database.count("select count(*) from databasechangelog")).isZero();
        assertThat(run("downgrade", "base"))
                .isEqualTo(new CommandRun(0, "Database  already at that position, nothing to do\n"));
    }

    @Test
    void without_a_name_forward_is_to_the_head() throws Exception {
        database = Databases.at(MigrationState.before("026_articles"));

        assertThat(run("upgrade").exitCode()).isZero();
        try (TestDatabase head = Databases.at(MigrationState.head())) {
            assertThat(head.snapshot().differenceTo(database.snapshot())).isEmpty();
        }
        assertThat(run("upgrade")).isEqualTo(new CommandRun(0, "Database  up to date, nothing to do\n"));
    }

    @Test
    void a_trigger_that_fires_for_the_rows_of_a_backfill_is_named_forward_and_back() throws Exception {
        database = Databases.at(MigrationState.head());
        database.execute("""
                create function touch() returns trigger language plpgsql as 'begin return new; end';
                create trigger touch before update on customers for each row execute function touch();
                """);

        assertThat(run("downgrade", "crm@-1").output())
                .contains("          Trigger touch on customers fires for each row")
                .contains("          create or replace trigger touch ");
        assertThat(run("upgrade").output()).contains("          Trigger touch on customers fires for each row");
    }

    @Test
    void dependencies_on_other_branches_are_shown_first_and_run_on_demand() throws Exception {
        database = Databases.empty();

        CommandRun alone = run("upgrade", "020");
        assertThat(alone.output()).containsPattern("Asked for +crm/020_customer_preferences +\\d changesets\n"
                + "Needs +main/000_backfill_tables +8 changesets\n +main/001_initial_schema +5 changesets\n"
                + "Nothing has been changed\\. To run these as well: "
                + "./supportdb upgrade 020 --with-dependencies --env=test --labels='!vector'\n");
        assertThat(alone.exitCode()).isEqualTo(1);
        assertThat(run("upgrade", "--branch=crm").output()).as("no name where none was typed")
                .endsWith(" ./supportdb upgrade --branch=crm --with-dependencies --env=test --labels='!vector'\n");
        CommandRun leftOut = run("upgrade", "vector@head");
        assertThat(leftOut).isEqualTo(new CommandRun(1, "Nothing has been changed: the contexts 'test' and the label "
                + "filter '!vector' exclude vector/027_embeddings.\n"));
        CommandRun needed = runWith("@crm", "upgrade", "020", "--with-dependencies");
        assertThat(needed.output()).containsPattern("Needs +main/001_initial_schema +left out\n")
                .endsWith("and the label filter '@crm' exclude what it depends on.\n");
        assertThat(database.texts("select relname from pg_class where relnamespace = 'public'::regnamespace"))
                .isEmpty();

        CommandRun both = run("upgrade", "020", "--with-dependencies");
        assertThat(both.output()).containsPattern("^First +main/000_backfill_tables +8 changesets\n"
                + " +main/001_initial_schema +5 changesets\n"
                + "Upgrade +crm/020_customer_preferences +\\d changesets\nDatabase");
        assertThat(both.exitCode()).isZero();

    }

    @Test
    void dependencies_of_dependencies_run_on_demand() throws Exception {
        database = Databases.at(MigrationState.before("007_tags"));

        CommandRun branch = run("upgrade", "--branch=knowledge", "--with-dependencies");
        assertThat(branch.output()).containsPattern("(?s)^First +main/007.*"
                + " +main/015_satisfaction_rating +\\d+ changesets\n.*Upgrade +knowledge/026.*Database");
        assertThat(branch.exitCode()).isZero();
    }

    @Test
    void a_merge_that_waits_is_named_by_every_command_that_defers_it() throws Exception {
        database = Databases.at(MigrationState.before("012_resolution_notes").labelled("main"));
        String waits = "Deferred  main/011_merge_reporting waits for reporting/010_scheduled_reports\n";

        assertThat(run("sql", "008:012").output()).startsWith(waits);
        assertThat(run("sql", "017:018").output()).as("deferred before that range").doesNotContain("Deferred");
        assertThat(run("upgrade", "012-02").output()).endsWith(waits);
        assertThat(run("stamp", "012", "--force").output()).endsWith(waits);
        assertThat(runWith("main", "update").output()).endsWith("Deferred  changelog/main/011_merge_reporting.yaml: "
                + "the merge of reporting waits for both branches: update with labels 'main or reporting'\n");

        assertThat(run("upgrade").output()).as("brought by its own branch").doesNotContain("Deferred");
        assertThat(run("sql", "008:012,reporting@head").output()).doesNotContain("Deferred");
    }

    @Test
    void a_downgrade_undoes_the_features_that_depend_on_it_on_demand() throws Exception {
        database = Databases.at(MigrationState.head());

        CommandRun refused = run("downgrade", "004");
        assertThat(refused.output()).startsWith("Cannot downgrade to 004: knowledge/026_articles depends on "
                + "what would be undone.");
        assertThat(run("downgrade", "reporting@base", "--discard=tags").output()).as("the way of a merge is long")
                .isEqualTo("""
                        Cannot downgrade to reporting@base: main/011_merge_reporting, knowledge/026_articles depend on \
                        what would be undone. Nothing was rolled back.
                        To downgrade these as well, 12 features in all: ./supportdb downgrade reporting@base \
                        --with-dependents --discard=tags --env=test --labels='!vector'
                        """);
        assertThat(runWith("main", "downgrade", "004").output()).endsWith("\nTo downgrade these as well, use "
                + "--with-dependents and a filter that includes them, unlike the contexts 'test' and the label filter "
                + "'main'.\n");

        assertThat(run("downgrade", "016", "--with-dependents").exitCode()).isZero();
        assertThat(database.texts("select distinct filename from databasechangelog where tag is null order by 1"))
                .containsSubsequence("changelog/crm/028_customer_score.yaml",
                        "changelog/main/016_ticket_metrics.yaml", "changelog/reporting/009_reports.yaml")
                .noneMatch(file -> file.contains("/017_") || file.contains("/026_"));
    }

    @Test
    void a_downgrade_that_is_refused_does_not_look_as_if_it_had_begun() throws Exception {
        database = Databases.at(MigrationState.head());
        database.execute("""
                insert into customers (id, email, name) values (1, 'c@example.com', 'C');
                insert into tickets (customer_id, subject, description, resolution_notes) values (1, 's', 'd', 'kept');
                """);

        CommandRun refused = run("downgrade", "before-012", "--with-dependents");

        assertThat(refused.output()).startsWith("Cannot roll back: the old schema has no place for these rows.");
        assertThat(refused.exitCode()).isEqualTo(1);
    }

    @Test
    void a_misused_command_changes_nothing() throws Exception {
        database = Databases.at(MigrationState.head());
        String history = "select count(*) from databasechangelog";
        long changesets = database.count(history);

        assertMisuse("'ticket' is ambiguous and stands for 5: main/005_ticket_priority_enum", "downgrade", "ticket");
        assertMisuse("There is no feature or changeset 'ticket_metrcs'. Nearest: main/016", "downgrade",
                "ticket_metrcs");
        assertMisuse("'-1' counts back, and an upgrade goes forward. To undo: ./supportdb downgrade -1 --env=test",
                "upgrade", "-1");
        assertMisuse("A name is missing: ./supportdb downgrade -1 --env=test --labels='!vector', or a name", "downgrade");
        assertMisuse("A name is missing: ./supportdb stamp heads --env=test --labels='!vector', or", "stamp");
        assertMisuse("'012' and '016' are both on the branch main: name only one of them.", "downgrade", "012", "016");
        assertMisuse("-99 is not possible: only 26 features are applied", "downgrade", "-99");
        assertMisuse("Unknown option: '-x'", "downgrade", "-x");
        assertMisuse("Unknown option: '--stpes=1'", "downgrade", "--stpes=1", "-1");
        assertMisuse("'crm@head' names a branch, and so does --branch=main", "upgrade", "--branch=main", "crm@head");
        assertMisuse("There is no branch 'crn'", "upgrade", "--branch=crn");

        assertThat(run("downgrade", "before-017")).isEqualTo(new CommandRun(1, """
                Cannot downgrade to before-017: knowledge/026_articles depends on what would be undone. \
                Nothing was rolled back.
                To downgrade these as well, 6 features in all: ./supportdb downgrade before-017 --with-dependents --env=test \
                --labels='!vector'
                """));
        assertMisuse("--branch=main searches only that branch", "downgrade", "--branch=main", "before-026_articles");
        assertThat(database.count(history)).isEqualTo(changesets);
    }

    /** All commands treat it alike, also those that exit with 1 when they fail, or with 2 when they could not read. */
    @Test
    void a_filter_that_cannot_be_meant_is_a_misuse() throws Exception {
        database = Databases.empty();

        for (String command : new String[] {"upgrade", "current"}) {
            CommandRun unread = runWith("main or", command);
            assertThat(unread.output()).startsWith("The label filter 'main or' cannot be read.");
            assertThat(unread.exitCode()).as(command).isEqualTo(2);
            CommandRun unknown = runWith("mian", command);
            assertThat(unknown.output()).startsWith("There is no label 'mian'.");
            assertThat(unknown.exitCode()).as(command).isEqualTo(2);
        }
        assertThat(database.texts("select relname from pg_class where relnamespace = 'public'::regnamespace"))
                .isEmpty();
    }

    @Test
    void an_edited_changeset_is_reported_alike_by_all_commands() throws Exception {
        database = Databases.at(MigrationState.head());
        database.execute("update databasechangelog set md5sum = '9:0' where id = '007_tags-02-create_tags'");

        CommandRun update = run("update");
        assertThat(update.output()).containsPattern("^Validation Failed:\n +1 changesets check sum\n")
                .contains("Undo the edit (git log -p of the file shows it), and write a new changeset");
        assertThat(update.exitCode()).isEqualTo(1);
        for (String command : new String[] {"upgrade", "rollback", "downgrade -1", "sql", "rollback-sql", "status"}) {
            assertThat(run(command.split(" "))).as(command).isEqualTo(update);
        }
        CommandRun current = run("current", "--check");
        assertThat(current.output()).endsWith("Every run is refused: 1 changeset was edited in the files after running "
                + "here, such as 007_tags-02-create_tags. Undo the edit (git log -p of the file shows it).\n");
        assertThat(current.exitCode()).isEqualTo(1);
    }

    /** The last phase of an early feature may be the last to run of all. */
    @Test
    void counting_back_never_undoes_more_than_was_counted() throws Exception {
        database = Databases.at(MigrationState.before("007_tags").labelled("main and !contract"));
        run("upgrade", "005");

        CommandRun run = run("downgrade", "-1");

        assertThat(run.output()).containsPattern("(?s)Downgrade .*\n +main/006.*\n +main/005.*\n")
                .endsWith("because the one that ran last is not the last of its branch. "
                        + "To undo all of these: ./supportdb downgrade before-005_ticket_priority_enum --env=test "
                        + "--labels='!vector'\n");
        assertThat(run.exitCode()).isEqualTo(1);
    }

    private void assertMisuse(String message, String... arguments) {
        CommandRun run = run(arguments);
        assertThat(run.output()).contains(message);
        assertThat(run.exitCode()).isEqualTo(2);
    }

    private CommandRun run(String... arguments) {
        return runWith("!vector", arguments);
    }

    private CommandRun runWith(String labels, String... arguments) {
        String[] all = Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--env=test";
        all[arguments.length + 1] = "--labels=" + labels;
        return CommandRun.on(database, all);
    }
}
