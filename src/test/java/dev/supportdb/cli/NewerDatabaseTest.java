package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Pattern;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests a database with a feature that these files do not have: every command that it concerns says so. */
final class NewerDatabaseTest {

    private static final String AHEAD = "The database is ahead of these files: they lack 2 of its changesets, "
            + "such as 029_invoices-02-create_invoices\n";

    private TestDatabase database;

    @BeforeEach
    void create() throws SQLException, CommandExecutionException {
        database = Databases.at(MigrationState.before("003_performance_indexes"));
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    private void deployAnother() throws SQLException {
        database.execute("""
                create table invoices (id integer);
                insert into databasechangelog (id, author, filename, dateexecuted, orderexecuted, exectype)
                select '029_invoices-' || step, 'support-db', 'changelog/main/029_invoices.yaml', now(), 1000,
                    'EXECUTED'
                from unnest(array['01-tag_before', '02-create_invoices']) step
                """);
    }

    @ParameterizedTest
    @ValueSource(strings = {"current", "history 001:002", "upgrade 002", "upgrade main@003", "stamp main@003"})
    void a_database_ahead_of_the_files_is_reported(String command) throws SQLException {
        assertThat(run(command).output()).isNotEmpty().doesNotContain("ahead");
        deployAnother();

        String said = run(command).output();
        assertThat(said).as("last, but for a verdict").containsPattern(Pattern.quote(AHEAD)
                + (command.startsWith("stamp") ? "The schema does not match, so nothing was recorded.*\n\\z" : "\\z"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"downgrade -1", "downgrade base", "stamp main@001", "stamp main@001 --force"})
    void a_rollback_below_unknown_changesets_is_refused(String command) throws SQLException {
        deployAnother();
        List<String> history = history();

        CommandRun run = run(command);

        assertThat(run.output()).contains("in the history", "not in the changelog files:\n",
                "  changelog/main/029_invoices.yaml::029_invoices-02-create_invoices::support-db\n",
                "so restore the files first. Nothing has been ");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(history()).isEqualTo(history);
    }

    @Test
    void a_check_names_it_and_what_it_made() throws SQLException {
        deployAnother();

        CommandRun run = run("check");

        assertThat(run.output()).contains("The database is ahead: these have run",
                "  changelog/main/029_invoices.yaml::029_invoices-01-tag_before::support-db\n",
                "  table public.invoices\n").doesNotContain("To add it to the changelog");
        assertThat(run.exitCode()).isEqualTo(1);
    }

    /** The tag of a feature stays when the feature is rolled back, and its file may then be deleted. */
    @ParameterizedTest
    @ValueSource(strings = {"current", "check", "upgrade 002", "history 001:002", "stamp main@001 --force",
        "downgrade -1", "rollback --count=2"})
    void a_tag_that_is_left_of_a_deleted_feature_puts_no_database_ahead(String command) throws SQLException {
        deployAnother();
        database.execute("""
                delete from databasechangelog where id = '029_invoices-02-create_invoices';
                update databasechangelog set description = 'tagDatabase', tag = 'before-029_invoices'
                where id = '029_invoices-01-tag_before';
                drop table invoices
                """);

        CommandRun run = run(command);

        assertThat(run.output()).doesNotContain("ahead", "029_invoices");
        assertThat(run.exitCode()).isZero();
    }

    private List<String> history() throws SQLException {
        return database.texts("select id from databasechangelog order by orderexecuted, id");
    }

    private CommandRun run(String command) {
        return CommandRun.on(database, (command + " --env=test --labels=!vector").split(" "));
    }
}
