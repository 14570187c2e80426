package dev.supportdb.preflight;

import static dev.supportdb.support.TinyChangelog.changeSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TinyChangelog;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two backfills of one name are refused, before anything is done and whatever is to be done. */
final class UniqueBackfillNamesTest {

    private static final String ORDERS = changeSet("orders", "", """
            create table orders (id integer primary key, lines integer, total integer);
            insert into orders (id) values (1)
            """, "drop table orders");
    private static final String LINES = backfill("lines", "orders_filled", "lines");
    private static final String TOTAL = backfill("total", "orders_filled", "total");
    private static final String IN_JAVA = """
            - changeSet:
                id: in-java
                author: test
                labels: other
                runInTransaction: false
                changes: [customChange: {class: dev.supportdb.domain.TicketMetricsBackfill}]
            """;

    @TempDir
    private Path folder;

    private TestDatabase database;
    private TinyChangelog changelog;

    @BeforeEach
    void create() throws Exception {
        database = Databases.at(MigrationState.before("001_initial_schema"));
        changelog = new TinyChangelog(folder, database);
    }

    @AfterEach
    void drop() throws Exception {
        database.close();
    }

    private static String backfill(String id, String name, String column) {
        return TinyChangelog.backfill(id, "name: " + name, "table: orders",
                "pending: " + column + " is null", "fill: update orders set " + column + " = 0 where id = any(:keys)",
                "filled: " + column + " is not null",
                "undo: update orders set " + column + " = null where id = any(:keys)");
    }

    private String orders() throws Exception {
        return database.text("select to_regclass('orders')");
    }

    @Test
    void by_an_update_and_its_script() throws Exception {
        changelog.of(ORDERS + LINES + TOTAL);

        for (String command : new String[] {"update", "updateSql"}) {
            assertThatThrownBy(() -> changelog.run(command, Map.of())).hasNoCause()
                    .hasMessageContaining("'orders_filled': tiny.yaml::lines::test, tiny.yaml::total::test");
        }
        assertThat(orders()).isNull();

        changelog.of(ORDERS + LINES + TOTAL.replace("orders_filled", "orders_total")).run("update", Map.of());
        assertThat(database.text("select lines + total from orders")).isEqualTo("0");
    }

    @Test
    void by_a_rollback() throws Exception {
        changelog.of(ORDERS + LINES).run("update", Map.of());
        changelog.of(ORDERS + LINES + TOTAL);

        assertThatThrownBy(() -> changelog.run("rollbackCount", Map.of("count", 2)))
                .hasMessageContaining("tiny.yaml::lines::test, tiny.yaml::total::test");
        assertThat(database.text("select lines from orders")).isEqualTo("0");
    }

    @Test
    void though_the_filter_leaves_one_out_and_one_is_a_class() throws Exception {
        changelog.of(ORDERS + backfill("lines", "ticket_metrics", "lines") + IN_JAVA);

        assertThatThrownBy(() -> changelog.run("update", "!other", Map.of()))
                .hasMessageContaining("'ticket_metrics': tiny.yaml::lines::test, tiny.yaml::in-java::test");
        assertThat(orders()).isNull();
    }
}
