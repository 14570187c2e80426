package dev.supportdb.review;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.deploy.DeployPhase;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import liquibase.changelog.ChangeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A changelog that is deployed phase by phase is judged in each as it is when all of it runs: a later phase may take
 * away what an earlier one of the same file made, and fills what that one left empty.
 */
final class PhasesOfChangelogTrials {

    private static final int ROWS = 300;
    private static final String CHANGELOG = "changelog/db.changelog-master.yaml";

    @ParameterizedTest
    @EnumSource(value = DeployPhase.class, names = {"BACKFILL", "CONTRACT"})
    void a_phase_leaves_nothing_to_decide_after_those_before_it(DeployPhase phase) throws Exception {
        List<ChangeSet> all = Changelog.read(Path.of(""), CHANGELOG, Map.of()).features().stream()
                .flatMap(feature -> feature.changeSets().stream()).toList();
        Map<ChangeSet, DeployPhase> phases = DeployPhase.of(all);
        List<ChangeSet> there = all.stream().filter(one -> phases.get(one).compareTo(phase) < 0).toList();
        try (TestDatabase server = Databases.empty()) {
            TargetDatabase target = new TargetDatabase(server.url(), server.username(), server.password(), CHANGELOG,
                    "test", "!vector", Map.of());
            Trace trace = new Tracer(target, Path.of(""), ROWS, Duration.ofSeconds(20), line -> { })
                    .run(there, DeployPhase.only(phase, all), null);

            assertThat(trace.failure()).isNull();
            assertThat(trace.changesets()).hasSizeGreaterThan(10);
            assertThat(trace.changesets().stream().filter(one -> one.findings().stream()
                            .anyMatch(finding -> finding.accepted() == null))
                    .collect(Collectors.toMap(one -> one.changeSet().getId(), ChangesetTrace::findings))).isEmpty();
        }
    }
}
