package dev.supportdb.backfill.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.backfill.BackfillPlan;
import dev.supportdb.backfill.BackfillSteps;
import dev.supportdb.support.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The record of an earlier way never limits a later one, whether the engine or a script went it. */
final class RepeatedRunsTest {

    /** Forward it only drops the column, so the keys to undo are those there are when that begins. */
    private static final BackfillPlan NOTE = new BackfillPlan("note", "orders",
            new BackfillSteps("alter table orders drop column if exists note", null, null, null),
            new BackfillSteps("alter table orders add column if not exists note integer", "note is null",
                    "update orders set note = id where id = any(:keys)", null), false);

    private interface Check {
        void run(OrdersTable orders) throws SQLException;
    }

    private OrdersTable orders;
    private TestDatabase database;

    @BeforeEach
    void create() throws Exception {
        orders = OrdersTable.create();
        database = orders.database();
    }

    @AfterEach
    void drop() throws SQLException {
        orders.close();
    }

    @Test
    void a_fill_reaches_all_rows_and_its_undo_those_it_has_filled() throws SQLException {
        twice(OrdersTable.LINE_COUNT,
                orders -> assertThat(orders.wrong("writes >= 0 and lines is distinct from 77")).isZero(),
                orders -> assertThat(database.texts(
                        "select id || ' ' || lines from orders where lines is not null"))
                        .singleElement().isEqualTo(database.text("select max(id) from orders") + " 77"));
    }

    @Test
    void an_undo_of_new_rows_reaches_all() throws SQLException {
        BackfillPlan counted = OrdersTable.LINE_COUNT;
        twice(new BackfillPlan(counted.name(), counted.table(), counted.fill(), counted.undo(), true), orders -> { },
                orders -> assertThat(database.count("select count(lines) from orders")).isZero());
    }

    @Test
    void an_undo_whose_fill_writes_no_rows_reaches_all() throws SQLException {
        twice(NOTE, orders -> { },
                orders -> assertThat(database.count("select count(*) from orders where note is distinct from id"))
                        .isZero());
    }

    @Test
    void a_way_without_batches_leaves_none_of_the_stopped_way_back() throws SQLException {
        for (boolean script : List.of(false, true)) {
            orders.run(NOTE, BackfillDirection.FILL, OrdersTable.AT_ONCE);
            database.execute("""
                    create function stop() returns trigger language plpgsql as
                        'begin raise exception ''stopped''; end';
                    create trigger stop before update on orders for each row when (new.id = 5997)
                        execute function stop();
                    """);
            assertThatThrownBy(() -> orders.run(NOTE, BackfillDirection.UNDO, OrdersTable.AT_ONCE))
                    .hasMessageContaining("stopped");
            database.execute("drop function stop() cascade");

            if (script) {
                orders.runScript(NOTE, BackfillDirection.FILL);
            } else {
                orders.run(NOTE, BackfillDirection.FILL, OrdersTable.AT_ONCE);
            }
            assertThat(database.text("select state || ' ' || percent from backfill_progress")).isEqualTo("filled 100.0");
        }
    }

    /** Forward and back twice by each mixture of engine and script, with new rows before each way. */
    private void twice(BackfillPlan plan, Check filled, Check undone) throws SQLException {
        for (int mixture = 0; mixture < 16; mixture++) {
            List<Boolean> scripts = new ArrayList<>();
            for (int way = 0; way < 4; way++) {
                scripts.add((mixture >> way & 1) == 1);
            }
            database.execute("delete from orders where id > 300; update orders set lines = null");
            for (int way = 0; way < 4; way++) {
                BackfillDirection direction = way % 2 == 0 ? BackfillDirection.FILL : BackfillDirection.UNDO;
                database.execute("insert into orders (id, lines) select max(id) + 1, %s from orders"
                        .formatted(direction == BackfillDirection.FILL ? "null" : "77"));
                if (scripts.get(way)) {
                    orders.runScript(plan, direction);
                } else {
                    orders.run(plan, direction, OrdersTable.AT_ONCE);
                }
                (direction == BackfillDirection.FILL ? filled : undone).run(orders);
            }
        }
    }
}
