package dev.supportdb.backfill.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.backfill.BackfillPlan;
import java.sql.SQLException;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A batch that would read the whole of a large table is refused before the first. */
final class FullScanGuardTest {

    private OrdersTable orders;

    @BeforeEach
    void create_orders() throws SQLException, CommandExecutionException {
        orders = OrdersTable.create();
        orders.database().execute("""
                alter table order_lines add column note text;
                insert into order_lines (order_id, note)
                select 3 * (n % 1999 + 1), repeat('x', 1000) from generate_series(1, 10000) n;
                analyze;
                """);
    }

    @AfterEach
    void drop() throws SQLException {
        orders.close();
    }

    @Test
    void a_statement_without_an_index_for_the_keys_is_refused() throws SQLException {
        orders.database().execute("drop index order_lines_order_id_idx");

        assertThatThrownBy(orders::fill).hasMessageContaining("would read all of order_lines (")
                .hasMessageContaining("= any(:keys)").hasMessageContaining("index");

        assertThat(orders.database().count("select count(*) from orders where lines is not null")).isZero();
    }

    @Test
    void a_table_that_the_keys_do_not_limit_is_refused() {
        BackfillPlan unbounded = OrdersTable.LINE_COUNT.fill("lines is null", """
                update orders set lines = (select count(*) from order_lines) where id = any(:keys)
                """);

        assertThatThrownBy(() -> orders.run(unbounded, BackfillDirection.FILL, OrdersTable.AT_ONCE))
                .hasMessageContaining("would read all of order_lines (");
    }

    /** Ten pages a batch are nothing, ten a row are. */
    @Test
    void a_small_table_that_is_read_for_each_row_is_refused() throws SQLException {
        orders.database().execute("delete from order_lines where note is not null");
        orders.database().execute("vacuum full order_lines");
        BackfillPlan eachRow = OrdersTable.LINE_COUNT.fill("lines is null", """
                update orders set lines = (select count(*) from order_lines l where l.order_id + 0 = orders.id)
                where id = any(:keys)
                """);

        assertThatThrownBy(() -> orders.run(eachRow, BackfillDirection.FILL, OrdersTable.AT_ONCE))
                .hasMessageContaining("would read all of order_lines (");
    }

    @ParameterizedTest
    @ValueSource(strings = {"l.order_id + 0 = orders.id", "l.order_id + 0 = orders.id and note <> ''"})
    void a_table_whose_name_needs_quotes_is_refused_as_well(String lines) throws SQLException {
        orders.database().execute("""
                alter table order_lines rename to "Order lines";
                create index "With notes" on "Order lines" using brin (order_id) where note <> '';
                """);
        BackfillPlan unbounded = OrdersTable.LINE_COUNT.fill("lines is null", """
                update orders set lines = (select count(note) from "Order lines" l where %s) where id = any(:keys)
                """.formatted(lines));

        assertThatThrownBy(() -> orders.run(unbounded, BackfillDirection.FILL, OrdersTable.AT_ONCE))
                .hasMessageContaining("would read all of Order lines (");
    }

    @Test
    void a_predicate_that_reads_the_whole_table_is_refused() {
        BackfillPlan unbounded =
                OrdersTable.LINE_COUNT.fill("id in (select order_id + 0 from order_lines where note <> '')",
                OrdersTable.LINE_COUNT.fill().statement());

        assertThatThrownBy(() -> orders.run(unbounded, BackfillDirection.FILL, OrdersTable.AT_ONCE))
                .hasMessageContaining("would read all of order_lines (");
    }

    @Test
    void a_statement_that_reads_by_its_keys_is_accepted() throws SQLException {
        orders.fill();

        assertThat(orders.wrong("true")).isZero();
    }
}
