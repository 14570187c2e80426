package dev.supportdb.backfill.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.backfill.BackfillPlan;
import dev.supportdb.backfill.BackfillSteps;
import java.sql.SQLException;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** SQL does the same whether a run takes it or a script, however it is written. */
final class BatchStatementTest {

    private static final BackfillPlan QUESTION = BackfillPlan.of("question", "orders").fill(
            """
            note is null and tags ? 'open' -- ? :keys""",
            """
            update orders set "note?" = $$ :keys ?? $$, note = '?? :keys
            next line' /* :keys ? */
            where tags ?| array['open'] and id = any(:keys); -- :keys ?""");

    private OrdersTable orders;

    enum Way {
        RUN {
            @Override
            void go(OrdersTable orders, BackfillPlan plan) throws SQLException {
                orders.run(plan, BackfillDirection.FILL, OrdersTable.AT_ONCE);
            }
        },
        SCRIPT {
            @Override
            void go(OrdersTable orders, BackfillPlan plan) throws SQLException {
                orders.runScript(plan, BackfillDirection.FILL);
            }
        };

        abstract void go(OrdersTable orders, BackfillPlan plan) throws SQLException;
    }

    @BeforeEach
    void create_orders() throws SQLException, CommandExecutionException {
        orders = OrdersTable.create();
        orders.database().execute("""
                alter table orders add column tags jsonb, add column note text, add column "note?" text;
                update orders set tags = case when id <= 3000 then '["open"]' else '["shut"]' end::jsonb;
                """);
    }

    @AfterEach
    void drop() throws SQLException {
        orders.close();
    }

    @ParameterizedTest
    @EnumSource
    void with_question_marks_and_keys_in_every_place(Way way) throws SQLException {
        way.go(orders, QUESTION);

        assertThat(orders.database().texts("select distinct note || \"note?\" from orders where id <= 3000"))
                .containsExactly("?? :keys\nnext line :keys ?? ");
        assertThat(orders.database().count("select count(note) from orders where id > 3000")).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void with_a_comment_at_the_end_of_all_its_parts(Way way) throws SQLException {
        BackfillSteps fill = OrdersTable.LINE_COUNT.fill();
        BackfillPlan commented = new BackfillPlan("line_count", "orders",
                new BackfillSteps("create table before (); -- before", fill.pending() + " -- pending",
                        fill.statement() + " -- fill", "create table after () /* after */; --"),
                BackfillSteps.NONE, false);

        way.go(orders, commented);

        assertThat(orders.wrong("true")).isZero();
        assertThat(orders.database().count("select count(*) from pg_class where relname in ('before', 'after')"))
                .isEqualTo(2);
    }
}
