package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.State;
import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A database that has the schema from elsewhere is taken over by its word, once that is found true. */
final class StampTest {

    private TestDatabase database;

    @BeforeEach
    void create() throws SQLException, CommandExecutionException {
        database = Databases.at(State.before("005_ticket_priority_enum").labelled("main"));
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    @Test
    void a_database_without_a_history_gets_it() throws Exception {
        List<String> history = history();
        database.execute("drop table databasechangelog");

        CommandRun run = run("stamp", "--to=main@004");

        assertThat(run.output()).containsPattern("^Run +main/001_initial_schema +5 changesets\n")
                .endsWith("Database  20 changesets recorded as run\n");
        assertThat(run.exitCode()).isZero();
        assertThat(history()).isEqualTo(history.subList(0, 20));
        assertThat(run("check").output()).startsWith("The database is what the changelog makes by its 20 changesets");
        assertThat(run("stamp", "--to=main@004").output()).isEqualTo("Database  recorded so already, nothing to do\n");
    }

    @Test
    void what_is_not_true_is_recorded_only_by_force() throws Exception {
        List<String> history = history();
        database.execute("drop index ix_tickets_created_at; create table by_hand (id int)");

        CommandRun refused = run("stamp", "--to=before-003");
        assertThat(refused.output()).containsPattern("^Not run +main/005_\\S+ +1 changeset\n +main/004")
                .contains("The database is not there, and nothing has been recorded; force=1 does it all the same.\n",
                        "  table public.by_hand\n", "  table public.satisfaction_surveys\n");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(history()).isEqualTo(history);

        CommandRun forced = run("stamp", "--to=before-003", "--force");
        assertThat(forced.output()).endsWith("Database  12 changesets recorded as not run\n");
        assertThat(history()).isEqualTo(history.subList(0, 9));
        assertThat(database.count("select count(*) from pg_tables where tablename = 'satisfaction_surveys'")).isOne();
    }

    @Test
    void backward_is_forward_after_a_restore() throws Exception {
        List<String> history = history();
        database.execute("drop table satisfaction_surveys");

        CommandRun run = run("stamp", "--to=003");

        assertThat(run.output()).endsWith("Database  5 changesets recorded as not run\n");
        assertThat(run("upgrade", "--to=before-005").exitCode()).isZero();
        assertThat(history()).isEqualTo(history.subList(0, 20));
    }

    @Test
    void what_it_needs_has_to_be_claimed_as_well() throws Exception {
        database.execute("drop table databasechangelog");

        CommandRun run = run("stamp", "--to=020", "--labels=main or crm");

        assertThat(run.output()).containsPattern("Needs +main/001_initial_schema +5 changesets\n")
                .contains("make stamp ENV=test LABELS='main or crm' to='020' with-dependencies=1");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(database.count("select count(*) from pg_tables where tablename = 'databasechangelog'")).isZero();
    }

    private List<String> history() throws SQLException {
        return database.texts("""
                select id || ' ' || md5sum || ' ' || coalesce(tag, '') from databasechangelog order by orderexecuted
                """);
    }

    private CommandRun run(String... arguments) throws IOException, InterruptedException {
        String[] all = Arrays.copyOf(arguments, arguments.length + 1);
        all[arguments.length] = "--env=test";
        return CommandRun.of(CommandRun.url(database), all);
    }
}
