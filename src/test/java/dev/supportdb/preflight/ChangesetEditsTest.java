package dev.supportdb.preflight;

import static dev.supportdb.support.TinyChangelog.changeSet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TinyChangelog;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compares what is read in a changeset with what it does. */
final class ChangesetEditsTest {

    @TempDir
    private Path folder;

    private TestDatabase database;
    private VanishedObjects vanished;

    @BeforeEach
    void create() throws SQLException {
        database = Databases.empty();
        vanished = new VanishedObjects(database);
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    @Test
    void every_changeset_says_what_it_drops_forward_and_back() throws Exception {
        LiquibaseRunner runner = runner(MigrationState.head().of(database), Path.of("."));

        runner.update();
        runner.rollback();

        assertThat(vanished.unsaid()).isEmpty();
        assertThat(vanished.seen()).contains("+005_ticket_priority_enum-18-drop_priority_old",
                "-005_ticket_priority_enum-21-lengthen_subject", "+005_ticket_priority_enum-11-swap_priority",
                "-001_initial_schema-04-create_tickets",
                "-017_ticket_categories-02-create_category_type", "-016_ticket_metrics-03-create_counter_triggers");
    }

    @Test
    void every_changeset_of_the_second_database_does_too() throws Exception {
        LiquibaseRunner runner = runner(MigrationState.analytics(database), Path.of("."));

        runner.update();
        runner.rollback();

        assertThat(vanished.unsaid()).isEmpty();
        assertThat(vanished.seen()).isNotEmpty();
    }

    @Test
    void the_changes_of_liquibase_are_read_with_the_rollback_they_have_by_themselves() throws Exception {
        tiny("""
                - changeSet:
                    id: typed
                    author: test
                    changes:
                      - createTable:
                          tableName: a
                          columns:
                            - column: {name: id, type: int, autoIncrement: true, constraints: {primaryKey: true}}
                            - column: {name: n, type: int, constraints: {unique: true}}
                      - createView: {viewName: v, selectQuery: select n from a}
                      - createIndex: {tableName: a, indexName: i, columns: [{column: {name: n}}]}
                      - renameColumn: {tableName: a, oldColumnName: n, newColumnName: m}
                """ + """
                - changeSet:
                    id: more
                    author: test
                    changes:
                      - dropView: {viewName: v}
                      - dropIndex: {tableName: a, indexName: i}
                      - modifyDataType: {tableName: a, columnName: m, newDataType: bigint}
                    rollback:
                      - modifyDataType: {tableName: a, columnName: m, newDataType: int}
                      - createView: {viewName: v, selectQuery: select m as n from a}
                      - createIndex: {tableName: a, indexName: i, columns: [{column: {name: m}}]}
                """);

        assertThat(vanished.unsaid()).isEmpty();
        assertThat(vanished.seen()).containsExactlyInAnyOrder("+more", "-more", "-typed");
    }

    @Test
    void sql_that_is_put_together_before_it_is_executed_is_found_to_be_unread() throws Exception {
        tiny(changeSet("make", "", "create table a (id int, n int)", "drop table a")
                + changeSet("hide", "", "do $$ begin execute format('drop table %I', 'a'); end $$",
                        "create table a (id int, n int)"));

        assertThat(vanished.unsaid()).contains("+hide: a").allMatch(object -> object.startsWith("+hide"));
    }

    @Test
    void dropped_objects_are_declared_by_drops() throws Exception {
        tiny(changeSet("make", "", "create table a (id int, n int)", "drop table a") + """
                - changeSet:
                    id: hide
                    author: test
                    changes:
                      - drops: {objects: "column a.n"}
                      - sql:
                          splitStatements: false
                          sql: do $$ begin execute format('alter table a drop %I', 'n'); end $$
                    rollback:
                      - sql: {sql: alter table a add n int}
                """);

        assertThat(vanished.unsaid()).isEmpty();
        assertThat(vanished.seen()).contains("+hide");
    }

    private void tiny(String changeSets) throws Exception {
        new TinyChangelog(folder, database).of(changeSets);
        LiquibaseRunner runner = runner(new TargetDatabase(database.url(), database.username(), database.password(),
                "tiny.yaml", "test", null, Map.of()), folder);
        runner.update();
        runner.rollback();
    }

    private LiquibaseRunner runner(TargetDatabase target, Path root) {
        return new LiquibaseRunner(target, root, line -> { }, vanished);
    }
}
