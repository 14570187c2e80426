package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests the command as a person runs it. Other tests check what it finds. */
final class CheckCommandTest {

    private TestDatabase database;

    @BeforeEach
    void create() throws SQLException, CommandExecutionException {
        database = Databases.at(MigrationState.before("003_performance_indexes"));
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    private CommandRun check(String... options) {
        String[] arguments = new String[options.length + 1];
        arguments[0] = "check";
        System.arraycopy(options, 0, arguments, 1, options.length);
        return CommandRun.on(database, arguments);
    }

    @Test
    void a_database_as_the_changelog_makes_it_passes() throws SQLException {
        CommandRun run = check();

        assertThat(run.output().lines()).contains("The database matches its changelog, %d changesets applied."
                .formatted(database.count("select count(*) from databasechangelog")));
        assertThat(run.exitCode()).isZero();
    }

    @Test
    void a_difference_is_reported_with_changesets_for_it() throws SQLException {
        database.execute("""
                create index ix_by_hand on tickets (created_at);
                alter table tickets alter status drop default, add language varchar(10);
                alter table users add must int not null;
                """);

        CommandRun run = check();

        assertThat(run.output()).startsWith("The database does not match its changelog").contains("""
                  index public.ix_by_hand
                    + CREATE INDEX ix_by_hand ON public.tickets USING btree (created_at)
                """, """
                  table column public.tickets.status
                    - character varying(50) not null default 'open'::character varying
                    + character varying(50) not null
                """, """
                To write by hand, or to undo by hand:
                  table column public.users.must: is required and has no default: the old rows need a backfill first
                """).containsPattern("""
                To add it to the changelog:
                  ./supportdb revision 'adopted by hand on [-\\d]+' .*
                  ./supportdb stamp (\\d+_adopted_by_hand_on_[_\\d]+) .*

                  - changeSet:
                      id: "\\1-02-add_tickets_language"
                """);
        assertThat(run.exitCode()).isEqualTo(1);
    }

    @Test
    void a_program_reads_the_same() throws SQLException {
        database.execute("""
                comment on table tickets is E'a \\\\ "comment"\\n\\x01';
                insert into databasechangelog
                select '002_sla_fields-09-gone', author, filename, dateexecuted, 99, exectype, md5sum, description
                from databasechangelog where id like '002_sla_fields-04%';
                """);

        CommandRun run = check("--json");

        assertThat(run.exitCode()).isEqualTo(1);
        String json = "select '%s'::json #>> ".formatted(run.output().replace("'", "''"));
        assertThat(database.text(json + "'{inStep}'")).isEqualTo("false");
        assertThat(database.text(json + "'{database,gone}'"))
                .isEqualTo("[\"changelog/main/002_sla_fields.yaml::002_sla_fields-09-gone::support-db\"]");
        assertThat(database.text(json + "'{database,objects,0,object}'")).isEqualTo("table public.tickets");
        assertThat(database.text(json + "'{database,objects,0,database,0}'"))
                .isEqualTo("comment E'a \\\\ \"comment\"\n\u0001'");
    }

    @Test
    void an_address_that_is_none_is_a_misuse() {
        CommandRun run = check("--scratch-url=mysql://root:secret@host/db");

        assertThat(run.output()).contains("--scratch-url is not the address of a PostgreSQL database")
                .doesNotContain("secret");
        assertThat(run.exitCode()).isEqualTo(2);
    }

    @Test
    void a_server_that_does_not_answer_is_not_drift() {
        CommandRun run = check("--scratch-url=postgresql://a:b@127.0.0.1:1/nowhere");

        assertThat(run.output())
                .contains("Cannot create a scratch database: No PostgreSQL server answers at 127.0.0.1:1")
                .contains("on the server of SCRATCH_URL");
        assertThat(run.exitCode()).isEqualTo(2);
    }

    /** It ends by Ctrl-C, for instance. */
    @Test
    void nothing_is_left_behind_when_it_is_ended() throws IOException, InterruptedException, SQLException {
        Process run = CommandRun.start(CommandRun.url(database), "check");
        String scratch = "select count(*) from pg_database where datname ~ '^expected_%d_'".formatted(run.pid());
        while (run.isAlive() && database.count(scratch) == 0) {
            Thread.onSpinWait();
        }
        run.destroy();

        assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(run.exitValue()).isEqualTo(143);
        assertThat(database.count(scratch)).isZero();
    }
}
