package dev.supportdb.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.changelog.Changelog;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BackfillPlanTest {

    private static final Pattern WRITES_BACKFILLS =
            Pattern.compile("(?i)\\b(update|insert into|delete from) backfill(s|_ranges)\\b");

    private static final String STATEMENT = "update t set a = b::text where id = any(:keys)";

    @Test
    void a_whole_plan_has_no_errors() {
        assertThat(BackfillPlan.of("a_of_b", "t").fill("a is null", STATEMENT).undo("true", STATEMENT).errors())
                .isEmpty();
    }

    @Test
    void a_missing_name_or_table_is_named() {
        assertThat(new SqlBackfill().plan().errors()).containsExactly(
                "a backfill needs the parameter 'name'", "a backfill needs the parameter 'table'");
    }

    @Test
    void a_name_that_would_have_to_be_quoted_is_refused() {
        assertThat(BackfillPlan.of("it's", "t").errors()).singleElement().asString().contains("'name'", "it's");
    }

    @ParameterizedTest
    @ValueSource(strings = {"order", "user", "authorization"})
    void a_table_whose_name_is_a_reserved_word_is_refused(String table) {
        assertThat(BackfillPlan.of("a_of_b", table).errors()).singleElement().asString()
                .contains("'table'", table, "reserved");
    }

    @ParameterizedTest
    @ValueSource(strings = {"orders", "events", "name", "user_events"})
    void a_table_that_needs_no_quotes_is_not(String table) {
        assertThat(BackfillPlan.of("a_of_b", table).errors()).isEmpty();
    }

    @Test
    void a_statement_that_does_not_name_its_keys_is_refused() {
        assertThat(BackfillPlan.of("a_of_b", "t").fill("a is null", "update t set a = 1").errors())
                .singleElement().asString().contains("'fill'", "id = any(:keys)");
        assertThat(BackfillPlan.of("a_of_b", "t").undo("true", "delete from t where id = any(::keys)").errors())
                .singleElement().asString().contains("'undo'");
    }

    @Test
    void more_or_less_than_one_statement_is_refused() {
        assertThat(BackfillPlan.of("a_of_b", "t").fill("a is null", STATEMENT + ";" + STATEMENT + "; --").errors())
                .singleElement().asString().contains("'fill' must be one statement, and has 2");
        assertThat(BackfillPlan.of("a_of_b", "t").undo("true", "; -- update t set a = 1 where id = any(:keys)")
                .errors())
                .singleElement().asString().contains("'undo' must be one statement, and has 0");
        assertThat(BackfillPlan.of("a_of_b", "t").fill("a = ';'", STATEMENT + "; -- and ;").errors()).isEmpty();
    }

    @Test
    void more_or_less_than_one_predicate_is_refused() {
        assertThat(BackfillPlan.of("a_of_b", "t").fill("-- all", STATEMENT).errors())
                .singleElement().asString().contains("'pending'");
        assertThat(BackfillPlan.of("a_of_b", "t").undo("true; commit", STATEMENT).errors())
                .singleElement().asString().contains("'filled'");
    }

    @Test
    void a_statement_for_unknown_rows_is_refused() {
        assertThat(BackfillPlan.of("a_of_b", "t").fill(null, STATEMENT).errors())
                .singleElement().asString().contains("'fill'", "'pending'");
    }

    @Test
    void only_the_keys_are_replaced() {
        String statement = "a::keys, :keys, :keyset, any(:keys)";

        assertThat(BackfillPlan.bounded(statement, "?")).isEqualTo("a::keys, ?, :keyset, any(?)");
        assertThat(BackfillPlan.places(statement)).isEqualTo(2);
    }

    @Test
    void keys_in_quotes_or_a_comment_are_left_alone() {
        String statement = """
                update t set a = ':keys', b = E'\\':keys', ":keys" = $$:keys$$, c = $q$'":keys$q$ -- :keys, it's
                where id = any(:keys) /* :keys /* :keys */ :keys */ and d$q = e - 1 and f$q = any(:keys)""";

        assertThat(BackfillPlan.places(statement)).isEqualTo(2);
        assertThat(BackfillPlan.bounded(statement, "?")).isEqualTo(statement.replace("any(:keys)", "any(?)"));
        assertThat(BackfillPlan.of("a_of_b", "t").fill("a is null", "update t set a = 1 -- where id = any(:keys)")
                .errors())
                .singleElement().asString().contains("id = any(:keys)");
    }

    @Test
    void none_of_the_changelog_writes_the_tables_of_the_engine() throws Exception {
        List<String> plans = Changelog.read(Path.of(""), "changelog/db.changelog-master.yaml", Map.of()).features()
                .stream().flatMap(feature -> feature.changeSets().stream()).flatMap(Backfill::in)
                .map(backfill -> backfill.plan().toString()).toList();

        assertThat(plans).hasSizeGreaterThan(10).noneMatch(plan -> WRITES_BACKFILLS.matcher(plan).find());
        assertThat(WRITES_BACKFILLS.matcher("a;\n  update backfills set upper_key = 1").find()).isTrue();
    }

    @Test
    void only_operators_are_written_otherwise_for_a_prepared_statement() {
        BackfillSteps pass = new BackfillSteps("select a ? 'b'", "a ?| b or c = '?' -- ?\n or d",
                "a ? $$?$$ /* ? */ @?? \"?\"", "?");

        assertThat(pass.prepared()).isEqualTo(new BackfillSteps("select a ? 'b'",
                "a ??| b or c = '?' -- ?\n or d", "a ?? $$?$$ /* ? */ @???? \"?\"", "?"));
    }

    @Test
    void the_end_of_a_statement_is_not_kept() {
        assertThat(new BackfillSteps("a; b; -- c\n", "d -- e", "f -- g\n , ';' ; /* h; */ ;\n--", ";").toString())
                .isEqualTo(new BackfillSteps("a; b", "d", "f -- g\n , ';'", "").toString());
        assertThat(new BackfillSteps("'a;'", "d", "\";\"", "$$;$$")).hasToString(
                "BackfillSteps[prepare='a;', pending=d, statement=\";\", finish=$$;$$]");
    }
}
