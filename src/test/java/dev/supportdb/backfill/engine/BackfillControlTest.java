package dev.supportdb.backfill.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.backfill.Backfill;
import dev.supportdb.backfill.BackfillPlan;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Watched and controlled by plain SQL, from another session, while it runs. */
final class BackfillControlTest {

    private OrdersTable orders;
    private TestDatabase database;

    @BeforeEach
    void create_orders() throws SQLException, CommandExecutionException {
        orders = OrdersTable.create();
        database = orders.database();
    }

    @AfterEach
    void drop() throws SQLException {
        orders.close();
    }

    @Test
    void a_paused_one_waits_and_goes_on_when_told() throws SQLException {
        orders.slow(2);
        CompletableFuture<Void> fill = OrdersTable.start(orders::fill);
        orders.awaitThat("exists (select from backfill_progress where rows_done > 0)");

        database.execute("update backfills set requested_state = 'pause'");
        orders.awaitThat("(select waiting_for = 'paused' from backfills)");
        long rows = database.count("select rows_done from backfill_progress");
        assertThat(database.count("select count(*) from orders where lines is not null")).isEqualTo(rows);
        assertThat(rows).isLessThan(2000);

        database.execute("update backfills set requested_state = 'run'; drop trigger slow on orders");
        fill.join();
        assertThat(orders.wrong("true")).isZero();
        assertThat(database.text("select state from backfills where waiting_for is null")).isEqualTo("filled");
    }

    @Test
    void a_backfill_that_was_paused_when_it_stopped_begins_paused() throws SQLException {
        cancelHalfway();
        database.execute("update backfills set requested_state = 'pause'");
        CompletableFuture<Void> fill = OrdersTable.start(orders::fill);
        orders.awaitThat("(select waiting_for = 'paused' from backfills)");

        database.execute("update backfills set requested_state = 'run'");
        fill.join();

        assertThat(orders.wrong("true")).isZero();
    }

    @Test
    void a_cancelled_one_stops_with_what_is_done_and_the_same_command_goes_on() throws SQLException {
        cancelHalfway();
        long done = database.count("select count(*) from orders where lines is not null");
        assertThat(done).isPositive().isLessThan(2000);

        orders.fill();

        assertThat(orders.wrong("true")).isZero();
        assertThat(database.count("select count(*) from orders where writes <> 1")).isZero();
        assertThat(database.count("select rows_done from backfills where requested_state = 'run'")).isEqualTo(2000);
    }

    private void cancelHalfway() throws SQLException {
        orders.slow(2);
        CompletableFuture<Void> fill = OrdersTable.start(orders::fill);
        orders.awaitThat("exists (select from backfill_progress where rows_done > 0)");
        database.execute("update backfills set requested_state = 'cancel'");
        assertThatThrownBy(fill::join).isInstanceOf(CompletionException.class).hasMessageContaining("cancelled");
        database.execute("drop trigger slow on orders");
    }

    @Test
    void a_throttled_backfill_can_be_cancelled(@TempDir Path folder) throws Exception {
        Path file = Files.createFile(folder.resolve("hold"));
        BackfillSettings held = new BackfillSettings(1, Duration.ofMillis(100), 0, true, false, new BackfillSettings.Holds(
                Duration.ofSeconds(10), 1024, false, 0.5, true, file, null));
        CompletableFuture<Void> fill = OrdersTable.start(
                () -> orders.run(OrdersTable.LINE_COUNT, BackfillDirection.FILL, held, line -> { }));
        orders.awaitThat("exists (select from backfills where waiting_for = 'the file " + file + "')");

        database.execute("update backfills set requested_state = 'cancel'");

        assertThatThrownBy(fill::join).hasMessageContaining("cancelled");
    }

    @Test
    void a_backfill_in_a_long_pause_can_be_cancelled() throws SQLException {
        orders.slow(2);
        BackfillSettings restful = new BackfillSettings(1, Duration.ofMillis(100), 100, true, false, OrdersTable.HOLDS);
        CompletableFuture<Void> fill = OrdersTable.start(
                () -> orders.run(OrdersTable.LINE_COUNT, BackfillDirection.FILL, restful, line -> { }));
        orders.awaitThat("exists (select from backfill_progress where rows_done > 0)");

        database.execute("update backfills set requested_state = 'cancel'");

        assertThatThrownBy(() -> fill.get(20, TimeUnit.SECONDS)).hasMessageContaining("cancelled");
        assertThat(database.text("select waiting_for from backfills")).isNull();
    }

    @Test
    void an_undo_is_controlled_the_same_way() throws SQLException {
        orders.fill();
        orders.slow(2);
        CompletableFuture<Void> undo = OrdersTable.start(() -> orders.run(BackfillDirection.UNDO));
        orders.awaitThat("exists (select from backfill_progress where state = 'undoing' and rows_done > 0)");

        database.execute("update backfills set requested_state = 'cancel'");

        assertThatThrownBy(undo::join).hasMessageContaining("cancelled");
        database.execute("drop trigger slow on orders");
        orders.run(BackfillDirection.UNDO);
        assertThat(database.count("select count(*) from orders where lines is not null")).isZero();
    }

    @Test
    void a_script_is_controlled_the_same_way() throws SQLException {
        cancelHalfway();
        database.execute("update backfills set requested_state = 'pause'");
        CompletableFuture<Void> script = OrdersTable.start(this::runScript);
        orders.awaitThat("(select waiting_for = 'paused' from backfills)");

        database.execute("update backfills set requested_state = 'cancel'");

        assertThatThrownBy(script::join)
                .hasMessageContaining("line_count was cancelled. Rows already written are kept.");
        assertThat(orders.wrong("true")).isPositive();
        runScript();
        assertThat(orders.wrong("true")).isZero();
    }

    /** Else the way back, which may be years later, would begin paused. */
    @Test
    void a_request_that_comes_too_late_for_a_script_ends_with_it() throws SQLException {
        orders.slow(1);
        CompletableFuture<Void> script = OrdersTable.start(this::runScript);
        // Within the only batch, which nobody asks for a pause any more.
        orders.awaitThat("exists (select from pg_stat_activity where datname = current_database() "
                + "and wait_event = 'PgSleep')");

        database.execute("update backfills set requested_state = 'pause', waiting_for = 'paused'");
        assertThat(script).succeedsWithin(1, TimeUnit.MINUTES);

        assertThat(database.text("""
                select concat_ws(' ', state, requested_state, waiting_for) from backfills where done_key = upper_key
                """)).isEqualTo("filled run");
    }

    private void runScript() throws SQLException {
        orders.runScript(OrdersTable.LINE_COUNT, BackfillDirection.FILL);
    }

    @Test
    void another_batch_time_changes_the_next_batches() throws SQLException {
        orders.slow(1);
        CompletableFuture<Void> fill = OrdersTable.start(orders::fill);
        orders.awaitThat("exists (select from backfill_progress where rows_done > 0)");
        database.execute("update backfills set batch_time_ms = 1");
        orders.awaitThat("(select rows_done > 1000 from backfill_progress)");

        orders.awaitThat("""
                exists (select from backfill_ranges where batches > 10 and last_batch_ms < 50)
                or exists (select from backfills where state = 'filled')""");
        fill.join();

        assertThat(database.count("select batches from backfills")).isGreaterThan(50);
        assertThat(orders.wrong("true")).isZero();
    }

    @Test
    void workers_are_added_while_it_runs_and_each_row_is_written_once() throws SQLException {
        orders.slow(1);
        database.execute("""
                create table writers (pid integer primary key);
                create function note() returns trigger language plpgsql as
                    'begin insert into writers values (pg_backend_pid()) on conflict do nothing; return null; end';
                create trigger note after update of lines on orders for each statement execute function note();
                """);
        BackfillSettings quick = new BackfillSettings(1, Duration.ofMillis(10), 0, true, false, OrdersTable.HOLDS);
        CompletableFuture<Void> fill = OrdersTable.start(
                () -> orders.run(OrdersTable.LINE_COUNT, BackfillDirection.FILL, quick, line -> { }));
        orders.awaitThat("(select count(*) = 1 from writers)");

        database.execute("update backfills set workers = 3");
        fill.join();

        assertThat(database.count("select count(*) from writers")).isBetween(2L, 3L);
        assertThat(orders.wrong("true")).isZero();
        assertThat(database.count("select count(*) from orders where writes <> 1")).isZero();
        assertThat(database.count("select rows_done from backfills")).isEqualTo(2000);
        assertThat(database.count("select count(*) from backfill_ranges")).isZero();
    }

    @Test
    void the_failure_of_one_worker_stops_all() throws SQLException {
        database.execute("""
                create function break() returns trigger language plpgsql as
                    'begin raise exception ''order %% is broken'', new.id; end';
                create trigger break before update of lines on orders
                    for each row when (new.id = 5997) execute function break();
                """.replace("%%", "%"));
        BackfillSettings three = new BackfillSettings(3, Duration.ofMillis(10), 0, true, false, OrdersTable.HOLDS);

        assertThatThrownBy(() -> orders.run(OrdersTable.LINE_COUNT, BackfillDirection.FILL, three))
                .hasMessageContaining("order 5997 is broken");
        orders.awaitThat("(select count(*) = 1 from pg_stat_activity where datname = current_database())");

        database.execute("drop trigger break on orders");
        orders.run(OrdersTable.LINE_COUNT, BackfillDirection.FILL, three);
        assertThat(orders.wrong("true")).isZero();
        assertThat(database.count("select count(*) from orders where writes <> 1")).isZero();
    }

    @Test
    void without_further_connections_a_run_says_so_and_continues_with_one_worker() throws SQLException {
        BackfillSettings three = new BackfillSettings(3, Duration.ofMillis(100), 0, true, false, OrdersTable.HOLDS);
        List<String> said = new ArrayList<>();
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            new BackfillRun(connection, () -> {
                throw new SQLException("too many clients");
            }, OrdersTable.LINE_COUNT, BackfillDirection.FILL, three, said::add).run();
        }
        assertThat(said).filteredOn(line -> line.contains("continuing with 1 worker")).singleElement().asString()
                .contains("too many clients");
        assertThat(orders.wrong("true")).isZero();
    }

    @Test
    void further_workers_leave_connections_to_others() throws SQLException {
        List<Connection> others = new ArrayList<>();
        try {
            long free = database.count("""
                    select current_setting('max_connections')::integer
                        - current_setting('superuser_reserved_connections')::integer - count(*)
                    from pg_stat_activity where backend_type = 'client backend'
                    """);
            while (others.size() < free - 10) {
                others.add(database.connect());
            }
            BackfillSettings three = new BackfillSettings(3, Duration.ofMillis(100), 0, true, false, OrdersTable.HOLDS);

            assertThat(orders.run(OrdersTable.LINE_COUNT, BackfillDirection.FILL, three))
                    .filteredOn(line -> line.contains("continuing with 1 worker")).singleElement().asString()
                    .contains("are reserved for applications");
        } finally {
            for (Connection other : others) {
                other.close();
            }
        }
        assertThat(orders.wrong("true")).isZero();
    }

    @Test
    void a_worker_of_another_process_takes_part_in_a_run() throws SQLException {
        orders.slow(1);
        Backfill lineCount = lineCount();
        assertThat(join(lineCount)).isFalse();
        CompletableFuture<Void> fill = OrdersTable.start(orders::fill);
        orders.awaitThat("exists (select from backfill_progress where rows_done > 0)");

        assertThat(join(lineCount)).isTrue();

        fill.join();
        assertThat(orders.wrong("true")).isZero();
        assertThat(database.count("select count(*) from orders where writes <> 1")).isZero();
        assertThat(join(lineCount)).isFalse();
    }

    private boolean join(Backfill backfill) throws SQLException {
        try (Connection connection = database.connect()) {
            return backfill.join(connection, line -> { });
        }
    }

    private static Backfill lineCount() {
        return new Backfill() {
            @Override
            protected BackfillPlan plan() {
                return OrdersTable.LINE_COUNT;
            }
        };
    }

    @Test
    void the_range_of_a_worker_that_is_gone_is_done_by_another() throws SQLException {
        orders.slow(10);
        CompletableFuture<Void> fill = OrdersTable.start(orders::fill);
        orders.awaitThat("exists (select from backfill_progress where rows_done > 0)");

        try (Connection admin = database.connect(); Statement statement = admin.createStatement()) {
            statement.execute("""
                    select pg_terminate_backend(pid) from pg_stat_activity
                    where datname = current_database() and pid <> pg_backend_pid()
                    """);
        }
        assertThatThrownBy(fill::join).isInstanceOf(CompletionException.class);
        assertThat(database.count("select count(*) from backfill_ranges where opened_at is not null")).isOne();
        database.execute("drop trigger slow on orders");
        assertThat(join(lineCount())).isTrue();

        assertThat(orders.wrong("true")).isZero();
        orders.fill();

        assertThat(orders.wrong("true")).isZero();
        assertThat(database.count("select count(*) from orders where writes <> 1")).isZero();
        assertThat(database.count("select rows_done from backfills")).isEqualTo(2000);
    }

    @Test
    void the_view_says_how_far_it_is() throws SQLException {
        cancelHalfway();

        assertThat(database.text("""
                select state || ' ' || (percent between 0 and 99.9) || ' ' || (rows_done between 1 and 1999)
                    || ' ' || (last_batch_ms > 0) || ' ' || (rows_per_second > 0)
                from backfill_progress
                """)).isEqualTo("filling true true true true");

        orders.fill();
        assertThat(database.text("""
                select concat_ws(' ', state, percent, rows_done, time_left, waiting_for, finished_at > started_at)
                from backfill_progress
                """)).isEqualTo("filled 100.0 2000 t");
    }

    @Test
    void a_wish_that_makes_no_sense_is_refused_by_the_table() {
        for (String control
                : List.of("requested_state = 'stop'", "workers = 0", "batch_time_ms = 0", "rest_ratio = -1")) {
            assertThatThrownBy(() -> database.execute("""
                    insert into backfills (name, state, lower_key, done_key, upper_key, started_at, updated_at)
                    values ('a', 'filled', 0, 0, 0, now(), now());
                    update backfills set %s
                    """.formatted(control))).as(control).hasMessageContaining("ck_backfills_");
        }
    }
}
