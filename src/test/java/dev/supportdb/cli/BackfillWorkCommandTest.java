package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.domain.DerivedValueRecount;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.support.Databases;
import dev.supportdb.support.Eventually;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.io.BufferedReader;
import java.sql.Connection;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The work on one backfill by several processes. */
final class BackfillWorkCommandTest {

    private static final int TICKETS = 10_000;
    private static final MigrationState START = MigrationState.before("016_ticket_metrics").withTickets(TICKETS);

    /** Up to and including the fill. */
    private static final int CHANGESETS = 5;

    /**
     * Notes which session writes which ticket. After its first batch each waits for a batch of the other, or for
     * {@code alone}: that there is no other to come.
     */
    private static final String TAKE_TURNS = """
            create table alone (unit integer);
            create table written (ticket bigint, session integer);
            create function take_turns() returns trigger language plpgsql as $$
            begin
                while exists (select from written where session = pg_backend_pid())
                    and not exists (select from written where session <> pg_backend_pid())
                    and not exists (select from alone)
                loop
                    perform pg_sleep(0.01);
                end loop;
                insert into written select id, pg_backend_pid() from now_written;
                return null;
            end
            $$;
            create trigger take_turns after update on tickets referencing new table as now_written
                for each statement execute function take_turns();
            """;

    @Test
    void a_backfill_is_shared_and_each_row_is_written_once() throws Exception {
        try (TestDatabase database = Databases.at(START)) {
            database.execute(TAKE_TURNS);
            CompletableFuture<CommandRun> other = CompletableFuture.supplyAsync(() -> workOnceItIsUnderWay(database));

            new LiquibaseRunner(START.of(database)).update(CHANGESETS);

            assertThat(other.join()).isEqualTo(new CommandRun(0, """
                    ticket_metrics: working until no range is left
                    ticket_metrics: no range is left; the process that runs it completes it, or if that has ended, its \
                    command when it is run again
                    """));
            assertThat(database.count("select count(distinct session) from written")).isEqualTo(2);
            assertThat(database.count("select count(*) from written")).isEqualTo(TICKETS);
            assertThat(database.count("select count(distinct ticket) from written")).isEqualTo(TICKETS);
            assertThat(database.count("select rows_done from backfills where name = 'ticket_metrics'"))
                    .isEqualTo(TICKETS);
            try (Connection connection = database.connect()) {
                assertThat(DerivedValueRecount.TICKET_METRICS.wrongRows(connection)).isEmpty();
            }
        }
    }

    /** However that ends, the run goes on. */
    private static CommandRun workOnceItIsUnderWay(TestDatabase database) {
        try {
            while (database.count("select count(*) from backfills where state = 'filling'") == 0) {
                Eventually.betweenTwoLooks();
            }
            CommandRun work = CommandRun.of(CommandRun.url(database), "backfills", "work");
            database.execute("insert into alone values (1)");
            return work;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void ends_when_it_is_cancelled() throws Exception {
        try (TestDatabase database = Databases.at(MigrationState.head())) {
            database.execute("""
                    update backfills set state = 'undoing', finished_at = null, requested_state = 'pause'
                    where name = 'customer_contacts';
                    insert into backfill_ranges (name, from_key, to_key) values ('customer_contacts', 0, 100);
                    """);
            Process work = CommandRun.start(CommandRun.url(database), "backfills", "work", "customer_contacts");
            try (BufferedReader said = work.inputReader()) {
                assertThat(said.readLine()).isEqualTo("customer_contacts: working until no range is left");
                assertThat(said.readLine()).isEqualTo("undo customer_contacts waits: paused");

                database.execute("update backfills set requested_state = 'cancel' where name = 'customer_contacts'");

                assertThat(said.lines()).containsExactly(
                        "This worker on backfill 'customer_contacts' stopped: it was cancelled. "
                                + "Rows already written are kept.");
            }
            assertThat(work.waitFor()).isEqualTo(3);
            assertThat(work(database)).isEqualTo(new CommandRun(0, "No backfill is running.\n"));
        }
    }

    @Test
    void a_worker_ends_at_once_if_no_backfill_is_running() throws Exception {
        try (TestDatabase database = Databases.at(MigrationState.head())) {
            assertThat(work(database)).isEqualTo(new CommandRun(0, "No backfill is running.\n"));
            assertThat(work(database, "ticket_status"))
                    .isEqualTo(new CommandRun(0, "ticket_status is not running.\n"));
            CommandRun wrong = work(database, "ticket_metric");
            assertThat(wrong.output()).startsWith("There is no backfill 'ticket_metric' in this database; there are: ")
                    .contains("ticket_metrics");
            assertThat(wrong.exitCode()).isEqualTo(2);
        }
    }

    @Test
    void needs_the_changelog_of_the_run() throws Exception {
        try (TestDatabase database = Databases.at(MigrationState.head())) {
            database.execute("""
                    insert into backfills (name, state, lower_key, done_key, upper_key, started_at, updated_at)
                    values ('of_tomorrow', 'filling', 0, 0, 1, now(), now())
                    """);
            assertThat(work(database)).isEqualTo(new CommandRun(1, """
                    of_tomorrow: working until no range is left
                    changelog/db.changelog-master.yaml has no backfill 'of_tomorrow': \
                    use the version of the project that runs it.
                    """));
        }
    }

    private static CommandRun work(TestDatabase database, String... name) {
        return CommandRun.on(database,
                Stream.concat(Stream.of("backfills", "work"), Stream.of(name)).toArray(String[]::new));
    }
}
