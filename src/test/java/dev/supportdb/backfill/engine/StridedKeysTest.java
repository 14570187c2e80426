package dev.supportdb.backfill.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.backfill.BackfillPlan;
import dev.supportdb.support.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StridedKeysTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 15, 16, 17, 100, 1000})
    void every_key_comes_once_and_each_batch_is_in_order(int count) {
        long[] sorted = LongStream.range(0, count).map(n -> 3 * n).toArray();
        StridedKeys strides = StridedKeys.apart(sorted);
        List<Long> all = new ArrayList<>();

        while (!strides.isEmpty()) {
            long[] next = strides.next(7);
            assertThat(next).isSorted().hasSizeBetween(1, 7);
            LongStream.of(next).forEach(all::add);
            assertThat(strides.isLast(next.length)).isEqualTo(all.size() == count);
            strides.done(next.length);
        }

        assertThat(all).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(
                LongStream.of(sorted).boxed().toList());
    }

    @Test
    void neighbours_are_never_in_one_batch() {
        StridedKeys strides = StridedKeys.apart(LongStream.range(0, 1000).toArray());

        long[] next = strides.next(1000);

        assertThat(next).hasSize(63).startsWith(0, 16, 32);
        assertThat(strides.isLater()).isFalse();
        strides.done(63);
        assertThat(strides.isLater()).isTrue();
        assertThat(strides.next(2)).containsExactly(1, 17);
    }

    /** Why they are apart: on full pages most new versions find room, and the table grows little. */
    @Test
    void rows_stay_on_their_page_and_the_table_hardly_grows() throws Exception {
        try (OrdersTable orders = OrdersTable.create()) {
            TestDatabase database = orders.database();
            fillPages(database);
            long before = database.count("select pg_relation_size('orders')");

            orders.fill();

            assertThat(stayed(database)).isGreaterThan(0.6);
            assertThat((double) database.count("select pg_relation_size('orders')") / before).isLessThan(1.3);
        }
    }

    @Test
    void one_update_leaves_every_page_and_doubles_the_table() throws Exception {
        try (OrdersTable orders = OrdersTable.create()) {
            TestDatabase database = orders.database();
            fillPages(database);
            long before = database.count("select pg_relation_size('orders')");

            database.execute(
                    BackfillPlan.bounded(OrdersTable.LINE_COUNT.fill().statement(), "array(select id from orders)"));

            assertThat(stayed(database)).isLessThan(0.1);
            assertThat((double) database.count("select pg_relation_size('orders')") / before).isGreaterThan(1.8);
        }
    }

    private static void fillPages(TestDatabase database) throws SQLException {
        database.execute("""
                alter table orders add column note text;
                alter table orders set (autovacuum_enabled = off);
                truncate orders;
                insert into orders (id, note) select n, repeat('x', 250) from generate_series(1, 20000) n;
                """);
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            statement.execute("vacuum full orders");
            statement.execute("vacuum analyze orders");
        }
    }

    /** Other sessions have updated, and report it when they end, which is after their connection is closed here. */
    private static double stayed(TestDatabase database) throws SQLException {
        database.awaitThat("(select n_tup_upd >= 20000 from pg_stat_user_tables where relname = 'orders')");
        return Double.parseDouble(database.text("""
                select n_tup_hot_upd / n_tup_upd::numeric from pg_stat_user_tables where relname = 'orders'
                """));
    }
}
