package dev.supportdb.backfill.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.TestDatabase;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Tests a table where no row can stay on its page, because the column that is filled is indexed. */
final class TableVacuumTest {

    @Test
    void the_table_is_vacuumed_as_it_is_filled_and_reuses_its_room() throws Exception {
        assertThat(growth(true)).isLessThan(1.75);
    }

    @Test
    void without_vacuum_the_table_doubles() throws Exception {
        assertThat(growth(false)).isGreaterThan(1.85);
    }

    private static double growth(boolean vacuum) throws Exception {
        try (OrdersTable orders = OrdersTable.create()) {
            TestDatabase database = orders.database();
            database.execute("""
                    truncate orders;
                    alter table orders set (autovacuum_enabled = off);
                    insert into orders (id) select n from generate_series(1, 90000) n;
                    create index on orders (lines);
                    """);
            long before = database.count("select pg_relation_size('orders')");

            // The run checks once a second, so long pauses give it several checks even on a fast machine.
            orders.run(OrdersTable.LINE_COUNT, BackfillDirection.FILL,
                    new BackfillSettings(1, Duration.ofMillis(20), 6, vacuum, false, OrdersTable.HOLDS));

            assertThat(orders.wrong("true")).isZero();
            assertThat(database.count("select vacuum_count from pg_stat_user_tables where relname = 'orders'") > 0)
                    .isEqualTo(vacuum);
            return (double) database.count("select pg_relation_size('orders')") / before;
        }
    }
}
