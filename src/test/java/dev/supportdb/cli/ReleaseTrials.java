package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.ProjectVersion;
import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The release archive, on a machine that has a Java and nothing to compile with. Not one of the suite, for it needs the
 * archive: {@code mvn package -DskipTests}, then {@code mvn surefire:test -Dtest=ReleaseTrials}.
 */
final class ReleaseTrials {

    @TempDir
    private static Path folder;

    private static Path release;

    @BeforeAll
    static void unpack() throws Exception {
        Path archive = Path.of("target/%s.tar.gz".formatted(name())).toAbsolutePath();
        assertThat(archive).as("mvn package -DskipTests makes it").exists();
        Path place = Files.createDirectory(folder.resolve("a release"));
        Process tar = new ProcessBuilder("tar", "-xzf", archive.toString(), "-C", place.toString()).start();
        assertThat(tar.waitFor()).isZero();
        release = place.resolve(name());
        Path programs = Files.createDirectory(folder.resolve("programs"));
        for (Path program : List.of(Path.of(System.getProperty("java.home"), "bin/java"), Path.of("/bin/sed"))) {
            Path script = programs.resolve(program.getFileName());
            Files.writeString(script, "#!/bin/sh\nexec '%s' \"$@\"\n".formatted(program));
            Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    private static String name() throws IOException {
        return "support-db-" + ProjectVersion.read();
    }

    private static CommandRun run(Map<String, String> variables, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("./supportdb"));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command).directory(release.toFile()).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().put("PATH", folder.resolve("programs").toString());
        builder.environment().putAll(variables);
        return CommandRun.of(builder.start());
    }

    private static void assertDone(TestDatabase database, String said, String... words) throws Exception {
        CommandRun run = run(Map.of("DATABASE_URL", database.url(), "DB_USERNAME", database.username(),
                "DB_PASSWORD", database.password()), words);
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.output()).contains(said);
    }

    @Test
    void it_migrates_an_empty_database_and_reviews_what_is_pending() throws Exception {
        try (TestDatabase database = Databases.empty()) {
            assertDone(database, "written to target/liquibase/migrate.sql", "sql", "--env=test", "--labels=!vector");
            assertThat(release.resolve("target/liquibase/migrate.sql")).content().contains("016_ticket_metrics");
            assertDone(database, "changesets applied in", "update", "--env=test", "--labels=!vector");
            assertDone(database, "up to date", "update", "--env=test", "--labels=!vector");
            assertDone(database, "016_ticket_metrics", "history", "--env=test");
            assertDone(database, "", "review", "--env=test", "--labels=!vector");
            assertThat(release.resolve("target/review/index.html")).isNotEmptyFile();
        }
    }

    @Test
    void it_lists_its_commands_says_its_version_and_lints() throws Exception {
        assertThat(run(Map.of(), "--help").output()).contains("Several databases:");
        assertThat(run(Map.of(), "--version").output()).startsWith(
                "support-db %s, Liquibase ".formatted(ProjectVersion.read()));
        assertThat(run(Map.of(), "lint").output()).startsWith("Nothing found by ");
    }

    @Test
    void a_command_that_needs_the_sources_says_so() throws Exception {
        for (String command : List.of("test", "bench", "chaos")) {
            CommandRun run = run(Map.of(), command);
            assertThat(run.exitCode()).isEqualTo(2);
            assertThat(run.output()).isEqualTo("./supportdb " + command
                    + " needs the sources, which are not part of a release. Run it in a clone.\n");
        }
    }

    /** The embedded server is for one platform, and the archive for all. */
    @Test
    void it_holds_jars_for_every_platform_and_nothing_of_this_machine() throws IOException {
        try (Stream<Path> files = Files.walk(release)) {
            List<String> names = files.map(file -> release.relativize(file).toString()).toList();
            assertThat(names).contains("supportdb", "LICENSE", "README.md", "docs/commands.md",
                    "changelog/db.changelog-master.yaml", "contexts/production.properties")
                    .anyMatch(name -> name.startsWith("lib/postgresql-"))
                    .noneMatch(name -> name.matches("lib/embedded.*|pom.xml|Makefile|src.*"));
        }
    }
}
