package dev.supportdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.changelog.Changelog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import liquibase.ChecksumVersion;
import liquibase.Scope;
import liquibase.resource.DirectoryResourceAccessor;
import org.junit.jupiter.api.Test;

/**
 * Checks that every changeset of a release keeps its place, its id and its checksum: an update refuses one that differs
 * from what has run. The main method writes the list again, at a release.
 */
final class FrozenChangesetsTest {

    private static final Path LIST = Path.of("src/test/resources/dev/supportdb/frozen-changesets.txt");
    private static final List<String> MASTERS =
            List.of("changelog/db.changelog-master.yaml", "changelog/analytics.changelog-master.yaml");

    public static void main(String... arguments) throws Exception {
        Files.write(LIST, changesets());
    }

    @Test
    void changesets_of_a_release_are_as_they_were() throws Exception {
        assertThat(changesets()).as("what has been deployed never changes: mend it with a new changeset")
                .containsSubsequence(Files.readAllLines(LIST));
    }

    private static List<String> changesets() throws Exception {
        // The checksum of a changeset covers the files that it runs, so Liquibase must find them.
        return Scope.child(Map.of(Scope.Attr.resourceAccessor.name(),
                new DirectoryResourceAccessor(Path.of("").toAbsolutePath())), FrozenChangesetsTest::read);
    }

    private static List<String> read() throws Exception {
        List<String> changesets = new ArrayList<>();
        for (String master : MASTERS) {
            Changelog.read(Path.of(""), master, Map.of()).features().stream()
                    .flatMap(feature -> feature.changeSets().stream())
                    .map(changeSet -> "%s %s".formatted(changeSet.toString(false),
                            changeSet.generateCheckSum(ChecksumVersion.latest())))
                    .forEach(changesets::add);
        }
        return changesets;
    }
}
