package dev.supportdb.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.NameParser;
import dev.supportdb.changelog.Position;
import dev.supportdb.changelog.PositionRange;
import dev.supportdb.preflight.ChangesetSubset;
import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.PsqlScript;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.visitor.DefaultChangeExecListener;
import org.junit.jupiter.api.Test;

/** The SQL from one named state to another, written where there is no database. */
final class OfflineSqlTest {

    private static final MigrationState START = MigrationState.before("004_satisfaction_surveys").withTickets(50);
    private static final String FROM = "004-01";
    private static final String TO = "006-02 022";

    private final TargetDatabase nowhere = new TargetDatabase("jdbc:postgresql://127.0.0.1:1/nowhere", null, null,
            "changelog/db.changelog-master.yaml", START.contexts(), START.labels(), Map.of());

    @Test
    void a_script_does_what_the_upgrade_does_and_another_undoes_it() throws Exception {
        assumeThat(PsqlScript.isInstalled()).as("psql is on the PATH, to run the scripts with").isTrue();
        Changelog changelog = Changelog.read(Path.of(""), nowhere.changelog(), nowhere.parameters());
        OfflineSql sql = new OfflineSql(nowhere, Path.of(""), changelog, new DefaultChangeExecListener());
        List<ChangeSet> from = state(changelog, FROM);
        List<ChangeSet> to = state(changelog, TO);
        try (TestDatabase byScript = Databases.at(START); TestDatabase byUpgrade = Databases.at(START)) {
            Snapshot before = byScript.snapshot();
            List<String> history = history(byScript);

            PsqlScript.run(byScript, sql.update(without(to, from), from));

            TargetDatabase target = START.of(byUpgrade);
            DatabaseState standing = DatabaseState.of(target, Path.of(""));
            new LiquibaseRunner(target).only(ChangesetSubset.of(UpgradePlan.to(places(changelog, TO), standing).own()))
                    .update();
            assertThat(byUpgrade.snapshot().differenceTo(byScript.snapshot())).isEmpty();
            assertThat(history(byScript)).isEqualTo(history(byUpgrade)).hasSizeGreaterThan(history.size());

            PsqlScript.run(byScript,
                    sql.rollback(new PositionRange(changelog, places(changelog, FROM + " crm@base")).behind(), to));
            assertThat(before.differenceTo(byScript.snapshot())).isEmpty();
            assertThat(history(byScript)).isEqualTo(history);
        }
    }

    /** The dependencies of a deferred file are not named with it, but were named before. */
    @Test
    void a_deferred_feature_depends_on_what_is_there_already() throws Exception {
        assumeThat(PsqlScript.isInstalled()).as("psql is on the PATH, to run the scripts with").isTrue();
        MigrationState start = MigrationState.before("011_merge_reporting").labelled("main or reporting");
        Changelog changelog = Changelog.read(Path.of(""), nowhere.changelog(), nowhere.parameters());
        OfflineSql sql = new OfflineSql(nowhere, Path.of(""), changelog, new DefaultChangeExecListener());
        List<ChangeSet> from = state(changelog, "011-01 reporting@head");
        List<ChangeSet> to = new PositionRange(changelog, places(changelog, "012")).stateAfter(from);
        assertThat(to).containsAll(from);
        assertThat(state(changelog, "012")).isNotEmpty().noneMatch(changeSet -> changeSet.getId().startsWith("011"));
        try (TestDatabase byScript = Databases.at(start); TestDatabase byUpgrade = Databases.at(start)) {
            PsqlScript.run(byScript, sql.update(without(to, from), from));

            TargetDatabase target = start.of(byUpgrade);
            DatabaseState standing = DatabaseState.of(target, Path.of(""));
            new LiquibaseRunner(target)
                    .only(ChangesetSubset.of(UpgradePlan.to(places(changelog, "012"), standing).all())).update();
            assertThat(byUpgrade.snapshot().differenceTo(byScript.snapshot())).isEmpty();
            assertThat(history(byScript)).isEqualTo(history(byUpgrade))
                    .anyMatch(ran -> ran.startsWith("011_merge_reporting-02"));
        }
    }

    /** Only Liquibase's own table is left there. */
    @Test
    void begins_anew_where_all_was_undone() throws Exception {
        assumeThat(PsqlScript.isInstalled()).as("psql is on the PATH, to run the scripts with").isTrue();
        Changelog changelog = Changelog.read(Path.of(""), nowhere.changelog(), nowhere.parameters());
        OfflineSql sql = new OfflineSql(nowhere, Path.of(""), changelog, new DefaultChangeExecListener());
        try (TestDatabase undone = Databases.at(START); TestDatabase empty = Databases.empty()) {
            new LiquibaseRunner(START.of(undone)).discarding().rollback();
            String script = sql.update(state(changelog, "003"), List.of());

            PsqlScript.run(undone, script);
            PsqlScript.run(empty, script);

            assertThat(undone.snapshot().differenceTo(empty.snapshot())).isEmpty();
            assertThat(history(undone)).isEqualTo(history(empty)).isNotEmpty();
            assertThat(script).doesNotContain("Against");
        }
    }

    @Test
    void refuses_what_the_command_refuses() throws Exception {
        Changelog changelog = Changelog.read(Path.of(""), nowhere.changelog(), nowhere.parameters());
        OfflineSql sql = new OfflineSql(nowhere, Path.of(""), changelog, new DefaultChangeExecListener());
        List<ChangeSet> behind = new PositionRange(changelog, places(changelog, "main@base")).behind();

        List<ChangeSet> crm = new PositionRange(changelog, places(changelog, "020")).upTo();

        assertThatThrownBy(() -> sql.update(crm, state(changelog, "reporting@head"))).hasMessageContaining("crm needs");
        assertThatThrownBy(() -> sql.rollback(behind, state(changelog, "heads")))
                .hasMessageContaining("020_customer_preferences-01-tag_before::support-db depends on it")
                .hasMessageEndingWith("also name: before-020_customer_preferences before-026_articles");
    }

    private static List<Position> places(Changelog changelog, String names) {
        return Stream.of(names.split(" ")).map(new NameParser(changelog)::place).toList();
    }

    private static List<ChangeSet> state(Changelog changelog, String names) {
        return new PositionRange(changelog, Stream.of(names.split(" "))
                .flatMap(name -> new NameParser(changelog).places(name).stream()).toList()).state();
    }

    private static List<ChangeSet> without(List<ChangeSet> these, List<ChangeSet> others) {
        List<ChangeSet> left = new ArrayList<>(these);
        left.removeAll(others);
        return left;
    }

    private static List<String> history(TestDatabase database) throws SQLException {
        return database.texts("""
                select id || ' ' || md5sum || ' ' || coalesce(tag, '') from databasechangelog order by orderexecuted
                """);
    }
}
