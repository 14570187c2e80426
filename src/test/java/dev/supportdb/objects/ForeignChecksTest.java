package dev.supportdb.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TinyChangelog;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A check that refuses the values a column is about to get is found before anything is changed. */
final class ForeignChecksTest {

    private static final String TABLE = """
            - changeSet:
                id: table
                author: test
                changes:
                  - sql:
                      sql: create table a (id int primary key, s varchar(9) constraint own check (s <> 'NEW'), n int)
                rollback: []
            """;
    private static final String VALUES = """
            - changeSet:
                id: values
                author: test
                changes:
                  - writes: {tableName: a, columnName: s, values: "NEW, 'NEWER'"}
                  - sql: {sql: "comment on table a is 'new'"}
                rollback:
                  - writes: {tableName: a, columnName: s, values: old}
                  - sql: {sql: comment on table a is null}
            """;

    @TempDir
    private Path folder;

    private TestDatabase database;
    private TinyChangelog changelog;

    @BeforeEach
    void create() throws Exception {
        database = Databases.empty();
        changelog = new TinyChangelog(folder, database).of(TABLE);
        changelog.run("update", Map.of());
        changelog.of(TABLE + VALUES);
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    @Test
    void a_check_that_refuses_a_value_is_named_with_its_statements_forward_and_back() throws Exception {
        database.execute("alter table a add constraint \"Mine\" check (s in ('old', 'NEW')) not valid");

        assertThatThrownBy(() -> changelog.run("update", Map.of())).hasNoCause()
                .hasMessageContaining("constraint \"Mine\" on a refuses 'NEWER' in s")
                .hasMessageContaining("alter table a drop constraint \"Mine\";")
                .hasMessageContaining("alter table a add constraint \"Mine\" CHECK").hasMessageContaining("NOT VALID;")
                .hasMessageContaining("Nothing has been changed");

        database.execute("alter table a drop constraint \"Mine\"");
        changelog.run("update", Map.of());
        database.execute("alter table a add constraint \"Mine\" check (s <> 'old')");
        assertThatThrownBy(() -> changelog.run("rollbackCount", Map.of("count", 1)))
                .hasMessageContaining("constraint \"Mine\" on a refuses old in s");
        assertThat(database.text("select obj_description('a'::regclass)")).isEqualTo("new");
    }

    @ParameterizedTest
    @ValueSource(strings = {"s <> 'old'", "s <> 'NEW' or n > 0", "n > 0", "length(s) < 9"})
    void a_check_that_accepts_the_new_values_is_not_refused(String check) throws Exception {
        database.execute("alter table a add check (" + check + ")");

        changelog.run("update", Map.of());
    }

    @Test
    void the_changelogs_own_check_is_its_own_business() throws Exception {
        changelog.run("update", Map.of());

        assertThat(database.count("select count(*) from databasechangelog")).isEqualTo(2);
    }
}
