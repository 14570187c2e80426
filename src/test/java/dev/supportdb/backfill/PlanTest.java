package dev.supportdb.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PlanTest {

    private static final String STATEMENT = "update t set a = b::text where id > :from and id <= :to";

    @Test
    void a_whole_plan_has_no_errors() {
        assertThat(Plan.of("a_of_b", "t").fill("a is null", STATEMENT).undo("true", STATEMENT).errors()).isEmpty();
    }

    @Test
    void a_missing_name_or_table_is_named() {
        assertThat(new SqlBackfill().plan().errors()).containsExactly(
                "a backfill needs the parameter 'name'", "a backfill needs the parameter 'table'");
    }

    @Test
    void a_name_that_would_have_to_be_quoted_is_refused() {
        assertThat(Plan.of("it's", "t").errors()).singleElement().asString().contains("'name'", "it's");
    }

    @Test
    void a_statement_without_both_bounds_is_refused() {
        assertThat(Plan.of("a_of_b", "t").fill("a is null", "update t set a = 1").errors())
                .singleElement().asString().contains("'fill'", "id > :from and id <= :to");
        assertThat(Plan.of("a_of_b", "t").undo("true", "delete from t where id > :from").errors())
                .singleElement().asString().contains("'undo'");
    }

    @Test
    void only_the_bounds_are_replaced() {
        assertThat(Plan.bounded("a::from, :from, :fromage, :to", "1", "2")).isEqualTo("a::from, 1, :fromage, 2");
    }
}
