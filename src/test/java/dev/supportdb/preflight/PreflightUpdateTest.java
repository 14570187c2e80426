package dev.supportdb.preflight;

import static dev.supportdb.support.TinyChangelog.backfill;
import static dev.supportdb.support.TinyChangelog.changeSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.changelog.LabelFilter;
import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TinyChangelog;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PreflightUpdateTest {

    private static final String MAIN = changeSet("main-1", "labels: main", "create table tickets (id int)", null);
    private static final String REPORTING =
            changeSet("reporting-1", "labels: reporting", "create table reports (id int)", null);
    private static final String MERGE = changeSet("merge-1", """
            labels: main
            preConditions:
              - onFailMessage: add the label reporting
              - changeSetExecuted: {id: reporting-1, author: test, changeLogFile: tiny.yaml}
            """, "create view merged as select 1", null);

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

    private List<String> tables() throws Exception {
        return database.texts("""
                select relname from pg_class
                where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')
                  and relname !~ '^databasechangelog'
                order by relname""");
    }

    @Test
    void refuses_a_filter_that_leaves_a_dependency_out() throws Exception {
        changelog.of(MAIN + REPORTING + MERGE);

        assertThatThrownBy(() -> changelog.run("update", "main", Map.of()))
                .isInstanceOf(CommandExecutionException.class)
                .hasNoCause()
                .hasMessageContaining("tiny.yaml::merge-1::test: add the label reporting");
        assertThat(tables()).isEmpty();

        changelog.run("update", "main or reporting", Map.of());
        assertThat(tables()).containsExactly("merged", "reports", "tickets");
    }

    @Test
    void refuses_a_label_that_no_changeset_has() throws Exception {
        changelog.of(MAIN + REPORTING);

        for (String filter : List.of("mian", "main and !contrct", "@mian", "MAIN or (not reportng)")) {
            assertThatThrownBy(() -> changelog.run("update", filter, Map.of())).as(filter)
                    .isInstanceOf(CommandExecutionException.class)
                    .hasNoCause()
                    .hasMessageContaining("There is no label '")
                    .hasMessageContaining("The labels of this changelog: backfill, contract, main, reporting.");
        }
        assertThat(tables()).isEmpty();

        changelog.run("update", "MAIN and !contract", Map.of());
        assertThat(tables()).containsExactly("tickets");
    }

    /** Demo data never runs in production, whichever labels are selected. */
    @Test
    void a_later_phase_does_without_what_is_not_for_this_database() throws Exception {
        changelog.of(MAIN + changeSet("main-2", "labels: main\ncontextFilter: \"@demo\"", "nonsense", null)
                + changeSet("main-3", "labels: main\ndbms: mysql", "nonsense", null)
                + changeSet("main-4", "labels: \"main, contract\"", "create table later (id int)", null));

        assertThatThrownBy(() -> changelog.run("update", "contract and !main or @contract", Map.of()));
        changelog.run("update", Map.of());
        assertThat(tables()).containsExactly("later", "tickets");
    }

    @Test
    void a_refused_first_run_leaves_not_even_a_history() throws Exception {
        changelog.of(MAIN + MERGE + REPORTING);
        String relations = "select relname from pg_class where relnamespace = 'public'::regnamespace";

        for (String command : List.of("update", "changelogSync", "rollbackCount")) {
            assertThatThrownBy(() -> changelog.run(command, "mian", Map.of("count", 1))).as(command)
                    .hasMessageContaining("There is no label 'mian'").hasNoSuppressedExceptions();
        }
        assertThatThrownBy(() -> changelog.run("update", Map.of())).hasMessageContaining("add the label reporting")
                .hasNoSuppressedExceptions();
        assertThat(database.texts(relations)).isEmpty();

        changelog.of(MAIN + REPORTING + MERGE).run("update", Map.of());
        assertThat(tables()).containsExactly("merged", "reports", "tickets");
    }

    @Test
    void a_refused_run_leaves_the_history_that_was_there() throws Exception {
        changelog.of(MAIN + REPORTING).run("update", Map.of());
        database.execute("delete from databasechangelog");

        assertThatThrownBy(() -> changelog.run("update", "mian", Map.of())).hasMessageContaining("'mian'");
        assertThat(database.count("select count(*) from databasechangelog")).isZero();
    }

    @Test
    void a_changelog_without_backfills_leaves_a_table_of_that_name_to_others() throws Exception {
        database.execute("create table backfills (night date)");
        changelog.of(changeSet("1", "", "create table crates (id int)", "drop table crates"));

        changelog.run("update", Map.of());
        changelog.run("rollbackCount", Map.of("count", 1));

        assertThat(database.count("select count(*) from databasechangelog")).isZero();
    }

    /** Else it would stop in the middle of the run. */
    @Test
    void refuses_a_backfill_that_has_no_place_for_its_progress_or_no_key() throws Exception {
        String fill = backfill("fill", "name: fill", "table: crates", "pending: size is null",
                "fill: update crates set size = 1 where id = any(:keys)");
        database.execute("create table crates (id uuid primary key, size int)");
        changelog.of(changeSet("1", "", "create view v as select 1", null) + fill);
        assertThatThrownBy(() -> changelog.run("update", Map.of()))
                .hasMessageContaining("- include: {file: changelog/main/000_backfill_tables.yaml}")
                .hasMessageContaining("Nothing has been changed");

        changelog.of(changeSet("1", "", "create table backfills (name text)", null) + fill);
        assertThatThrownBy(() -> changelog.run("update", Map.of()))
                .hasMessageContaining("crates.id is uuid").hasMessageContaining("Nothing has been changed");
        database.execute("alter table crates drop id, add id int");
        assertThatThrownBy(() -> changelog.run("update", Map.of()))
                .hasMessageContaining("crates.id has no unique index");
        assertThat(database.text("select to_regclass('backfills')")).isNull();

        changelog.foreign(fill);
        assertThatThrownBy(() -> changelog.run("update", Map.of()))
                .hasMessageContaining("- property: {name: supportdb.schema, value: public}");
    }

    @Test
    void refuses_filters_that_cannot_be_read() throws Exception {
        changelog.of(MAIN + REPORTING);

        for (String command : List.of("update", "updateSql", "status", "changelogSync")) {
            assertThatThrownBy(() -> changelog.run(command, "main or", Map.of())).as(command)
                    .isInstanceOf(LabelFilter.Refused.class).hasNoCause()
                    .hasMessageStartingWith("The label filter 'main or' cannot be read.");
        }
        assertThatThrownBy(() -> changelog.run("update", Map.of("contextFilter", "test or demo")))
                .isInstanceOf(LabelFilter.Refused.class)
                .hasMessageStartingWith("The contexts 'test or demo' cannot be read.");
        assertThat(database.texts("select relname from pg_class where relnamespace = 'public'::regnamespace"))
                .isEmpty();
    }

    @Test
    void a_dependency_that_ran_before_is_enough() throws Exception {
        changelog.of(MAIN + REPORTING + MERGE);

        changelog.run("update", "reporting", Map.of());
        changelog.run("update", "main", Map.of());

        assertThat(tables()).containsExactly("merged", "reports", "tickets");
    }

    @Test
    void a_dependency_that_runs_later_is_not_enough() throws Exception {
        changelog.of(MAIN + MERGE + REPORTING);

        assertThatThrownBy(() -> changelog.run("update", Map.of())).hasMessageContaining("add the label reporting");
        assertThat(tables()).isEmpty();
    }

    @Test
    void stock_liquibase_finds_out_half_way() throws Exception {
        changelog.of(MAIN + MERGE + REPORTING);

        assertThatThrownBy(() -> changelog.runStock("update", Map.of()))
                .hasMessageContaining("add the label reporting");
        assertThat(tables()).containsExactly("tickets");
    }

    @Test
    void looks_only_as_far_as_the_command_goes() throws Exception {
        String tag = "- changeSet: {id: tag, author: test, labels: main, changes: [tagDatabase: {tag: half-way}]}\n";
        changelog.of(MAIN + tag + MERGE + REPORTING);

        changelog.run("updateCount", Map.of("count", 1));
        changelog.run("updateToTag", Map.of("tag", "half-way"));
        assertThat(tables()).containsExactly("tickets");

        assertThatThrownBy(() -> changelog.run("updateCount", Map.of("count", 1)))
                .hasMessageContaining("add the label reporting");
    }

    @Test
    void refuses_the_script_too() {
        changelog.of(MAIN + MERGE + REPORTING);

        assertThatThrownBy(() -> changelog.run("updateSql", Map.of())).hasMessageContaining("add the label reporting");
        assertThatThrownBy(() -> changelog.runOffline("updateSql")).hasMessageContaining("add the label reporting");
    }

    @Test
    void names_each_missing_dependency_once_and_not_what_builds_on_it() {
        String next = changeSet("main-2", """
                labels: main
                preConditions:
                  - onFailMessage: run merge-1 first
                  - changeSetExecuted: {id: merge-1, author: test, changeLogFile: tiny.yaml}
                """, "select 1", null);
        String crm = changeSet("crm-1", """
                labels: crm
                preConditions:
                  - onFailMessage: add the label knowledge
                  - changeSetExecuted: {id: knowledge-1, author: test, changeLogFile: tiny.yaml}
                """, "select 1", null);
        changelog.of(MAIN + MERGE + next + crm);

        assertThatThrownBy(() -> changelog.run("update", Map.of()))
                .hasMessageContaining("- tiny.yaml::merge-1::test: add the label reporting\n")
                .hasMessageContaining("- tiny.yaml::crm-1::test: add the label knowledge")
                .hasMessageNotContaining("main-2");
    }

    /** The dependency named {@code ran} runs earlier in the same update, {@code never} does not. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        and: [{E: ran}, {E: never}]              | refused
        or:  [{E: never}, {E: ran}]              | runs
        or:  [{E: never}, {E: never}]            | refused
        not: [{E: never}]                        | runs
        not: [{E: ran}]                          | refused
        not: [{E: never}, {E: ran}]              | refused
        not: [{or: [{E: never}, {E: never}]}]    | runs
        and: [{not: [{E: never}]}, {E: ran}]     | runs
        or:  [{tableExists: {tableName: tickets}}, {E: never}]  | runs
        and: [{tableExists: {tableName: tickets}}, {E: never}]  | refused
        """)
    void understandsNestedConditions(String condition, String verdict) throws Exception {
        String written = condition.replaceAll("E: (\\w+)",
                "changeSetExecuted: {id: $1, author: test, changeLogFile: tiny.yaml}");
        changelog.of(changeSet("ran", "", "create table tickets (id int)", null)
                + changeSet("last", "preConditions:\n  - " + written + "\n", "create table last (id int)", null));

        if (verdict.equals("runs")) {
            assertThat(changelog.runOffline("updateSql")).contains("create table last");
        } else {
            assertThatThrownBy(() -> changelog.runOffline("updateSql")).hasMessageContaining("tiny.yaml::last::test");
        }
    }

    @Test
    void leaves_conditions_that_only_skip_to_liquibase() throws Exception {
        String skipped = changeSet("skipped", """
                preConditions:
                  - onFail: MARK_RAN
                  - changeSetExecuted: {id: never, author: test, changeLogFile: tiny.yaml}
                """, "create table skipped (id int)", null);
        String builtOnIt = changeSet("built-on-it", """
                preConditions:
                  - changeSetExecuted: {id: skipped, author: test, changeLogFile: tiny.yaml}
                """, "create table last (id int)", null);
        changelog.of(MAIN + skipped + builtOnIt);

        changelog.run("update", Map.of());

        assertThat(tables()).containsExactly("last", "tickets");
    }

    @Test
    void refuses_an_extension_the_server_does_not_offer() throws Exception {
        changelog.of(MAIN + needsExtension("no_such_extension"));

        assertThatThrownBy(() -> changelog.run("update", Map.of()))
                .hasMessageContaining("this server does not offer no_such_extension");
        assertThat(tables()).isEmpty();

        changelog.of(MAIN + needsExtension("plpgsql"));
        changelog.run("update", Map.of());
        assertThat(tables()).containsExactly("extended", "tickets");
    }

    @Test
    void stock_liquibase_finds_the_extension_missing_half_way() throws Exception {
        changelog.of(MAIN + needsExtension("no_such_extension"));

        assertThatThrownBy(() -> changelog.runStock("update", Map.of()))
                .hasMessageContaining("this server does not offer no_such_extension");
        assertThat(tables()).containsExactly("tickets");
    }

    @Test
    void a_condition_that_an_earlier_changeset_may_meet_is_not_checked_before() throws Exception {
        String check = changeSet("check", """
                preConditions:
                  - sqlCheck: {expectedResult: "1", sql: select count(*) from pg_tables where tablename = 'tickets'}
                """, "create table last (id int)", null);
        changelog.of(MAIN + check);

        changelog.run("update", Map.of());

        assertThat(tables()).containsExactly("last", "tickets");
    }

    private static String needsExtension(String name) {
        return changeSet("extension", """
                preConditions:
                  - onFailMessage: this server does not offer %s
                  - sqlCheck:
                      expectedResult: "1"
                      sql: select count(*) from pg_available_extensions where name = '%s'
                """.formatted(name, name), "create table extended (id int)", null);
    }

    @Test
    void refuses_to_go_to_a_tag_that_no_changeset_sets() throws Exception {
        String tag = "- changeSet: {id: tag, author: test, changes: [tagDatabase: {tag: half-way}]}\n";
        changelog.of(MAIN + tag + REPORTING);

        assertThatThrownBy(() -> changelog.run("updateToTag", Map.of("tag", "half-wat")))
                .hasMessageContaining("There is no tag 'half-wat'").hasMessageContaining("half-way");
        assertThat(tables()).isEmpty();

        changelog.runStock("updateToTag", Map.of("tag", "half-wat"));
        assertThat(tables()).as("what stock Liquibase does").containsExactly("reports", "tickets");
    }

    @Test
    void refuses_to_mark_as_run_up_to_a_tag_that_no_changeset_sets() throws Exception {
        String tag = "- changeSet: {id: tag, author: test, changes: [tagDatabase: {tag: half-way}]}\n";
        changelog.of(MAIN + tag + REPORTING);

        for (String command : List.of("changelogSyncToTag", "changelogSyncToTagSql")) {
            assertThatThrownBy(() -> changelog.run(command, Map.of("tag", "half-wat")))
                    .hasMessageContaining("There is no tag 'half-wat'").hasMessageContaining("half-way");
        }
        assertThat(database.count("select count(*) from pg_tables where tablename = 'databasechangelog'")).isZero();

        changelog.run("changelogSyncToTag", Map.of("tag", "half-way"));
        assertThat(history()).containsExactly("main-1", "tag");

        changelog.runStock("changelogSyncToTag", Map.of("tag", "half-wat"));
        assertThat(history()).as("what stock Liquibase does").containsExactly("main-1", "tag", "reporting-1");
    }

    private List<String> history() throws Exception {
        return database.texts("select id from databasechangelog order by orderexecuted");
    }
}
