package dev.supportdb.backfill.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.backfill.BackfillPlan;
import dev.supportdb.backfill.BackfillSteps;
import dev.supportdb.support.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

final class BackfillRunTest {

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
    void fills_every_pending_row_once_and_writes_no_other() throws SQLException {
        database.execute("update orders set lines = -1, writes = 0 where id % 2 = 0; update orders set writes = 0");
        List<String> untouched = database.texts("select xmin from orders where id % 2 = 0 order by id");

        fill();

        assertThat(wrongOrders("id % 2 = 1")).isZero();
        assertThat(database.count("select count(*) from orders where id % 2 = 1 and writes <> 1")).isZero();
        assertThat(database.count("select count(*) from orders where id % 2 = 0 and lines <> -1")).isZero();
        assertThat(database.texts("select xmin from orders where id % 2 = 0 order by id")).isEqualTo(untouched);
        assertThat(database.text("select concat_ws(' ', state, rows_done, done_key, upper_key) from backfills"))
                .isEqualTo("filled 1000 6000 6000");
    }

    @Test
    void writes_nothing_the_second_time() throws SQLException {
        fill();
        List<String> versions = database.texts("select xmin from orders order by id");

        fill();

        assertThat(database.texts("select xmin from orders order by id")).isEqualTo(versions);
    }

    @Test
    void counts_no_row_anew_the_second_time() throws SQLException {
        fill();
        database.execute("insert into orders (id) values (7000)");

        fill();

        assertThat(database.count("select rows_done from backfills")).isEqualTo(2001);
    }

    @Test
    void the_first_and_the_last_key_there_can_be_are_filled() throws SQLException {
        database.execute("insert into orders (id) values (-2147483648), (2147483647)");

        fill();

        assertThat(wrongOrders("true")).isZero();
    }

    @Test
    void an_empty_table_is_filled_at_once() throws SQLException {
        database.execute("truncate orders");

        fill();

        assertThat(database.text("select state from backfills")).isEqualTo("filled");
    }

    @Test
    void a_run_resumes_after_the_last_committed_batch() throws SQLException {
        breakAt(3000);

        assertThatThrownBy(this::fill).isInstanceOf(SQLException.class).hasMessageContaining("order 3000 is broken");

        assertThat(wrongOrders("id <= (select done_key from backfills where state = 'filling')")).isZero();
        assertThat(database.count("select count(*) from orders where lines is not null")).isPositive()
                .isEqualTo(database.count("select rows_done from backfill_progress"));

        repair();
        fill();

        assertThat(wrongOrders("true")).isZero();
        assertThat(database.count("select count(*) from orders where writes <> 1")).isZero();
    }

    @Test
    void a_checkpoint_that_outlived_its_column_is_not_trusted() throws SQLException {
        fill();
        database.execute("alter table orders drop column lines cascade; alter table orders add column lines integer");

        fill();

        assertThat(wrongOrders("true")).isZero();
    }

    @Test
    void the_undo_gives_back_what_the_fill_wrote_and_nothing_newer() throws SQLException {
        fill();
        database.execute("insert into orders (id, lines) values (7000, 0)");

        run(BackfillDirection.UNDO);

        assertThat(database.count("select count(*) from orders where lines is not null and id <= 6000")).isZero();
        assertThat(database.count("select lines from orders where id = 7000 and lines is not null")).isZero();
        assertThat(database.texts("select id from orders where lines is not null")).containsExactly("7000");
        assertThat(database.text("select state from backfills")).isEqualTo("undone");
    }

    @Test
    void an_undone_backfill_is_not_undone_again() throws SQLException {
        fill();
        run(BackfillDirection.UNDO);
        database.execute("update orders set lines = 1 where id = 3");

        run(BackfillDirection.UNDO);

        assertThat(database.texts("select id from orders where lines is not null")).containsExactly("3");
    }

    @Test
    void a_script_does_not_undo_an_undone_backfill_again() throws SQLException {
        fill();
        orders.runScript(OrdersTable.LINE_COUNT, BackfillDirection.UNDO);
        assertThat(database.count("select count(*) from orders where lines is not null")).isZero();
        database.execute("update orders set lines = 1 where id = 3");

        orders.runScript(OrdersTable.LINE_COUNT, BackfillDirection.UNDO);

        assertThat(database.texts("select id from orders where lines is not null")).containsExactly("3");
    }

    @Test
    void an_undo_goes_on_where_its_script_stopped() throws SQLException {
        fill();
        database.execute("""
                update orders set lines = null where id <= 3000;
                update backfills set state = 'undoing', done_key = 3000;
                """);

        run(BackfillDirection.UNDO);

        assertThat(database.count("select count(*) from orders where lines is not null")).isZero();
    }

    @Test
    void a_worker_of_the_fill_takes_nothing_of_the_undo() throws SQLException {
        fill();
        database.execute("""
                update backfills set state = 'undoing';
                insert into backfill_ranges (name, from_key, to_key) values ('line_count', 0, 6000);
                """);
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            BackfillWorker late = new BackfillWorker(connection, OrdersTable.LINE_COUNT, BackfillDirection.FILL,
                    OrdersTable.AT_ONCE, new Throttle("orders", OrdersTable.HOLDS), new WaitLog("late", line -> { }));

            assertThat(late.step()).isFalse();
        }
        assertThat(database.count("select count(*) from backfill_ranges where opened_at is null")).isOne();
        run(BackfillDirection.UNDO);
        assertThat(database.count("select count(*) from orders where lines is not null")).isZero();
    }

    @Test
    void keys_far_apart_do_not_stop_the_view() throws SQLException {
        database.execute("""
                insert into backfills (name, state, lower_key, done_key, upper_key, rows_done, started_at, updated_at)
                values ('sparse', 'filling', 0, 1000, 9223372036854775807, 1000, now(), now());
                insert into backfill_ranges
                    (name, from_key, to_key, opened_at, rows_done, batches, last_batch_ms, updated_at)
                values ('sparse', 1000, 9223372036854775807, now() - interval '1 s', 10, 1, 100, now());
                """);

        assertThat(database.text("select rows_per_second > 0 and time_left is null from backfill_progress"))
                .isEqualTo("t");
    }

    @Test
    void an_undone_backfill_can_be_filled_again() throws SQLException {
        fill();
        run(BackfillDirection.UNDO);
        database.execute("insert into orders (id) values (7000)");

        fill();

        assertThat(wrongOrders("true")).isZero();
        assertThat(database.text("select state || ' ' || rows_done || ' ' || upper_key from backfills"))
                .isEqualTo("filled 2001 7000");
    }

    @Test
    void an_undo_that_stopped_goes_on() throws SQLException {
        fill();
        breakAt(3000);

        assertThatThrownBy(() -> run(BackfillDirection.UNDO)).hasMessageContaining("order 3000 is broken");
        assertThat(database.text("select state from backfills")).isEqualTo("undoing");

        repair();
        run(BackfillDirection.UNDO);

        assertThat(database.count("select count(*) from orders where lines is not null")).isZero();
        assertThat(database.count("select count(*) from orders where writes <> 2")).isZero();
    }

    @Test
    void passes_over_rows_an_application_holds_and_comes_back_to_them() throws Exception {
        try (Connection application = database.connect(); Statement statement = application.createStatement()) {
            application.setAutoCommit(false);
            statement.execute("insert into order_lines (order_id) values (3)");
            statement.execute("update orders set writes = writes where id in (3, 303)");
            CompletableFuture<Void> fill = OrdersTable.start(this::fill);

            orders.awaitThat("(select count(lines) = 1998 from orders)");
            orders.awaitThat("""
                    exists (select from backfill_progress
                            where waiting_for
                                like 'the row of id %3 of orders is locked by pid PID (%idle in transaction)%')
                    """.replace("PID", "" + application.unwrap(PGConnection.class).getBackendPID()));
            application.commit();
            fill.join();
        }
        assertThat(wrongOrders("true")).isZero();
        assertThat(database.count("select count(*) from orders where writes <> 1")).isZero();
        assertThat(database.text("select waiting_for from backfill_progress")).isNull();
    }

    @Test
    void tells_who_holds_the_whole_table() throws Exception {
        try (Connection application = database.connect(); Statement statement = application.createStatement()) {
            application.setAutoCommit(false);
            statement.execute("lock table orders in share mode");
            CompletableFuture<Void> fill = OrdersTable.start(this::fill);

            orders.awaitThat(
                    "exists (select from backfill_progress where waiting_for like 'the table of orders is locked%')");
            application.commit();
            fill.join();
        }
        assertThat(wrongOrders("true")).isZero();
    }

    @Test
    void two_workers_count_the_same_refusals() throws Exception {
        BackfillSettings two = new BackfillSettings(2, Duration.ofMillis(100), 0, true, false, OrdersTable.HOLDS);
        try (Connection application = database.connect(); Statement statement = application.createStatement()) {
            application.setAutoCommit(false);
            statement.execute("update orders set writes = writes where id = 3");
            CompletableFuture<Void> fill =
                    OrdersTable.start(() -> orders.run(OrdersTable.LINE_COUNT, BackfillDirection.FILL, two));

            orders.awaitThat("exists (select from backfill_ranges where failed_tries > 6)");
            assertThat(database.text("select waiting_for from backfill_progress"))
                    .contains("the row of id 3 of orders");
            application.commit();
            fill.join();
        }
        assertThat(wrongOrders("true")).isZero();
    }

    @Test
    void a_locked_control_row_does_not_block_a_waiting_backfill() throws Exception {
        fill();
        try (Connection operator = database.connect(); Statement statement = operator.createStatement();
                Connection connection = database.connect()) {
            operator.setAutoCommit(false);
            statement.execute("update backfills set requested_state = 'pause'");

            new RangeQueue(connection, OrdersTable.LINE_COUNT, BackfillDirection.FILL).waitFor("something");
        }
        assertThat(database.text("select waiting_for from backfills")).isNull();
    }

    /** A proof runs it twice, and the rows it makes have numbers. */
    @Test
    void a_fill_in_fixed_order_takes_the_same_rows_whatever_its_batch_time() throws SQLException {
        database.execute("""
                insert into orders (id) select 6000 + n from generate_series(1, 30000) n;
                create table order_log (number integer generated always as identity, order_id integer primary key);
                """);

        assertThat(orderOfRows(2, true)).isEqualTo(orderOfRows(300, true));
        assertThat(orderOfRows(2, false)).isNotEqualTo(orderOfRows(300, false));
    }

    private List<String> orderOfRows(int batchTime, boolean same) throws SQLException {
        database.execute("truncate order_log restart identity; delete from backfill_ranges; delete from backfills");
        orders.run(BackfillPlan.of("order_log", "orders").fill(
                "not exists (select from order_log l where l.order_id = orders.id offset 0)",
                "insert into order_log (order_id) select id from orders where id = any(:keys) order by id"),
                BackfillDirection.FILL,
                new BackfillSettings(1, Duration.ofMillis(batchTime), 0, true, same, OrdersTable.HOLDS));
        return database.texts("select order_id from order_log order by number");
    }

    /** Why a batch locks first: the same statement alone, made to wait in the same way, misses the line. */
    @Test
    void without_the_lock_the_same_statement_is_stale() throws Exception {
        try (Connection application = database.connect(); Statement statement = application.createStatement()) {
            application.setAutoCommit(false);
            statement.execute("insert into order_lines (order_id) values (3)");
            statement.execute("update orders set writes = writes where id = 3");
            String fill = BackfillPlan.bounded(OrdersTable.LINE_COUNT.fill().statement(),
                    "array(select id from orders)");
            CompletableFuture<Void> alone = OrdersTable.start(() -> database.execute(fill));

            awaitOneWaiting();
            application.commit();
            alone.join();
        }
        assertThat(wrongOrders("true")).isEqualTo(1);
    }

    @Test
    void tells_triggers_who_writes() throws SQLException {
        database.execute("""
                create table seen (who text);
                create function see() returns trigger language plpgsql as
                    'begin insert into seen values (current_setting(''supportdb.backfill'')); return null; end';
                create trigger see after update of lines on orders for each statement execute function see();
                """);

        fill();
        run(BackfillDirection.UNDO);

        assertThat(database.texts("select distinct who from seen order by who"))
                .containsExactly("line_count", "undo line_count");
    }

    @Test
    void prepare_and_finish_stand_around_the_batches() throws SQLException {
        BackfillSteps fill = OrdersTable.LINE_COUNT.fill();
        BackfillPlan plan = new BackfillPlan("line_count", "orders",
                new BackfillSteps("create table if not exists before as select count(lines) as filled from orders",
                        fill.pending(), fill.statement(),
                        "create table if not exists after as select count(lines) as filled from orders"),
                BackfillSteps.NONE, false);

        orders.run(plan, BackfillDirection.FILL, OrdersTable.AT_ONCE);

        assertThat(database.count("select filled from before")).isZero();
        assertThat(database.count("select filled from after")).isEqualTo(2000);
    }

    @Test
    void refuses_a_statement_that_leaves_its_rows_pending() throws SQLException {
        BackfillPlan idle = OrdersTable.LINE_COUNT.fill("lines is null",
                "update orders set writes = 7 where id = any(:keys)");

        assertThatThrownBy(() -> orders.run(idle, BackfillDirection.FILL, OrdersTable.AT_ONCE))
                .hasMessageMatching("its statement left all of the first \\d+ rows pending\\. .* lines is null");

        assertThat(database.count("select count(*) from orders where writes = 7")).isZero();
    }

    /** A session that plans anew whatever it runs does so for each row that a foreign key or a trigger looks up. */
    @Test
    void triggers_keep_their_plans_in_a_fill() throws SQLException {
        database.execute("""
                create table modes as select current_setting('plan_cache_mode') as mode;
                create function look() returns trigger language plpgsql as
                    'begin insert into modes values (current_setting(''plan_cache_mode'')); return new; end';
                create trigger look before update of lines on orders for each row execute function look();
                """);

        fill();

        assertThat(database.texts("select distinct mode from modes")).containsExactly("auto");
    }

    @Test
    void says_what_it_did() throws SQLException {
        assertThat(orders.run(OrdersTable.LINE_COUNT, BackfillDirection.FILL, OrdersTable.AT_ONCE)).singleElement()
                .asString()
                .matches("line_count: 2,000 rows of orders in [0-9]+ batches, [0-9.]+ s");
    }

    private void fill() throws SQLException {
        orders.fill();
    }

    private void run(BackfillDirection direction) throws SQLException {
        orders.run(direction);
    }

    private void breakAt(int order) throws SQLException {
        database.execute("""
                create function break() returns trigger language plpgsql as
                    'begin raise exception ''order %% is broken'', new.id; end';
                create trigger break before update of lines on orders
                    for each row when (new.id = %d) execute function break();
                """.formatted(order));
    }

    private void repair() throws SQLException {
        database.execute("drop trigger break on orders");
    }

    private long wrongOrders(String where) throws SQLException {
        return orders.wrong(where);
    }

    private void awaitOneWaiting() throws SQLException {
        orders.awaitThat("exists (select from pg_locks where not granted)");
    }
}
