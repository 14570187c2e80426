package dev.supportdb.review;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.backfill.DomainData;
import dev.supportdb.changelog.Changelog;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import liquibase.changelog.ChangeSet;
import org.junit.jupiter.api.Test;

/**
 * The project's own changelog: no changeset of it writes a table in use anew, or locks it against writers while rows
 * are read, loses anything, does not come back, or cannot be run again. {@code ./supportdb review 001:} says the same
 * of 100,000 rows.
 */
final class OnlineChangelogTrials {

    private static final int ROWS = 1500;

    /** Returns the changesets in the master's order. */
    private static List<ChangeSet> all() throws Exception {
        return Changelog.read(Path.of(""), "changelog/db.changelog-master.yaml", Map.of()).features().stream()
                .flatMap(feature -> feature.changeSets().stream()).toList();
    }

    /** Returns the open findings of all changesets after the given number of first ones, which have run before. */
    private static Map<String, List<Finding>> findings(int there) throws Exception {
        List<ChangeSet> all = all();
        try (TestDatabase server = Databases.empty()) {
            TargetDatabase target = new TargetDatabase(server.url(), server.username(), server.password(),
                    "changelog/db.changelog-master.yaml", "test", "!vector", Map.of());
            Trace trace = new Tracer(target, Path.of(""), ROWS, Duration.ofSeconds(20), line -> { })
                    .run(all.subList(0, there), all.subList(there, all.size()), null);
            Map<String, List<Finding>> findings = new LinkedHashMap<>();
            trace.changesets().stream().filter(changeset -> !changeset.findings().isEmpty())
                    .forEach(changeset -> findings.put(changeset.changeSet().getId(), changeset.findings()));
            assertThat(trace.failure()).isNull();
            assertThat(trace.changesets()).hasSizeGreaterThan(100).allSatisfy(changeset ->
                    assertThat(changeset.back()).as(changeset.changeSet().getId()).isNotNull());
            return findings;
        }
    }

    @Test
    void from_an_empty_database_it_leaves_nothing_to_decide() throws Exception {
        assertThat(findings(0)).isEmpty();
    }

    @Test
    void from_its_first_feature_on_with_rows_it_leaves_nothing_to_decide() throws Exception {
        String start = DomainData.installed().start().replaceFirst("^before-", "");
        int first = all().stream().map(ChangeSet::getId).toList().indexOf(start + "-01-tag_before");

        assertThat(first).isPositive();
        assertThat(findings(first)).isEmpty();
    }
}
