package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Watching and controlling, as a person does; that the engine heeds it is a test of the engine. */
final class BackfillsCommandTest {

    private TestDatabase database;

    /**
     * All are filled but one: three quarters of its keys are done, the rest was begun two seconds before the last
     * batch. That is still to come, so that however slow this machine is, it will not have been long ago.
     */
    @BeforeEach
    void begin_a_backfill() throws SQLException, CommandExecutionException {
        database = Databases.at(MigrationState.head());
        database.execute("""
                update backfills set state = 'filling', finished_at = null, lower_key = 0, done_key = 300,
                    upper_key = 400, rows_done = 3000, batches = 30, updated_at = clock_timestamp()
                where name = 'ticket_metrics';
                insert into backfill_ranges
                    (name, from_key, to_key, opened_at, rows_done, batches, last_batch_ms, updated_at)
                select 'ticket_metrics', 300, 400, soon - interval '2 seconds', 500, 5, 98, soon
                from (select clock_timestamp() + interval '1 hour' as soon) latest;
                """);
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    @Test
    void are_listed_in_columns() throws SQLException {
        CommandRun run = backfills();

        List<String> lines = run.output().lines().toList();
        assertThat(lines).hasSize(1 + (int) database.count("select count(*) from backfills"));
        assertThat(lines.get(0)).matches("backfill +state +done +rows +rows/s +left +batch");
        assertThat(lines).anyMatch(line -> line.matches(
                "ticket_metrics +filling +75\\.0 % +3,500 +250 +00:00:04 +98 ms"));
        assertThat(lines).anyMatch(line -> line.matches(
                "ticket_status +filled +100\\.0 % +0 +\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\+00, took \\S+"));
        assertThat(lines.subList(1, lines.size()))
                .allMatch(line -> line.indexOf(" % ") == lines.get(0).indexOf(" done ") + 3);
        assertThat(run.exitCode()).isZero();
    }

    @Test
    void are_listed_for_a_program() throws SQLException {
        CommandRun run = backfills("--json");

        assertThat(database.texts("""
                select row(b.*)::text from json_populate_recordset(null::backfill_progress, '%s') b
                except select row(p.*)::text from backfill_progress p
                """.formatted(run.output().replace("'", "''")))).isEmpty();
        assertThat(database.count("select json_array_length('%s')".formatted(run.output().replace("'", "''"))))
                .isEqualTo(database.count("select count(*) from backfills"));
    }

    @Test
    void say_why_nothing_moves() throws SQLException {
        database.execute("update backfills set waiting_for = 'standby b is 14 s behind' where name = 'ticket_metrics'");
        assertThat(backfills().output()).contains(" 98 ms  waits: standby b is 14 s behind\n");

        database.execute("""
                update backfills set waiting_for = null, updated_at = updated_at - interval '2 hours';
                update backfill_ranges set updated_at = updated_at - interval '2 hours';
                """);
        assertThat(backfills().output()).containsPattern("ticket_metrics .* no batch for 01:0\\d:\\d\\d\n");

        database.execute("""
                delete from backfills where name <> 'ticket_metrics';
                update backfills set updated_at = updated_at + interval '1 day';
                """);
        assertThat(backfills().output().lines()).hasSize(2).noneMatch(line -> line.endsWith(" "));
    }

    @Test
    void are_none_before_the_changelog_has_come_to_them() throws SQLException {
        try (TestDatabase empty = Databases.empty()) {
            String none = "No backfill has run in this database yet.\n";

            assertThat(run(empty)).isEqualTo(new CommandRun(0, none));
            assertThat(run(empty, "--json")).isEqualTo(new CommandRun(0, "[]\n"));
            assertThat(run(empty, "pause", "ticket_metrics")).isEqualTo(new CommandRun(2, none));
        }
    }

    @Test
    void are_paused_resumed_and_cancelled() throws SQLException {
        assertThat(backfills("pause", "ticket_metrics").output()).contains("ticket_metrics pauses ");
        assertThat(wanted()).isEqualTo("pause");
        assertThat(backfills().output()).contains(" 98 ms  paused\n");
        assertThat(backfills("pause", "ticket_metrics").output()).isEqualTo("ticket_metrics is paused already.\n");

        assertThat(backfills("resume", "ticket_metrics").output()).contains("ticket_metrics resumes");
        assertThat(wanted()).isEqualTo("run");
        assertThat(backfills("resume", "ticket_metrics").output()).contains("ticket_metrics is not paused");

        assertThat(backfills("cancel", "ticket_metrics").output()).contains("ticket_metrics stops after the current "
                + "batch");
        assertThat(wanted()).isEqualTo("cancel");
        assertThat(database.count("select count(*) from backfills where requested_state <> 'run'")).isEqualTo(1);
    }

    /** A wish that nobody reads now would surprise whoever undoes the backfill one day. */
    @Test
    void are_not_paused_when_they_are_finished() throws SQLException {
        CommandRun run = backfills("pause", "ticket_status");

        assertThat(run.output()).matches("ticket_status was filled at .*: there is nothing to pause\\.\n");
        assertThat(run.exitCode()).isZero();
        assertThat(database.count("select count(*) from backfills where requested_state <> 'run'")).isZero();
    }

    @Test
    void are_named_when_the_name_is_wrong() {
        CommandRun run = backfills("cancel", "ticket_metric");

        assertThat(run.output()).startsWith("There is no backfill 'ticket_metric' in this database; there are: ")
                .contains("ticket_metrics").doesNotContain("Usage");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(backfills("cancel", "").output()).startsWith("The name of a backfill is missing; there are: ");
    }

    @Test
    void are_told_how_to_go_about_it() throws SQLException {
        assertThat(backfills("set", "ticket_metrics", "--batch-time=60000", "--workers=64", "--rest-ratio=100")
                .output())
                .contains("batch-time 60000 ms, workers 64, rest-ratio 100; used from the next batch on");
        assertThat(backfills("set", "ticket_metrics", "--batch-time=1", "--rest-ratio=0.25").output())
                .contains("batch-time 1 ms, workers 64, rest-ratio 0.25");
        assertThat(backfills("set", "ticket_metrics", "--workers=default").output())
                .contains("batch-time 1 ms, workers default, rest-ratio 0.25");
        assertThat(database.text("""
                select row(batch_time_ms, workers, rest_ratio)::text from backfills where name = 'ticket_metrics'
                """)).isEqualTo("(1,,0.25)");
        assertThat(database.count("""
                select count(*) from backfills where num_nonnulls(batch_time_ms, workers, rest_ratio) > 0
                """))
                .isEqualTo(1);
    }

    /** The table refuses the values that the command refuses in BackfillSetCommandTest. */
    @Test
    void are_guarded_by_the_table_too() {
        for (String wrong : List.of("batch_time_ms = 0", "batch_time_ms = 60001", "workers = 0", "workers = 65",
                "rest_ratio = -0.1", "rest_ratio = 100.1", "requested_state = 'stop'")) {
            assertThatThrownBy(() -> database.execute("update backfills set " + wrong))
                    .hasMessageContaining("ck_backfills_" + wrong.split(" ")[0]);
        }
    }

    private String wanted() throws SQLException {
        return database.text("select requested_state from backfills where name = 'ticket_metrics'");
    }

    private CommandRun backfills(String... arguments) {
        return run(database, arguments);
    }

    private static CommandRun run(TestDatabase database, String... arguments) {
        String[] all = new String[arguments.length + 1];
        all[0] = "backfills";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return CommandRun.on(database, all);
    }
}
