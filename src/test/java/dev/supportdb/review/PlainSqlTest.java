package dev.supportdb.review;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PlainSqlTest {

    private static PlainSql of(String script) throws IOException {
        return PlainSql.of(new BufferedReader(new StringReader(script)));
    }

    @Test
    void a_transaction_is_a_step_and_so_is_a_statement_outside_one() throws IOException {
        PlainSql plain = of("""
                SET lock_timeout = '2s';
                BEGIN;

                -- Running upgrade a1 -> b2

                ALTER TABLE orders ADD COLUMN x integer;
                UPDATE alembic_version SET version_num='b2';
                COMMIT;
                create index concurrently ix on orders (x);
                begin; rollback;
                """);

        assertThat(plain.hasLockTimeout()).isTrue();
        assertThat(plain.steps()).extracting(PlainSql.Step::id)
                .containsExactly("01-Running_upgrade_a1_b2", "02-create_index_concurrently_ix_on_orders_x");
        assertThat(plain.steps()).extracting(PlainSql.Step::inTransaction).containsExactly(true, false);
        assertThat(plain.steps().get(0).why()).isEqualTo("Running upgrade a1 -> b2");
        assertThat(plain.steps().get(0).statements()).hasSize(2);
        assertThat(plain.steps().get(0).sql()).startsWith("begin;\n").endsWith("\ncommit;");
        assertThat(of("select 1").hasLockTimeout()).isFalse();
    }

    /** The server only warns of them. */
    @Test
    void a_second_begin_and_an_end_outside_a_transaction_change_nothing() throws IOException {
        PlainSql plain = of("""
                commit;
                begin;
                alter table a add b integer;
                /* once more */ begin
                    isolation level serializable;
                alter table a add c integer;
                end;
                rollback;
                """);

        assertThat(plain.steps()).singleElement().satisfies(step -> assertThat(step.statements())
                .containsExactly("alter table a add b integer", "alter table a add c integer"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            begin; alter table a add b integer;         | there is no commit
            -- nothing                                  | There is no SQL to review
            begin; commit;                              | There is no SQL to review
            copy a from stdin;                          | Only statements can be reviewed
            """)
    void sql_that_cannot_be_run_is_refused(String script, String why) {
        assertThatThrownBy(() -> of(script)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(why);
    }
}
