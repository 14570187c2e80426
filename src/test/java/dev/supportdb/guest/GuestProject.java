package dev.supportdb.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.ProjectVersion;
import dev.supportdb.support.TestDatabase;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The application in {@code src/guest}, and Maven there. It gets the jar that {@code mvn package} has made as anybody
 * would, by its coordinates.
 *
 * @param repository a local repository with that jar, and with links to all that the user's own has
 */
record GuestProject(Path repository) {

    static final Path FOLDER = Path.of("src/guest");

    /** The jar that {@code mvn package} makes. */
    static Path jar() throws IOException {
        return Path.of("target/support-db-%s.jar".formatted(ProjectVersion.read()));
    }

    /** Creates a project with the test's own repository: two of them may run at once, each in its own JVM. */
    static GuestProject of(Class<?> test) throws IOException {
        Path repository = Path.of("target/guest", test.getSimpleName()).toAbsolutePath();
        Path jar = jar();
        assertThat(jar).as("mvn package -DskipTests makes it").exists();
        Path own = Files.createDirectories(repository.resolve("dev/supportdb/support-db").resolve(ProjectVersion.read()));
        Files.copy(jar, own.resolve(jar.getFileName()), StandardCopyOption.REPLACE_EXISTING);
        Files.copy(Path.of("pom.xml"), own.resolve(jar.getFileName().toString().replace(".jar", ".pom")),
                StandardCopyOption.REPLACE_EXISTING);
        for (String place : List.of("", "dev")) {
            link(usersRepository().resolve(place), repository.resolve(place));
        }
        return new GuestProject(repository);
    }

    private static void link(Path from, Path to) throws IOException {
        try (Stream<Path> entries = Files.list(from)) {
            for (Path entry : entries.toList()) {
                Path link = to.resolve(entry.getFileName());
                if (Files.notExists(link, LinkOption.NOFOLLOW_LINKS)) {
                    Files.createSymbolicLink(link, entry);
                }
            }
        }
    }

    /**
     * Finds the user's repository from a jar in it:
     * {@code repository/org/liquibase/liquibase-core/5.0.4/liquibase-core-5.0.4.jar}.
     */
    private static Path usersRepository() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(file -> file.contains("/org/liquibase/liquibase-core/")).findFirst().map(Path::of)
                .map(jar -> jar.getRoot().resolve(jar.subpath(0, jar.getNameCount() - 5))).orElseThrow();
    }

    /** Runs Maven on it, with these words. */
    GuestProcess maven(List<String> words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("mvn", "-B", "-f", FOLDER.resolve("pom.xml").toString(),
                "-Dmaven.repo.local=" + repository));
        command.addAll(words);
        return GuestProcess.of(Path.of(""), command, Map.of());
    }

    /** Runs a goal of Liquibase on a database. */
    GuestProcess goal(TestDatabase database, String words) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(words.split(" ")));
        all.addAll(List.of("-Dliquibase.url=" + database.url(), "-Dliquibase.username=" + database.username(),
                "-Dliquibase.password=" + database.password()));
        return maven(all);
    }

    /** The files that an application of it has on its class path. */
    List<String> libraries(Path file, String words) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(words.split(" ")));
        all.addAll(List.of("-q", "dependency:build-classpath", "-Dmdep.outputFile=" + file));
        maven(all).done();
        return List.of(Files.readString(file).strip().split(File.pathSeparator));
    }
}
