package dev.supportdb.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.changelog.FeatureSlice;
import dev.supportdb.changelog.Position;
import dev.supportdb.preflight.ChangesetSubset;
import dev.supportdb.support.ChangelogFolder;
import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import liquibase.changelog.visitor.DefaultChangeExecListener;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.LiquibaseException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plans, and runs of a part of the changelog, where branches have been deployed in turns. */
final class ChangesetSubsetTest {

    @TempDir
    private Path folder;

    private TestDatabase database;

    @BeforeEach
    void create() throws Exception {
        database = Databases.empty();
        files("001_a", "002_b", "003_c", "004_d", "005_e", "006_f", "007_g");
    }

    /** Writes these features to the files. */
    private void files(String... features) {
        ChangelogFolder files = new ChangelogFolder(folder);
        for (String feature : features) {
            switch (feature) {
                case "005_e" -> files.feature("other/005_e");
                case "006_f" -> files.waiting("main/006_f", "other/005_e");
                case "007_g" -> files.feature("crm/007_g", "main/003_c");
                default -> files.feature((feature.matches("00[13].*") ? "main/" : "crm/") + feature);
            }
        }
    }

    @AfterEach
    void drop() throws Exception {
        database.close();
    }

    @Test
    void an_upgrade_runs_its_own_branch_alone() throws Exception {
        upgrade("crm@004");
        assertThat(tables()).containsExactly("b", "d");

        migration(null).update();
        assertThat(tables()).as("nobody has kept that nothing was pending")
                .containsExactly("a", "b", "c", "d", "e", "f", "g");
    }

    @Test
    void an_upgrade_stops_within_a_feature() throws Exception {
        upgrade("002-01");
        assertThat(history()).containsExactly("002_b-01-tag_before");

        upgrade("before-004");
        assertThat(tables()).containsExactly("b");
    }

    @Test
    void a_plan_names_what_is_needed_and_only_that() throws Exception {
        UpgradePlan plan = planned("crm@head", null);
        assertThat(features(plan.own())).containsExactly("crm/002_b", "crm/004_d", "crm/007_g");
        assertThat(features(plan.needed())).containsExactly("main/001_a", "main/003_c");

        upgrade("main@003");
        assertThat(planned("crm@head", null).needed()).isEmpty();
    }

    @Test
    void a_deferred_feature_brings_its_dependencies_only_when_it_is_named() throws Exception {
        assertThat(features(planned("main@003", null).own())).containsExactly("main/001_a", "main/003_c");
        assertThat(planned("main@003", null).needed()).isEmpty();
        assertThat(features(planned("006", null).needed())).containsExactly("other/005_e");
        assertThat(planned("006", "main").needed()).extracting(FeatureSlice::changeSets).containsExactly(List.of());

        assertThat(features(planned("heads", "main").own())).containsExactly("main/001_a", "main/003_c");
        assertThat(planned("heads", "main").needed()).isEmpty();
    }

    @Test
    void a_deferred_feature_before_a_needed_one_is_skipped() throws Exception {
        new ChangelogFolder(folder).feature("main/001_a").feature("other/002_b").waiting("main/003_c", "other/002_b")
                .feature("main/004_d").feature("crm/005_e", "main/004_d");

        assertThat(features(planned("005", null).needed())).containsExactly("main/001_a", "main/004_d");
        assertThat(features(planned("crm@head other@head", null).needed()))
                .as("what it waits for comes as well").containsExactly("main/001_a", "main/003_c", "main/004_d");
        assertThat(features(planned("main@001 005", null).needed()))
                .as("no feature comes twice").containsExactly("main/004_d");

        upgrade("other@head");
        assertThat(features(planned("005", null).needed()))
                .as("what it waits for is there").containsExactly("main/001_a", "main/003_c", "main/004_d");
    }

    @Test
    void a_downgrade_goes_by_the_history_and_leaves_other_branches_alone() throws Exception {
        upgrade("crm@002");
        upgrade("main@001");
        upgrade("crm@004");
        upgrade("main@003");
        database.execute("""
                create schema seen;
                create table seen.drops (number integer generated always as identity, name text);
                create function seen.drop() returns event_trigger language plpgsql as $$
                begin
                    insert into seen.drops (name)
                    select object_name from pg_event_trigger_dropped_objects() where object_type = 'table';
                end
                $$;
                create event trigger drops on sql_drop execute function seen.drop();
                """);

        downgrade("main@base");
        assertThat(database.texts("select name from seen.drops order by number")).containsExactly("c", "a");
        assertThat(history()).containsExactly("002_b-01-tag_before", "002_b-02-create_b", "004_d-01-tag_before",
                "004_d-02-create_d");
        assertThat(tables()).containsExactly("b", "d");

        migration(null).update();
        downgrade("crm@-1");
        downgrade("main@-1");
        assertThat(tables()).containsExactly("a", "b", "c", "d", "e");
    }

    @Test
    void stock_liquibase_goes_through_the_branches() throws Exception {
        upgrade("main@001");
        upgrade("crm@002");

        migration(null).rollback(2);

        assertThat(tables()).as("what is asked for by number is what ran last").containsExactly("a");
    }

    @Test
    void a_downgrade_of_what_another_branch_stands_on_is_refused() throws Exception {
        migration(null).update();

        assertThatThrownBy(() -> downgrade("before-003")).isInstanceOf(CommandExecutionException.class).hasNoCause()
                .hasMessageStartingWith("This would leave behind what depends on this and must be rolled back first.")
                .hasMessageContaining("007_g-02-create_g::test depends on it");
        assertThatThrownBy(() -> downgrade("other@base")).hasMessageContaining("::test depends on it");
        assertThat(tables()).hasSize(7);

        downgrade("before-003 before-007");
        assertThat(tables()).containsExactly("a", "b", "d", "e");
    }

    @Test
    void a_downgrade_over_what_is_gone_from_the_files_is_refused() throws Exception {
        migration(null).update();
        files("001_a", "002_b", "003_c", "005_e", "006_f", "007_g");

        assertThatThrownBy(() -> downgrade("before-002")).hasMessageContaining("2 changesets in the history are not in the changelog files")
                .hasMessageContaining("004_d-02-create_d").hasMessageNotContaining("002_b");
        assertThatThrownBy(() -> forget("before-002", null))
                .hasMessageStartingWith("Cannot stamp: 2 changesets in the history are ")
                .hasMessageContaining("004_d-02-create_d").hasMessageEndingWith("Nothing has been recorded.");
        assertThat(tables()).hasSize(7);

        downgrade("crm@-1");
        downgrade("before-006");
        assertThat(tables()).as("what has run later").containsExactly("a", "b", "c", "d", "e");
    }

    /** The other branch may depend on what is to be undone: only its own file would say. */
    @Test
    void a_downgrade_below_what_another_branch_has_in_other_files_is_refused() throws Exception {
        migration(null).update();
        files("001_a", "002_b", "003_c", "004_d", "007_g");

        assertThatThrownBy(() -> downgrade("before-004"))
                .hasMessageStartingWith("Cannot roll back: 4 changesets in the history are ")
                .hasMessageContaining("005_e-02-create_e").hasMessageContaining("006_f-02-create_f");
        downgrade("crm@-1");
        assertThat(tables()).containsExactly("a", "b", "c", "d", "e", "f");
    }

    @Test
    void a_downgrade_of_which_the_filter_leaves_out_a_part_is_refused() throws Exception {
        migration(null).update();

        assertThatThrownBy(() -> downgrade("crm@004", "main or other"))
                .hasMessageContaining("the label filter exclude").hasMessageContaining("007_g-02-create_g");
        assertThatThrownBy(() -> forget("crm@004", "main or other"))
                .hasMessageContaining("that must be recorded as not run as well:")
                .hasMessageContaining("007_g-02-create_g")
                .hasMessageEndingWith("Change the filter to include them. Nothing has been recorded.");
        assertThat(tables()).hasSize(7);
    }

    @Test
    void changesets_recorded_as_not_run_are_not_undone() throws Exception {
        migration(null).update();

        forget("before-006", null);

        assertThat(history()).hasSize(12).doesNotContain("006_f-02-create_f");
        assertThat(tables()).hasSize(7);
    }

    private UpgradePlan planned(String names, String labels) throws LiquibaseException {
        DatabaseState standing = standing(labels);
        return UpgradePlan.to(places(names, standing), standing);
    }

    private void upgrade(String names) throws LiquibaseException {
        migration(null).only(ChangesetSubset.of(planned(names, null).own())).update();
    }

    private void downgrade(String names) throws LiquibaseException {
        downgrade(names, null);
    }

    private void downgrade(String names, String labels) throws LiquibaseException {
        DatabaseState standing = standing(labels);
        migration(labels).only(DowngradePlan.to(places(names, standing), standing).part()).rollback();
    }

    private void forget(String names, String labels) throws LiquibaseException {
        DatabaseState standing = standing(labels);
        migration(labels).only(DowngradePlan.to(places(names, standing), standing).part().forgetting()).rollback();
    }

    private static List<Position> places(String names, DatabaseState standing) {
        return Stream.of(names.split(" ")).flatMap(name -> standing.names().places(name).stream()).toList();
    }

    private static List<String> features(List<FeatureSlice> shares) {
        return shares.stream().map(share -> share.feature().id()).toList();
    }

    private List<String> tables() throws SQLException {
        return database.texts("""
                select tablename from pg_tables where schemaname = 'public' and length(tablename) = 1 order by 1
                """);
    }

    private List<String> history() throws SQLException {
        return database.texts("select id from databasechangelog order by orderexecuted");
    }

    private DatabaseState standing(String labels) throws LiquibaseException {
        return DatabaseState.of(target(labels), folder);
    }

    private LiquibaseRunner migration(String labels) {
        return new LiquibaseRunner(target(labels), folder, line -> { }, new DefaultChangeExecListener());
    }

    private TargetDatabase target(String labels) {
        return new TargetDatabase(database.url(), database.username(), database.password(), ChangelogFolder.MASTER,
                "test", labels, Map.of());
    }
}
