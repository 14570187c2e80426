package dev.supportdb.preflight;

import static dev.supportdb.support.TinyChangelog.changeSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TinyChangelog;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import liquibase.Scope;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PreflightRollbackTest {

    private static final String TAG =
            "- changeSet: {id: tag, author: test, changes: [tagDatabase: {tag: before-a}], rollback: []}\n";
    private static final String A = table("a", "");
    private static final String B = table("b", "labels: branch\n");
    private static final String C = table("c", "");
    private static final String MAIN = table("main", "labels: main\n");
    private static final String CONTRACT = table("late", "labels: contract\n");
    private static final String CRM = table("crm", """
            labels: crm
            preConditions:
              - onFailMessage: crm needs main
              - changeSetExecuted: {id: main, author: test, changeLogFile: tiny.yaml}
            """);

    /** Undoing it makes the table's values positive again, which it refuses while there are negative ones. */
    private static final String GUARDED = """
            - changeSet:
                id: guarded
                author: test
                changes:
                  - sql: {sql: comment on table a is 'any number'}
                rollback:
                  - refuse: {rows: select * from a where id < 0, because: "at 100%, %s %s of a are negative"}
                  - sql: {sql: comment on table a is null}
            """;

    /** Undoing it drops the table's only column. */
    private static final String LOSING = """
            - changeSet:
                id: losing
                author: test
                changes:
                  - sql: {sql: select 1}
                rollback:
                  - refuse: {loses: a.id, rows: select * from a}
                  - sql: {sql: alter table a drop column id}
            """;

    @TempDir
    private Path folder;

    private TestDatabase database;
    private TinyChangelog changelog;

    @BeforeEach
    void create() throws Exception {
        database = Databases.empty();
        changelog = new TinyChangelog(folder, database);
    }

    @AfterEach
    void drop() throws Exception {
        database.close();
    }

    private static String table(String name, String attributes) {
        return changeSet(name, attributes, "create table " + name + " (id int)", "drop table " + name);
    }

    private List<String> tables() throws Exception {
        return database.texts("""
                select tablename from pg_tables
                where schemaname = 'public' and tablename !~ '^databasechangelog' order by tablename
                """);
    }

    @Test
    void refuses_before_the_first_step_when_a_later_one_would_lose_data() throws Exception {
        changelog.of(TAG + A + GUARDED + B + C).run("update", Map.of());
        database.execute("insert into a values (-1), (-2), (3)");

        for (int count : new int[] {3, 5}) {
            assertThatThrownBy(() -> changelog.run("rollbackCount", Map.of("count", count)))
                    .isInstanceOf(CommandExecutionException.class)
                    .hasNoCause()
                    .hasMessageContaining("tiny.yaml::guarded::test: at 100%, 2 rows of a are negative")
                    .hasMessageContaining("select * from a where id < 0");
        }
        assertThatThrownBy(() -> changelog.run("rollback", Map.of("tag", "before-a")))
                .hasMessageContaining("2 rows of a are negative");
        assertThatThrownBy(() -> changelog.run("rollbackToDate", Map.of("date", Date.from(Instant.EPOCH))))
                .hasMessageContaining("2 rows of a are negative");
        assertThat(tables()).containsExactly("a", "b", "c");
        assertThat(database.count("select count(*) from databasechangelog")).isEqualTo(5);
    }

    @Test
    void refuses_before_the_first_step_when_a_changeset_has_no_rollback() throws Exception {
        String without = "- changeSet: {id: without, author: test, changes: [sql: select 1]}\n";
        changelog.of(A + without + B).run("update", Map.of());

        for (String command : List.of("rollbackCount", "rollbackCountSql")) {
            assertThatThrownBy(() -> changelog.run(command, Map.of("count", 2))).hasMessage("""
                    Cannot roll back: these changesets have no rollback. Nothing was rolled back.
                    - tiny.yaml::without::test
                    Write a rollback for each, which does not change its checksum, then run the same command again.""");
        }
        assertThat(tables()).containsExactly("a", "b");

        changelog.run("rollbackCount", Map.of("count", 1));
        assertThat(tables()).containsExactly("a");
    }

    @Test
    void lets_a_rollback_pass_that_stops_short_of_the_guard_or_has_nothing_against_it() throws Exception {
        changelog.of(TAG + A + GUARDED + B + C).run("update", Map.of());
        database.execute("insert into a values (-1)");

        changelog.run("rollbackCount", Map.of("count", 2));
        assertThat(tables()).containsExactly("a");

        database.execute("update a set id = 1");
        changelog.run("rollbackCount", Map.of("count", 2));
        assertThat(tables()).isEmpty();
    }

    @Test
    void stock_liquibase_refuses_half_way() throws Exception {
        changelog.of(A + GUARDED + B + C).run("update", Map.of());
        database.execute("insert into a values (-1)");

        assertThatThrownBy(() -> changelog.runStock("rollbackCount", Map.of("count", 3)))
                .hasMessageContaining("1 row of a are negative");
        assertThat(tables()).containsExactly("a");
    }

    @Test
    void names_every_guard_that_refuses() throws Exception {
        changelog.of(A + GUARDED + GUARDED.replace("guarded", "guarded too")).run("update", Map.of());
        database.execute("insert into a values (-1)");

        assertThatThrownBy(() -> changelog.run("rollbackCount", Map.of("count", 2)))
                .hasMessageContaining("guarded too::test").hasMessageContaining("guarded::test");
    }

    @Test
    void asks_a_guard_at_its_turn_when_it_cannot_be_asked_before() throws Exception {
        String renamed = changeSet("renamed", "", "alter table a rename to a_new", "alter table a_new rename to a");
        changelog.of(A + GUARDED + renamed).run("update", Map.of());
        database.execute("insert into a_new values (-1)");

        assertThatThrownBy(() -> changelog.run("rollbackCount", Map.of("count", 2)))
                .hasMessageContaining("1 row of a are negative");
        assertThat(tables()).containsExactly("a");
        assertThat(database.count("select count(*) from databasechangelog")).isEqualTo(2);
    }

    @Test
    void changes_nothing_by_asking() throws Exception {
        String writes = GUARDED.replace("select * from a where id < 0", "select nextval('asked')");
        changelog.of(A + writes).run("update", Map.of());
        database.execute("create sequence asked");

        assertThatThrownBy(() -> changelog.run("rollbackCount", Map.of("count", 1)))
                .hasMessageContaining("read-only transaction");
        assertThat(database.count("select count(*) from asked where is_called")).isZero();
    }

    @Test
    void loses_what_is_given_up_and_nothing_else() throws Exception {
        changelog.of(A + LOSING + B).run("update", Map.of());
        database.execute("insert into a values (1), (2)");

        assertThatThrownBy(() -> rollback("", 2))
                .hasMessageContaining("losing::test: 2 rows of a.id would be lost")
                .hasMessageContaining("-Dsupportdb.rollback.discard=a.id");
        assertThatThrownBy(() -> rollback("a.ids", 2))
                .hasMessageContaining("names a.ids, which no rollback discards")
                .hasMessageContaining("a.id; or all");
        assertThat(tables()).containsExactly("a", "b");

        rollback("a.id", 2);
        assertThat(tables()).containsExactly("a");
        assertThat(database.count("select count(*) from information_schema.columns where table_name = 'a'")).isZero();
    }

    @Test
    void loses_everything_where_that_is_asked_for_but_never_what_cannot_be_given_up() throws Exception {
        changelog.of(A + GUARDED + LOSING).run("update", Map.of());
        database.execute("insert into a values (-1)");

        assertThatThrownBy(() -> rollback("all", 2))
                .hasMessageContaining("1 row of a are negative")
                .hasMessageNotContaining("discard");
        assertThatThrownBy(() -> rollback("", 2)).as("giving up one of two helps nobody")
                .hasMessageContaining("1 row of a are negative")
                .hasMessageContaining("1 row of a.id would be lost")
                .hasMessageNotContaining("discard");
        rollback("all", 1);
        assertThat(database.count("select count(*) from information_schema.columns where table_name = 'a'")).isZero();
    }

    @Test
    void leaves_out_of_the_script_what_is_given_up() throws Exception {
        changelog.of(A + LOSING).run("update", Map.of());

        assertThat(changelog.run("rollbackCountSql", Map.of("count", 1))).contains("do $refuse$");
        assertThat(Scope.child(Map.of(RefuseChange.Settings.DISCARD, "a.id"),
                () -> changelog.run("rollbackCountSql", Map.of("count", 1)))).doesNotContain("do $refuse$");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            {row: select 1, because: it is so};                   'refuse' has no 'row'
            {because: it is so};                                  'refuse' needs rows
            {rows: select 1};                                     either loses or because
            {rows: select 1, loses: a, because: it is so};        either loses or because
            """)
    void says_what_is_wrong_with_a_guard(String guard, String what) {
        changelog.of(A.replace("rollback:", "rollback:\n      - refuse: " + guard));

        assertThatThrownBy(() -> changelog.run("status", Map.of())).hasMessageContaining(what);
    }

    @Test
    void asks_only_while_a_table_is_there_where_it_says_so() throws Exception {
        changelog.of(A + LOSING.replace("rows: select * from a", "ifExists: b, rows: select * from b"))
                .run("update", Map.of());
        database.execute("create table b (id int); insert into b values (1)");

        assertThatThrownBy(() -> changelog.run("rollbackCount", Map.of("count", 1)))
                .hasMessageContaining("1 row of a.id would be lost");
        database.execute("drop table b");
        changelog.run("rollbackCount", Map.of("count", 1));
    }

    @Test
    void says_that_it_could_not_ask() throws Exception {
        changelog.of(A + GUARDED.replace("id < 0", "1 / id = 7")).run("update", Map.of());
        database.execute("insert into a values (0)");

        assertThatThrownBy(() -> changelog.run("rollbackCount", Map.of("count", 1)))
                .hasMessageContaining("the data-loss check of tiny.yaml::guarded::test failed")
                .hasMessageContaining("division by zero");
    }

    private void rollback(String discarded, int count) throws Exception {
        Scope.child(Map.of(RefuseChange.Settings.DISCARD, discarded),
                () -> changelog.run("rollbackCount", Map.of("count", count)));
    }

    @Test
    void leaves_the_guard_in_the_script_which_is_written_all_the_same() throws Exception {
        changelog.of(A + GUARDED).run("update", Map.of());
        database.execute("insert into a values (-1)");

        String script = changelog.run("rollbackCountSql", Map.of("count", 1));

        assertThat(script).containsSubsequence(
                "do $refuse$", "-- Rolling Back ChangeSet", "do $refuse$", "comment on table a is null");
        String sql = script.replaceAll("(?m)^\\\\set .*$", "");
        assertThatThrownBy(() -> database.execute(sql)).hasMessageContaining("1 row of a are negative");
    }

    @Test
    void lists_the_tags_there_are_for_one_that_is_not() throws Exception {
        changelog.of(TAG + A).run("update", Map.of());

        for (String command : List.of("rollback", "rollbackSql")) {
            assertThatThrownBy(() -> changelog.run(command, Map.of("tag", "before-b")))
                    .hasNoCause()
                    .hasMessageContaining("There is no tag 'before-b'").hasMessageContaining("before-a");
        }
        changelog.run("rollback", Map.of("tag", "before-a"));
        assertThat(tables()).isEmpty();
    }

    @Test
    void refuses_when_a_changeset_to_be_undone_is_gone_from_the_files() throws Exception {
        changelog.of(TAG + A + B + C).run("update", Map.of());
        changelog.of(TAG + A + C);

        assertThatThrownBy(() -> changelog.run("rollbackCount", Map.of("count", 2)))
                .hasNoCause().hasMessageContaining("tiny.yaml::b::test");
        assertThatThrownBy(() -> changelog.run("rollbackCountSql", Map.of("count", 2)))
                .hasMessageContaining("tiny.yaml::b::test");
        assertThatThrownBy(() -> changelog.run("rollback", Map.of("tag", "before-a")))
                .hasMessageContaining("tiny.yaml::b::test");
        assertThat(tables()).containsExactly("a", "b", "c");

        changelog.run("rollbackCount", Map.of("count", 1));
        assertThat(tables()).as("what is above it").containsExactly("a", "b");
    }

    @Test
    void a_missing_changeset_that_the_filter_excludes_is_accepted() throws Exception {
        changelog.of(A + B + C).run("update", Map.of());
        changelog.of(A + C);

        changelog.run("rollbackCount", "!branch", Map.of("count", 2));

        assertThat(tables()).containsExactly("b");
    }

    @Test
    void stock_liquibase_passes_over_it_and_undoes_the_one_below() throws Exception {
        changelog.of(A + B + C).run("update", Map.of());
        changelog.of(A + C);

        changelog.runStock("rollbackCount", Map.of("count", 2));

        assertThat(tables()).containsExactly("b");
    }

    @Test
    void refuses_to_undo_what_another_branch_stands_on() throws Exception {
        changelog.of(MAIN + CRM).run("update", Map.of());

        for (String command : List.of("rollbackCount", "rollbackCountSql")) {
            assertThatThrownBy(() -> changelog.run(command, "@main", Map.of("count", 1)))
                    .isInstanceOf(CommandExecutionException.class).hasNoCause()
                    .hasMessageContaining("tiny.yaml::crm::test depends on it");
        }
        assertThat(tables()).containsExactly("crm", "main");

        changelog.run("rollbackCount", "@crm", Map.of("count", 1));
        changelog.run("rollbackCount", "@main", Map.of("count", 1));
        assertThat(tables()).isEmpty();
    }

    @Test
    void undoes_both_together() throws Exception {
        changelog.of(MAIN + CRM).run("update", Map.of());

        changelog.run("rollbackCount", Map.of("count", 2));

        assertThat(tables()).isEmpty();
    }

    @Test
    void refuses_to_undo_what_a_later_phase_stands_on() throws Exception {
        changelog.of(MAIN + CONTRACT).run("update", Map.of());

        assertThatThrownBy(() -> changelog.run("rollbackCount", "!contract", Map.of("count", 1)))
                .hasMessageContaining("tiny.yaml::late::test").hasMessageContaining("the label 'contract'");
        assertThat(tables()).containsExactly("late", "main");

        changelog.run("rollbackCount", "contract", Map.of("count", 1));
        changelog.run("rollbackCount", "!contract", Map.of("count", 1));
        assertThat(tables()).isEmpty();
    }

    /** If two phases ran in the other order, the one that ran last can be undone first. */
    @Test
    void lets_go_first_what_came_last() throws Exception {
        String backfill = table("fill", "labels: backfill\n");
        changelog.of(MAIN + CONTRACT).run("update", Map.of());
        changelog.of(MAIN + backfill + CONTRACT).run("update", Map.of());

        changelog.run("rollbackCount", Map.of("count", 1));

        assertThat(tables()).containsExactly("late", "main");
    }

    @Test
    void stock_liquibase_undoes_it_below_the_other() throws Exception {
        changelog.of(MAIN + CRM).run("update", Map.of());

        changelog.runStock("rollbackCount", Map.of("count", 1, "labelFilter", "@main"));

        assertThat(tables()).containsExactly("crm");
    }
}
