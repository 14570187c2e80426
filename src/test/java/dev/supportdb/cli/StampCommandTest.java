package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A database that has the schema from elsewhere is taken over by its word, once that is found true. */
final class StampCommandTest {

    private TestDatabase database;

    @BeforeEach
    void create() throws SQLException, CommandExecutionException {
        database = Databases.at(MigrationState.before("005_ticket_priority_enum").labelled("main"));
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    @Test
    void a_database_without_a_history_gets_it() throws Exception {
        List<String> history = history();
        database.execute("drop table databasechangelog");

        CommandRun run = run("stamp", "main@004");

        assertThat(run.output()).containsPattern("^Record    main/000_backfill_tables +8 changesets\n")
                .endsWith("Database  28 changesets recorded as run\n");
        assertThat(run.exitCode()).isZero();
        assertThat(history()).isEqualTo(history.subList(0, 28));
        assertThat(run("check").output()).startsWith("The database matches its changelog, 28 changesets applied");
        assertThat(run("stamp", "main@004").output()).isEqualTo(
                "Database  already recorded like this, nothing to do; to compare it: ./supportdb check --env=test\n");
    }

    @Test
    void a_database_that_alembic_keeps_is_taken_over_only_by_force() throws Exception {
        List<String> history = history();
        database.execute("drop table databasechangelog; create table alembic_version as select '4' as version_num");

        for (List<String> command : List.of(List.of("stamp", "main@004"), List.of("upgrade", "main@004"))) {
            CommandRun refused = run(command.toArray(String[]::new));
            assertThat(refused.output()).contains("Alembic migrates this database: public.alembic_version is at 4.");
            assertThat(refused.exitCode()).isEqualTo(1);
        }
        assertThat(run("current").output()).contains("Alembic migrates this database");
        assertThat(database.text("select to_regclass('databasechangelog')")).isNull();

        assertThat(run("stamp", "main@004", "--force").output()).endsWith("Database  28 changesets recorded as run\n");
        assertThat(history()).isEqualTo(history.subList(0, 28));
        assertThat(run("upgrade", "main@004").exitCode()).isZero();
    }

    @Test
    void a_stamp_that_does_not_match_is_recorded_only_by_force() throws Exception {
        List<String> history = history();
        database.execute("drop index ix_tickets_created_at; create table by_hand (id int)");

        CommandRun refused = run("stamp", "before-003");
        assertThat(refused.output()).containsPattern("^Forget    main/005_\\S+ +1 changeset\n {10}main/004")
                .contains("  table public.by_hand\n", "  table public.satisfaction_surveys\n")
                .endsWith("\nThe schema does not match, so nothing was recorded. To record it anyway: "
                        + "./supportdb stamp before-003 --force --env=test\n");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(history()).isEqualTo(history);

        CommandRun forced = run("stamp", "before-003", "--force");
        assertThat(forced.output()).endsWith("Database  12 changesets recorded as not run\n");
        assertThat(history()).isEqualTo(history.subList(0, 17));
        assertThat(database.count("select count(*) from pg_tables where tablename = 'satisfaction_surveys'")).isOne();
    }

    @Test
    void backward_is_forward_after_a_restore() throws Exception {
        List<String> history = history();
        database.execute("drop table satisfaction_surveys");

        CommandRun run = run("stamp", "003");

        assertThat(run.output()).endsWith("Database  5 changesets recorded as not run\n");
        assertThat(run("upgrade", "before-005").exitCode()).isZero();
        assertThat(history()).isEqualTo(history.subList(0, 28));
    }

    @Test
    void a_stamp_without_its_dependencies_is_refused() throws Exception {
        database.execute("drop table databasechangelog");

        CommandRun run = run("stamp", "020", "--labels=main or crm");

        assertThat(run.output()).containsPattern(
                        "Needs +main/000_backfill_tables +8 changesets\n +main/001_initial_schema +5 changesets\n")
                .contains("./supportdb stamp 020 --with-dependencies --env=test --labels='main or crm'");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(database.count("select count(*) from pg_tables where tablename = 'databasechangelog'")).isZero();
    }

    @Test
    void the_command_that_forces_a_stamp_has_its_other_options() throws Exception {
        database.execute("drop table databasechangelog; drop index ix_tickets_created_at");

        CommandRun run = run("stamp", "020", "--with-dependencies", "--labels=main or crm");

        assertThat(run.output()).endsWith(
                ": ./supportdb stamp 020 --with-dependencies --force --env=test --labels='main or crm'\n");
    }

    @Test
    void a_stamp_that_forgets_a_dependency_is_refused() throws Exception {
        try (TestDatabase head = Databases.at(MigrationState.head())) {
            String recorded = "select count(*) from databasechangelog";
            long changesets = head.count(recorded);
            for (String[] stamp : List.of(new String[] {"stamp", "016", "--env=test"},
                    new String[] {"stamp", "016", "--env=test", "--force"})) {
                CommandRun run = CommandRun.on(head, stamp);

                assertThat(run.output()).startsWith("This would keep recorded as run what depends on this and must be "
                                + "recorded as not run with it. Nothing has been recorded.\n").contains(
                        "026_articles-01-tag_before::support-db depends on it\n",
                        "To include that as well: ./supportdb stamp ")
                        .doesNotContain("rolled back", "Cannot compare");
                assertThat(run.exitCode()).isEqualTo(1);
                assertThat(head.count(recorded)).isEqualTo(changesets);
            }
        }
    }

    @Test
    void a_failure_in_the_scratch_database_is_reported_as_such() throws Exception {
        try (TestDatabase head = Databases.at(MigrationState.head())) {
            assumeThat(head.count("select count(*) from pg_available_extensions where name = 'vector'"))
                    .as("this server offers the extension vector").isZero();
            long changesets = head.count("select count(*) from databasechangelog");

            CommandRun run = CommandRun.on(head, "stamp", "heads", "--env=test");

            assertThat(run.output()).contains("Cannot compare: the changesets recorded as run here fail in an empty "
                            + "scratch database. In the database itself nothing has been changed or "
                            + "recorded.\nMigration failed for changeset changelog/vector/027_embeddings")
                    .endsWith("SCRATCH_URL.\n--labels='!vector' excludes the branch vector.\n");
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(CommandRun.on(head, "stamp", "heads", "--env=test",
                    "--labels=main or vector , reporting,knowledge,crm").output()).endsWith("\n--labels='(main or "
                            + "vector or reporting or knowledge or crm) and !vector' excludes the branch vector.\n");
            assertThat(CommandRun.on(head, "stamp", "027", "--env=test").output())
                    .endsWith("To try another server, set SCRATCH_URL.\n");
            assertThat(head.count("select count(*) from databasechangelog")).isEqualTo(changesets);
        }
    }

    @Test
    void two_names_of_which_one_undoes_what_the_other_needs_are_refused() throws Exception {
        List<String> history = history();

        CommandRun run = run("stamp", "020", "main@base", "--force", "--labels=main or crm");

        assertThat(run.output()).contains("crm/020_customer_preferences depends on main/001_initial_schema, which "
                + "would be recorded as not run: name only one of them.");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(history()).isEqualTo(history);
    }

    private List<String> history() throws SQLException {
        return database.texts("""
                select id || ' ' || md5sum || ' ' || coalesce(tag, '') from databasechangelog order by orderexecuted
                """);
    }

    private CommandRun run(String... arguments) {
        String[] all = Arrays.copyOf(arguments, arguments.length + 1);
        all[arguments.length] = "--env=test";
        return CommandRun.on(database, all);
    }
}
