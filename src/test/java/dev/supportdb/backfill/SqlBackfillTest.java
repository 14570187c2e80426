package dev.supportdb.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.supportdb.backfill.engine.OrdersTable;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.support.TinyChangelog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A statement in a file of its own. */
final class SqlBackfillTest {

    private static final String CHANGE_SET = TinyChangelog.backfill("fill", "name: line_count", "table: orders",
            "pending: lines is null", "fillFile: fill.sql",
            "filled: lines is not null", "undo: update orders set lines = null where id = any(:keys)");

    private static final String FILL = OrdersTable.LINE_COUNT.fill().statement();

    @TempDir
    private Path folder;

    private OrdersTable orders;

    @BeforeEach
    void create_orders() throws SQLException, CommandExecutionException {
        orders = OrdersTable.create();
    }

    @AfterEach
    void drop() throws SQLException {
        orders.close();
    }

    private void update(String file) throws IOException, CommandExecutionException {
        Files.writeString(folder.resolve("fill.sql"), file);
        new TinyChangelog(folder, orders.database()).of(CHANGE_SET).run("update", Map.of());
    }

    @Test
    void may_begin_with_a_byte_order_mark_and_end_with_a_semicolon() throws Exception {
        update("\uFEFF" + FILL + ";\n");

        assertThat(orders.wrong("true")).isZero();
    }

    @Test
    void cannot_be_changed_unnoticed_once_it_has_run() throws Exception {
        update(FILL);
        update(FILL.replace("\n", "\r\n"));

        assertThatThrownBy(() -> update(FILL.replace("count(l.id)", "count(*)")))
                .hasMessageContaining("check sum");
    }

    @Test
    void a_backfill_without_a_statement_is_refused() throws SQLException {
        assertThatThrownBy(() -> update("\uFEFF-- to do\n"))
                .hasMessageContaining("'fillFile' of backfill 'line_count' contains no statement: fill.sql");

        assertThat(orders.database().count("select count(*) from backfills")).isZero();
    }

    @Test
    void a_backfill_with_two_statements_for_one_way_is_refused() throws SQLException {
        assertThatThrownBy(() -> update(FILL + "; " + FILL))
                .hasMessageContaining("'fill' must be one statement, and has 2");

        assertThat(orders.database().count("select count(*) from backfills")).isZero();
    }

    @Test
    void a_failed_backfill_is_named_once() throws SQLException {
        orders.database().execute("alter table orders add check (lines < 0)");

        Throwable failure = catchThrowable(() -> update(FILL));

        assertThat(LiquibaseRunner.reason(failure))
                .matches("(?s)Migration failed for changeset tiny.yaml::[^\n]*:\nThe fill of backfill 'line_count' .*")
                .doesNotContain("Exception");
    }
}
