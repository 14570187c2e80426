package dev.supportdb.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.changelog.Feature;
import dev.supportdb.changelog.FeatureState;
import dev.supportdb.changelog.Position;
import dev.supportdb.support.ChangelogFolder;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.visitor.DefaultChangeExecListener;
import liquibase.exception.DatabaseException;
import liquibase.exception.LiquibaseException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DatabaseStateTest {

    @TempDir
    private Path folder;

    private TestDatabase database;

    @BeforeEach
    void create() throws Exception {
        database = Databases.empty();
        new ChangelogFolder(folder).feature("main/001_a").feature("other/002_b").waiting("main/003_c", "other/002_b")
                .feature("main/004_d").feature("crm/005_e", "main/001_a");
    }

    @AfterEach
    void drop() throws Exception {
        database.close();
    }

    @Test
    void the_state_of_an_empty_database_is_read_without_writing() throws Exception {
        DatabaseState standing = standing(null);

        assertThat(states(standing)).containsOnly(FeatureState.PENDING);
        assertThat(standing.pending()).hasSize(10);
        assertThat(standing.applied()).isEmpty();
        assertThat(database.count("select count(*) from pg_class where relnamespace = 'public'::regnamespace"))
                .isZero();
    }

    @Test
    void knows_what_is_left_out_and_what_waits_for_it() throws Exception {
        migration("main").update();

        assertThat(states(standing("main"))).containsExactly(FeatureState.APPLIED, FeatureState.LEFT_OUT,
                FeatureState.WAITING, FeatureState.APPLIED, FeatureState.LEFT_OUT);
        assertThat(standing("main").pending()).isEmpty();
        assertThat(states(standing(null))).containsExactly(FeatureState.APPLIED, FeatureState.PENDING,
                FeatureState.PENDING, FeatureState.APPLIED, FeatureState.PENDING);
    }

    @Test
    void a_tag_alone_does_not_count_as_its_feature() throws Exception {
        migration(null).update(9);
        assertThat(standing(null).pending()).extracting(ChangeSet::getId).containsExactly("005_e-02-create_e");
        assertThat(states(standing(null))).last().isEqualTo(FeatureState.PENDING);
    }

    @Test
    void counts_names_from_what_ran_last() throws Exception {
        migration("@main").update();
        migration("main or other").update(2);

        DatabaseState standing = standing(null);
        assertThat(standing.applied()).map(Feature::name).containsExactly("001_a", "004_d", "002_b");
        assertThat(standing.names().place("-1")).hasToString("before-002_b");
        assertThat(standing.names().place("main@-1")).hasToString("before-004_d");
        assertThat(standing.names().places("+2")).map(Position::toString).containsExactly("main/003_c", "crm/005_e");
        assertThat(standing.ran(standing.names().place("004").feature()).orElseThrow().getId()).startsWith("004_d-02");
    }

    @Test
    void a_downgrade_finds_the_dependents_of_dependents() throws Exception {
        new ChangelogFolder(folder).feature("main/001_a").feature("crm/002_b", "main/001_a")
                .feature("vector/003_c", "crm/002_b").feature("vector/004_d").feature("other/005_e");
        migration(null).update();
        DatabaseState standing = standing(null);

        DowngradePlan plan = DowngradePlan.to(standing.names().places("main@base"), standing);

        assertThat(plan.dependents()).map(Position::toString).containsExactly("before-002_b", "before-003_c");
        assertThat(plan.withDependents(standing).undone()).map(slice -> slice.feature().name())
                .containsExactly("004_d", "003_c", "002_b", "001_a");
    }

    @Test
    void knows_what_the_files_have_lost() throws Exception {
        migration(null).update();
        new ChangelogFolder(folder).feature("main/001_a");

        assertThat(standing(null).unknown()).hasSize(8).extracting("id").contains("005_e-02-create_e");
        assertThat(states(standing(null))).containsExactly(FeatureState.APPLIED);
    }

    @Test
    void the_state_knows_a_phase_that_is_left_out() throws Exception {
        try (TestDatabase full = Databases.at(MigrationState.head())) {
            DatabaseState standing = DatabaseState.of(MigrationState.head().of(full), Path.of(""));
            assertThat(standing.pending()).isEmpty();
            assertThat(standing.unknown()).isEmpty();
            assertThat(standing.changelog().features()).filteredOn(feature ->
                    standing.state(feature) != FeatureState.APPLIED).map(Feature::name)
                    .containsExactly("demo_data", "027_embeddings");
        }
    }

    @Test
    void is_read_in_the_schema_of_the_changelog_whatever_the_search_path() throws Exception {
        Path master = folder.resolve(ChangelogFolder.MASTER);
        Files.writeString(master, Files.readString(master).replace("value: public", "value: shop"));
        database.execute("create schema shop");
        migration(null).update();

        assertThat(states(standing(null))).containsOnly(FeatureState.APPLIED);
    }

    @Test
    void is_refused_where_there_is_no_server_or_no_such_label() {
        assertThatThrownBy(
                () -> DatabaseState.of(new TargetDatabase("jdbc:postgresql://127.0.0.1:1/none", "ann", "secret",
                ChangelogFolder.MASTER, "test", null, Map.of()), folder))
                .isInstanceOf(DatabaseException.class).hasMessageNotContaining("secret");
        assertThatThrownBy(() -> standing("mian")).hasMessageContaining("There is no label 'mian'");
        assertThatThrownBy(() -> standing("main or")).hasMessageContaining("'main or' cannot be read");
    }

    private static List<FeatureState> states(DatabaseState standing) {
        return standing.changelog().features().stream().map(standing::state).toList();
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
