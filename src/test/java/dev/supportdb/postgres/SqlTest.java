package dev.supportdb.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PSQLException;

final class SqlTest {

    private static final String TWO_ROWS = "select n, 'row ' || n from generate_series(1, 2) n order by n";
    private static final String NO_ROWS = "select 1 where false";

    private static TestDatabase database;
    private static Connection connection;

    @BeforeAll
    static void connect() throws SQLException {
        database = Databases.empty();
        connection = database.connect();
    }

    @AfterAll
    static void drop() throws SQLException {
        connection.close();
        database.close();
    }

    @Test
    void rows_are_mapped_in_the_order_of_the_result() throws SQLException {
        assertThat(Sql.rows(connection, TWO_ROWS, row -> entry(row.getInt(1), row.getString(2))))
                .containsExactly(entry(1, "row 1"), entry(2, "row 2"));
        assertThat(Sql.rows(connection, NO_ROWS, row -> row.getInt(1))).isEmpty();
    }

    @Test
    void parameters_take_the_places_of_the_question_marks() throws SQLException {
        Array array = connection.createArrayOf("text", new String[] {"a", "it's"});
        assertThat(Sql.texts(connection, """
                select unnest(array[?, (? + 1)::text, (? * 2)::text, (not ?)::text]) union all
                select unnest(?::text[]) union all select unnest(?)::text
                """, "what?", 41, 0.5, true, array, new long[] {7, 8}))
                .containsExactly("what?", "42", "1", "false", "a", "it's", "7", "8");
    }

    @Test
    void a_null_is_a_null_in_both_directions() throws SQLException {
        assertThat(Sql.isTrue(connection, "select ?::text is null", (Object) null)).isTrue();
        assertThat(Sql.text(connection, "select null")).isNull();
        assertThat(Sql.texts(connection, "select null union all select 'a'")).containsExactly(null, "a");
        assertThat(Sql.number(connection, "select null::int")).isZero();
        assertThat(Sql.isTrue(connection, "select null::boolean")).isFalse();
        assertThat(Sql.<String>row(connection, "select null", row -> row.getString(1))).isNull();
        assertThat(Sql.optionalRow(connection, "select null", row -> row.getString(1))).isEmpty();
        assertThat(Sql.exists(connection, "select null")).isTrue();
    }

    @Test
    void an_optional_row_may_be_missing() throws SQLException {
        assertThat(Sql.optionalRow(connection, NO_ROWS, row -> row.getInt(1))).isEmpty();
        assertThat(Sql.optionalRow(connection, "select 1", row -> row.getInt(1))).contains(1);
        assertThat(Sql.exists(connection, "select where false")).isFalse();
        assertThat(Sql.exists(connection, "select from generate_series(1, 2)")).isTrue();
    }

    @Test
    void a_row_that_is_needed_and_missing_is_an_error_that_names_the_query() {
        assertRefused(() -> Sql.row(connection, NO_ROWS, row -> row.getInt(1)), Sql.NO_DATA,
                "One row expected, 0 returned by: select 1 where false");
        assertRefused(() -> Sql.text(connection, NO_ROWS), Sql.NO_DATA, "One row expected");
        assertRefused(() -> Sql.number(connection, NO_ROWS), Sql.NO_DATA, "One row expected");
        assertRefused(() -> Sql.isTrue(connection, NO_ROWS), Sql.NO_DATA, "One row expected");
    }

    @Test
    void a_second_row_where_there_may_be_one_is_an_error() {
        assertRefused(() -> Sql.row(connection, TWO_ROWS, row -> row.getInt(1)), Sql.CARDINALITY_VIOLATION,
                "One row expected, 2 returned by: select n");
        assertRefused(() -> Sql.optionalRow(connection, TWO_ROWS, row -> row.getInt(1)), Sql.CARDINALITY_VIOLATION,
                "One row expected, 2 returned by: select n");
    }

    private static void assertRefused(ThrowingCallable query, String state, String message) {
        assertThatThrownBy(query).isInstanceOf(SQLException.class).hasMessageStartingWith(message)
                .extracting(e -> ((SQLException) e).getSQLState()).isEqualTo(state);
    }

    @Test
    void an_update_returns_how_many_rows_it_wrote() throws SQLException {
        Sql.execute(connection, "create temporary table t (n int); insert into t values (1), (2), (3)");
        assertThat(Sql.update(connection, "update t set n = n + ? where n > ?", 10, 1)).isEqualTo(2);
        assertThat(Sql.update(connection, "delete from t where n = ?", 2)).isZero();
        assertThat(Sql.texts(connection, "select n from t order by n")).containsExactly("1", "12", "13");
        assertThat(Sql.update(connection, "drop table t")).isZero();
    }

    @Test
    void a_statement_that_the_server_refuses_throws_the_drivers_exception() {
        for (ThrowingCallable refused : List.<ThrowingCallable>of(
                () -> Sql.exists(connection, "select from nowhere where ? = 1", 1),
                () -> Sql.update(connection, "delete from nowhere"),
                () -> Sql.execute(connection, "drop table nowhere"))) {
            assertThatThrownBy(refused).isExactlyInstanceOf(PSQLException.class).hasNoCause()
                    .extracting(e -> ((SQLException) e).getSQLState()).isEqualTo("42P01");
        }
    }

    @Test
    void neither_begins_nor_ends_a_transaction() throws SQLException {
        try (Connection transaction = database.connect()) {
            transaction.setAutoCommit(false);
            Sql.execute(transaction, "create table kept (n int)");
            Sql.update(transaction, "insert into kept values (?)", 1);
            assertThat(Sql.number(transaction, "select count(*) from kept")).isOne();
            transaction.rollback();
            assertThat(Sql.text(transaction, "select to_regclass('kept')")).isNull();
        }
    }

    @Test
    void statements_and_results_are_closed_also_when_the_mapper_fails() throws SQLException {
        List<ResultSet> results = new ArrayList<>();
        List<Statement> statements = new ArrayList<>();
        Sql.RowMapper<Boolean> open = row -> {
            results.add(row);
            statements.add(row.getStatement());
            return row.isClosed() || row.getStatement().isClosed();
        };
        assertThat(Sql.rows(connection, TWO_ROWS, open)).containsExactly(false, false);
        SQLException failure = new SQLException("on purpose");
        assertThatThrownBy(() -> Sql.optionalRow(connection, TWO_ROWS, row -> {
            open.map(row);
            throw failure;
        })).isSameAs(failure);

        assertThat(results).hasSize(3);
        for (int i = 0; i < results.size(); i++) {
            assertThat(results.get(i).isClosed()).isTrue();
            assertThat(statements.get(i).isClosed()).isTrue();
        }
    }
}
