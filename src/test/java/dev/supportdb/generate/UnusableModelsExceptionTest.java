package dev.supportdb.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.util.PSQLException;

final class UnusableModelsExceptionTest {

    private static TestDatabase database;

    @BeforeAll
    static void create() throws SQLException {
        database = Databases.empty();
    }

    @AfterAll
    static void drop() throws SQLException {
        database.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            create table t (order int, a int)                 | table t, column order: syntax error
            create table t (a numeric(5,2), user varchar(5))  | table t, column user: syntax error
            create table t (id int, unique varchar(5))        | table t, column unique: syntax error
            create table t (id int, check boolean not null)   | table t, column check: syntax error
            """)
    void a_column_is_named_with_what_to_write(String sql, String said) throws SQLException {
        assertThat(refused(sql)).startsWith("Cannot create the tables of the JPA classes. class T, " + said)
                .contains("@Column(name = \"\\\"")
                .endsWith("The statement is: " + sql);
    }

    @Test
    void a_table_is_named_with_what_to_write() throws SQLException {
        assertThat(refused("create table order (id int)")).contains("class T, table order: syntax error")
                .contains("@Table(name = \"\\\"order\\\"\")");
    }

    @Test
    void for_anything_else_there_is_the_statement() throws SQLException {
        assertThat(refused("create table t (a varchar(10) default 1 2)")).contains("table t: syntax error at or near ")
                .doesNotContain("@");
        assertThat(refused("create table t (id nothing)")).contains("class T, table t: type \"nothing\" does not exist")
                .doesNotContain("@");
        assertThat(refused("create index i on none (a)")).contains("class T: relation \"none\" does not exist")
                .endsWith("The statement is: create index i on none (a)");
    }

    @Test
    void a_failure_of_the_server_is_not_blamed_on_the_classes() throws SQLException {
        assertThat(UnusableModelsException.explains(refusal("do 'begin raise insufficient_privilege; end'"))).isFalse();
        assertThat(UnusableModelsException.explains(refusal("do 'begin raise disk_full; end'"))).isFalse();
        assertThat(UnusableModelsException.explains(refusal("create table t (id nothing)"))).isTrue();
    }

    private static String refused(String sql) throws SQLException {
        return UnusableModelsException.of(new JpaModels.Step("T", sql), refusal(sql)).getMessage();
    }

    private static PSQLException refusal(String sql) throws SQLException {
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            return catchThrowableOfType(PSQLException.class, () -> statement.execute(sql));
        }
    }
}
