package dev.supportdb.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.Feature;
import dev.supportdb.support.ChangelogFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.change.Change;
import liquibase.change.core.EmptyChange;
import liquibase.change.core.SQLFileChange;
import liquibase.changelog.ChangeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The name of an SQL file beside a changelog says in which direction it is run, and none is forgotten. */
final class SqlFilesTest {

    @ParameterizedTest
    @ValueSource(strings = {"changelog/db.changelog-master.yaml", "changelog/analytics.changelog-master.yaml"})
    void each_file_is_run_as_its_name_says(String master) throws Exception {
        assertThat(wrong(Path.of(""), Changelog.read(Path.of(""), master, Map.of()))).isEmpty();
    }

    /** The other way round: a mistake is found. */
    @Test
    void a_mistake_is_found(@TempDir Path root) throws Exception {
        ChangelogFolder folder = new ChangelogFolder(root);
        Stream.of("a.up", "a.down", "b.up", "c", "d.down", "e.up", "f", "g", "h.up", "h.down")
                .forEach(name -> folder.write("changelog/main/001_a/%s.sql".formatted(name), "select 1"));
        folder.include("{file: main/001_a.yaml, relativeToChangelogFile: true, labels: main}")
                .write("changelog/main/001_a.yaml", "databaseChangeLog:\n"
                        + changeSet("a.up", file("a.down")) + changeSet("b.up", "{sql: select 1}")
                        + changeSet("c", file("c")) + changeSet("e.up", "") + changeSet("f", file("d.down"))
                        + changeSet("h.down", file("h.up")));

        assertThat(wrong(root, folder.read())).containsExactlyInAnyOrder(
                "e.up.sql has no rollback", "d.down.sql has no d.up.sql", "f.sql is run forward only",
                "g.sql is not run", "h.down.sql is run forward only", "h.up.sql is run back only");
    }

    private static String changeSet(String forward, String rollback) {
        return """
                  - changeSet:
                      id: %s
                      author: test
                      changes: [%s]
                      rollback: [%s]
                """.formatted(forward, file(forward), rollback);
    }

    private static String file(String name) {
        return "{sqlFile: {path: 001_a/%s.sql, relativeToChangelogFile: true}}".formatted(name);
    }

    private static List<String> wrong(Path root, Changelog changelog) throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Feature feature : changelog.features()) {
            Set<String> forward = new TreeSet<>();
            Set<String> back = new TreeSet<>();
            for (ChangeSet changeSet : feature.changeSets()) {
                List<Change> rollback = changeSet.getRollback().getChanges();
                List<String> files = files(changeSet.getChanges());
                if (rollback.stream().allMatch(EmptyChange.class::isInstance)) {
                    files.forEach(file -> wrong.add(file + " has no rollback"));
                }
                forward.addAll(files);
                back.addAll(files(rollback));
            }
            Set<String> found = filesOf(root.resolve(feature.path()).resolveSibling(feature.name()));
            found.forEach(file -> wrong.addAll(wrong(file, forward.contains(file), back.contains(file), found)));
        }
        return wrong;
    }

    /** A file that is run both ways has no direction in its name. */
    private static List<String> wrong(String file, boolean forward, boolean back, Set<String> found) {
        String up = file.replaceFirst("[.]down[.]sql$", ".up.sql");
        if (!forward && !back) {
            return List.of(file + " is not run");
        }
        if (forward != back && !file.endsWith(forward ? ".up.sql" : ".down.sql")
                || forward == back && file.matches(".*[.](up|down)[.]sql")) {
            return List.of("%s is run %s".formatted(file, forward && back ? "both ways"
                    : forward ? "forward only" : "back only"));
        }
        return found.contains(up) ? List.of() : List.of("%s has no %s".formatted(file, up));
    }

    private static List<String> files(List<Change> changes) {
        return changes.stream().filter(SQLFileChange.class::isInstance)
                .map(change -> Path.of(((SQLFileChange) change).getPath()).getFileName().toString()).toList();
    }

    private static Set<String> filesOf(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return Set.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }
}
