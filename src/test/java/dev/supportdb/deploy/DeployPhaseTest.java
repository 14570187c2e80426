package dev.supportdb.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.Phase;
import dev.supportdb.preflight.ChangesetSubset;
import dev.supportdb.run.DatabaseState;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.ChangelogFolder;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import liquibase.changelog.ChangeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DeployPhaseTest {

    private static List<ChangeSet> all;

    @BeforeAll
    static void read() throws Exception {
        all = changeSets(Changelog.read(Path.of(""), "changelog/db.changelog-master.yaml", Map.of()));
    }

    private static List<ChangeSet> changeSets(Changelog changelog) {
        return changelog.features().stream().flatMap(feature -> feature.changeSets().stream()).toList();
    }

    /** In any state of a database, nothing comes before its dependencies, and nothing with a label comes too early. */
    @Test
    void in_every_prefix_of_the_changelog_a_phase_depends_only_on_earlier_ones() {
        for (int there = 0; there <= all.size(); there++) {
            assertThat(violations(all.subList(0, there), DeployPhase.of(all.subList(there, all.size()))))
                    .as("after %d", there).isEmpty();
        }
        assertThat(DeployPhase.of(all)).containsValues(DeployPhase.values()).hasSameSizeAs(all);
    }

    @Test
    void a_phase_that_comes_too_early_is_noticed() {
        Map<ChangeSet, DeployPhase> phases = DeployPhase.of(all);
        ChangeSet fill = all.stream().filter(changeSet -> Phase.of(changeSet).contains(Phase.BACKFILL)).findFirst()
                .orElseThrow();
        phases.put(fill, DeployPhase.EXPAND);
        assertThat(violations(List.of(), phases)).contains(fill.getId());

        Map<ChangeSet, DeployPhase> others = DeployPhase.of(all);
        others.put(fill, DeployPhase.CONTRACT);
        assertThat(violations(List.of(), others)).isNotEmpty();
    }

    /** Returns the changesets that are in a wrong phase. */
    private static List<String> violations(List<ChangeSet> there, Map<ChangeSet, DeployPhase> phases) {
        List<String> violations = new ArrayList<>();
        List<ChangeSet> done = new ArrayList<>(there);
        for (DeployPhase phase : DeployPhase.values()) {
            for (ChangeSet changeSet : phases.keySet()) {
                if (phases.get(changeSet) != phase) {
                    continue;
                }
                boolean early = phase == DeployPhase.EXPAND && !Phase.of(changeSet).isEmpty()
                        || phase == DeployPhase.BACKFILL && Phase.of(changeSet).contains(Phase.CONTRACT);
                boolean alone = !done.containsAll(Changelog.needed(changeSet, all));
                boolean outOfOrder = all.stream().takeWhile(other -> other != changeSet)
                        .anyMatch(other -> other.getFilePath().equals(changeSet.getFilePath())
                                && !done.contains(other));
                if (early || alone || outOfOrder) {
                    violations.add(changeSet.getId());
                }
                done.add(changeSet);
            }
        }
        return violations;
    }

    /** A precondition alone is enough, in another file and of another branch. */
    @Test
    void a_changeset_that_waits_for_a_backfill_by_a_precondition_is_of_its_phase(@TempDir Path folder) throws Exception {
        ChangelogFolder files = new ChangelogFolder(folder)
                .feature("main/001_crates")
                .feature("crm/002_moves", "main/001_crates")
                .feature("main/003_days");
        files.write("changelog/main/001_crates.yaml", Files.readString(
                folder.resolve("changelog/main/001_crates.yaml")).replace("id: \"001_crates-02-create_crates\"",
                "id: \"001_crates-02-create_crates\"\n      labels: backfill"));

        assertThat(DeployPhase.of(changeSets(files.read())).entrySet()).extracting(
                entry -> entry.getKey().getId().substring(0, 6) + " " + entry.getValue().word())
                .containsExactly("001_cr expand", "001_cr backfill", "002_mo backfill", "002_mo backfill",
                        "003_da expand", "003_da expand");
    }

    private static Snapshot atOnce() throws Exception {
        try (TestDatabase database = Databases.at(MigrationState.head())) {
            return database.snapshot();
        }
    }

    @Test
    void phase_by_phase_and_all_at_once_make_the_same_database() throws Exception {
        Snapshot atOnce = atOnce();
        try (TestDatabase database = Databases.empty()) {
            TargetDatabase target = MigrationState.head().of(database);
            for (DeployPhase phase : DeployPhase.values()) {
                List<ChangeSet> pending = DatabaseState.of(target, Path.of("")).pending();
                new LiquibaseRunner(target).only(ChangesetSubset.ofChangeSets(DeployPhase.only(phase, pending)))
                        .update();
            }
            assertThat(database.snapshot().differenceTo(atOnce)).isEmpty();
        }
    }

    /** The commands use Liquibase's own filters, which know nothing of dependencies. */
    @Test
    void the_commands_of_the_page_make_the_same_database() throws Exception {
        List<String> filters = Pattern.compile("`mvn liquibase:update( -Dliquibase.labels='(.*?)')?`")
                .matcher(Files.readString(Path.of("docs/phases.md"))).results()
                .map(command -> command.group(2) == null ? "" : " and " + command.group(2)).toList();
        assertThat(filters).hasSize(3);
        Snapshot atOnce = atOnce();
        try (TestDatabase database = Databases.empty()) {
            TargetDatabase target = MigrationState.head().of(database);
            for (String filter : filters) {
                new LiquibaseRunner(target.withLabels(target.labels() + filter)).update();
            }
            assertThat(database.snapshot().differenceTo(atOnce)).isEmpty();
        }
    }
}
