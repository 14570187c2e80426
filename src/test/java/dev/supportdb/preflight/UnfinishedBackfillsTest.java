package dev.supportdb.preflight;

import static dev.supportdb.support.TinyChangelog.backfill;
import static dev.supportdb.support.TinyChangelog.changeSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.PsqlScript;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TinyChangelog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import liquibase.Scope;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UnfinishedBackfillsTest {

    private static final String CREATE = changeSet("create", "", """
            create table orders (id integer primary key, note text, filled text);
            insert into orders (id) select generate_series(1, 2000)
            """, "drop table orders");

    /** Undoing it is a mistake while anything is filled. */
    private static final String ALLOW = changeSet("allow", "", "select 1", """
            do $$ begin
                assert (select count(filled) = 0 from orders), 'something is still filled';
            end $$
            """);

    private static final String FILL = backfill("fill", "name: half_done", "table: orders",
            "pending: filled is null", "fill: update orders set filled = 'x' where id = any(:keys)",
            "filled: filled is not null", "undo: update orders set filled = null where id = any(:keys)");

    private static final String LATER = changeSet("later", "", "select 1", "select 1");

    @TempDir
    private Path folder;

    private final List<String> said = new ArrayList<>();
    private TestDatabase database;
    private TinyChangelog changelog;

    @BeforeEach
    void create() throws Exception {
        database = Databases.at(MigrationState.before("001_initial_schema"));
        changelog = new TinyChangelog(folder, database, said::add).of(CREATE + ALLOW + FILL);
    }

    @AfterEach
    void drop() throws Exception {
        database.close();
    }

    private void breakOn(String condition) throws Exception {
        database.execute("""
                create function break() returns trigger language plpgsql as
                    'begin raise exception ''order % is broken'', new.id; end';
                create trigger break before update on orders for each row when (CONDITION) execute function break();
                """.replace("CONDITION", condition));
    }

    private void repair() throws Exception {
        database.execute("drop trigger break on orders; drop function break()");
    }

    private void stopHalfFilled() throws Exception {
        changelog.run("updateCount", Map.of("count", 2));
        breakOn("new.id = 1990");
        assertThatThrownBy(() -> changelog.run("update", Map.of())).hasMessageContaining("order 1990 is broken");
        repair();
        assertThat(filled()).isBetween(1L, 1999L);
    }

    private void stopHalfUndone() throws Exception {
        changelog.run("update", Map.of());
        breakOn("new.id = 1990");
        assertThatThrownBy(() -> changelog.run("rollbackCount", Map.of("count", 1)))
                .hasMessageContaining("order 1990 is broken");
        repair();
        assertThat(filled()).isBetween(1L, 1999L);
    }

    private long filled() throws Exception {
        return database.count("select count(filled) from orders");
    }

    @Test
    void a_rollback_undoes_what_an_update_has_begun_to_fill() throws Exception {
        stopHalfFilled();

        changelog.run("rollbackCount", Map.of("count", 1));

        assertThat(filled()).isZero();
        assertThat(said).contains("First, undoing what a stopped update has partly filled: tiny.yaml::fill::test");
        assertThat(database.text("select id from databasechangelog order by orderexecuted desc limit 1"))
                .isEqualTo("create");
        changelog.run("update", Map.of());
        assertThat(filled()).isEqualTo(2000);
    }

    @Test
    void a_rollback_that_failed_on_that_goes_on() throws Exception {
        stopHalfFilled();
        breakOn("old.filled = 'x' and new.id = 5");
        assertThatThrownBy(() -> changelog.run("rollbackCount", Map.of("count", 1)))
                .isInstanceOf(CommandExecutionException.class).hasMessageContaining("order 5 is broken");
        repair();

        changelog.run("rollbackCount", Map.of("count", 1));

        assertThat(filled()).isZero();
    }

    @Test
    void a_rollback_of_nothing_it_stands_on_leaves_it() throws Exception {
        stopHalfFilled();
        changelog.of(CREATE + ALLOW + LATER);
        changelog.run("update", Map.of());
        changelog.of(CREATE + ALLOW + FILL + LATER);
        long before = filled();

        changelog.run("rollbackCount", Map.of("count", 1));

        assertThat(filled()).isEqualTo(before);
    }

    @Test
    void a_rollback_of_another_part_leaves_it_though_it_comes_later() throws Exception {
        changelog.of(LATER.replace("later", "beside") + CREATE + ALLOW + FILL);
        changelog.run("updateCount", Map.of("count", 1));
        stopHalfFilled();
        long before = filled();

        rollback("tiny.yaml::beside::test");
        assertThat(filled()).isEqualTo(before);

        rollback("tiny.yaml::allow::test", "tiny.yaml::fill::test");
        assertThat(filled()).isZero();
    }

    private void rollback(String... changeSets) throws Exception {
        Scope.child(new ChangesetSubset(Set.of(changeSets), false).inScope(),
                () -> changelog.run("rollbackCount", Map.of("count", changeSets.length)));
    }

    @Test
    void an_update_fills_what_a_rollback_has_begun_to_undo() throws Exception {
        stopHalfUndone();

        changelog.run("update", Map.of());

        assertThat(filled()).isEqualTo(2000);
        assertThat(said)
                .contains("First, filling again what a stopped rollback has partly undone: tiny.yaml::fill::test");
        assertThat(database.text("select state from backfills where name = 'half_done'")).isEqualTo("filled");
    }

    @Test
    void the_sql_of_either_begins_with_it() throws Exception {
        stopHalfFilled();
        assertThat(changelog.run("rollbackCountSql", Map.of("count", 1)))
                .contains("-- First, undoing what a stopped update has partly filled: tiny.yaml::fill::test")
                .contains("set filled = null");
        changelog.run("update", Map.of());
        assertThat(changelog.run("updateSql", Map.of())).doesNotContain("First, ");

        database.execute("update backfills set state = 'undoing' where name = 'half_done'");
        assertThat(changelog.run("updateSql", Map.of()))
                .contains("-- First, filling again what a stopped rollback has partly undone: tiny.yaml::fill::test")
                .contains("set filled = 'x'");
    }

    @Test
    void what_an_earlier_rollback_left_does_not_stop_the_undo_of_a_changeset_marked_as_run() throws Exception {
        changelog.run("update", Map.of());
        changelog.run("rollbackCount", Map.of("count", 1));
        assertThat(database.text("select state from backfills where name = 'half_done'")).isEqualTo("undone");
        database.execute("update orders set filled = 'by hand'");
        changelog.run("changelogSync", Map.of());

        changelog.run("rollbackCount", Map.of("count", 1));

        assertThat(filled()).isZero();
    }

    @Test
    void the_sql_that_marks_a_changeset_as_run_says_so_too() throws Exception {
        changelog.run("update", Map.of());
        changelog.run("rollbackCount", Map.of("count", 1));
        database.execute("update orders set filled = 'by hand'");
        assumeThat(PsqlScript.isInstalled()).as("psql is on the PATH, to run the script with").isTrue();
        PsqlScript.run(database, changelog.run("changelogSyncSql", Map.of()));

        changelog.run("rollbackCount", Map.of("count", 1));

        assertThat(filled()).isZero();
    }

    /** A stamp says that the schema is another one already, so there may be nothing left to undo. */
    @Test
    void a_changeset_that_was_taken_out_of_the_history_leaves_no_backfill_to_undo() throws Exception {
        changelog.run("update", Map.of());
        database.execute("alter table orders rename filled to gone");
        Scope.child(new ChangesetSubset(Set.of("tiny.yaml::fill::test"), true).inScope(),
                () -> changelog.run("rollbackCount", Map.of("count", 1)));
        assertThat(database.texts("select id from databasechangelog where filename = 'tiny.yaml'"))
                .containsExactly("create", "allow");

        changelog.of(CREATE + ALLOW.replace("count(filled) = 0", "count(gone) > 0") + FILL);
        changelog.run("rollbackCount", Map.of("count", 1));

        assertThat(said).noneMatch(line -> line.startsWith("First, "));
    }

    @Test
    void stock_liquibase_passes_over_it() throws Exception {
        stopHalfFilled();
        assertThatThrownBy(() -> changelog.runStock("rollbackCount", Map.of("count", 1)))
                .hasMessageContaining("something is still filled");
    }
}
