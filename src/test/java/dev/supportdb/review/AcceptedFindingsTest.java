package dev.supportdb.review;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.changelog.Changelog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import liquibase.changelog.ChangeSet;
import liquibase.resource.DirectoryResourceAccessor;
import liquibase.resource.ResourceAccessor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A reason in a changelog accepts a finding for its own changeset, wherever it is written. */
final class AcceptedFindingsTest {

    @TempDir
    private Path folder;

    private Map<String, Map<String, String>> accepted(String changelog) throws Exception {
        Files.writeString(folder.resolve("log.yaml"), changelog);
        Map<String, Map<String, String>> accepted = new LinkedHashMap<>();
        ResourceAccessor files = new DirectoryResourceAccessor(folder);
        for (ChangeSet changeSet : Changelog.read(folder, "log.yaml", Map.of()).features().get(0).changeSets()) {
            accepted.put(changeSet.getId(), AcceptedFindings.of(changeSet, files));
        }
        return accepted;
    }

    @Test
    void a_changeset_that_another_one_requires_accepts_nothing_with_it() throws Exception {
        assertThat(accepted("""
                databaseChangeLog:
                  - changeSet:
                      id: a
                      author: test
                      changes:
                        - sql: select 1
                  - changeSet:
                      id: b
                      author: test
                      preConditions:
                        - changeSetExecuted:
                            id: a
                            author: test
                            changeLogFile: log.yaml
                      changes:
                        # trace: allow blocking: at night
                        - sql: select 2
                """)).isEqualTo(Map.of("a", Map.of(), "b", Map.of("blocking", "at night")));
    }

    @Test
    void a_reason_is_for_one_changeset_however_it_is_written() throws Exception {
        assertThat(accepted("""
                databaseChangeLog:
                  - logicalFilePath: log.yaml
                  # trace: allow blocking: above it
                  - changeSet: {id: "one: line", author: test, changes: [sql: {sql: select 1}]}
                  - changeSet:
                      author: test
                      changes:
                        - sql: |
                            -- trace: allow loses: in its SQL
                            drop table t
                        # trace: allow not-proven-back: in it
                        - sql: select 2
                      id: at-the-end
                  # trace: allow blocking:
                  - changeSet:
                      id: without-a-reason
                      author: test
                      changes:
                        - sql: select 3
                """)).isEqualTo(Map.of("one: line", Map.of("blocking", "above it"),
                "at-the-end", Map.of("loses", "in its SQL", "not-proven-back", "in it"), "without-a-reason", Map.of()));
    }
}
