package dev.supportdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.ProjectVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Files that cannot read the version from the pom name the same one, so that a release forgets none of them. */
final class VersionTest {

    private static final Pattern VERSION = Pattern.compile("support-db(?:[-:]|</artifactId>\\s*<version>)"
            + "(\\d+\\.\\d+(?:\\.\\d+)?(?:-[A-Z]+)?)");

    @Test
    void every_file_names_the_version_of_the_pom() throws IOException {
        List<String> files = new ArrayList<>();
        try (Stream<Path> all = Stream.of("docs", "deploy", "src/guest").flatMap(VersionTest::walk)) {
            for (Path file : all.toList()) {
                List<String> named = named(Files.readString(file));
                if (!named.isEmpty()) {
                    files.add(file.toString());
                    assertThat(named).as(file.toString()).containsOnly(ProjectVersion.read());
                }
            }
        }
        assertThat(files).containsExactlyInAnyOrder("docs/container.md", "docs/from-your-application.md",
                "deploy/kubernetes/fleet.yaml", "deploy/kubernetes/update.yaml", "src/guest/pom.xml");
    }

    @Test
    void a_version_is_found_in_each_form() {
        assertThat(named("""
                support-db-1.0-SNAPSHOT.jar support-db:2.1.3
                <artifactId>support-db</artifactId>
                  <version>3.0</version>
                """)).containsExactly("1.0-SNAPSHOT", "2.1.3", "3.0");
    }

    private static List<String> named(String text) {
        return VERSION.matcher(text).results().map(found -> found.group(1)).toList();
    }

    private static Stream<Path> walk(String folder) {
        try (Stream<Path> files = Files.walk(Path.of(folder))) {
            return files.filter(file -> file.toString().matches(".*\\.(md|ya?ml|xml)")).toList().stream();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
