package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.TestDatabase;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The project in another folder, built already, and what a person types there. */
record FreshClone(Path folder) {

    private static final List<String> FILES = List.of("Makefile", "supportdb", "pom.xml", ".mvn", "contexts",
            "changelog", "src/main", "src/models", "target/classes", "target/models/classes");
    private static final String MODELS = "target/models/classpath";

    private static boolean built;

    static boolean isPossible() throws IOException, InterruptedException {
        return type(Path.of(""), "command -v make && command -v mvn", Map.of()).exitCode() == 0;
    }

    /**
     * @param folder  does not exist yet
     * @param tickets how many the demo data of {@code ENV=dev} has there
     */
    static FreshClone in(Path folder, int tickets) throws IOException, InterruptedException {
        if (!built) {
            CommandRun build = type(Path.of(""), "./supportdb check --help", Map.of());
            assertThat(build.exitCode()).as(build.output()).isZero();
            built = true;
        }
        FreshClone clone = new FreshClone(Files.createDirectory(folder));
        for (String file : FILES) {
            clone.copy(file);
        }
        // The classpath file is newer than the sources, so that nothing is compiled.
        String models = Files.readString(Path.of(MODELS));
        Set<Path> artifacts = paths(models).map(FreshClone::artifact).collect(Collectors.toSet());
        String libraries = paths(System.getProperty("java.class.path"))
                .filter(file -> Files.isRegularFile(file) && artifacts.contains(artifact(file)))
                .map(Path::toString).collect(Collectors.joining(File.pathSeparator));
        Files.writeString(clone.file("target/classpath"), libraries);
        Files.createFile(clone.file("target/fetched"));
        Files.writeString(clone.file(MODELS), libraries + File.pathSeparator + models);
        Files.writeString(clone.file("contexts/dev.properties"), "\nparameter.demo.rows=" + tickets + "\n",
                StandardOpenOption.APPEND);
        return clone;
    }

    private static Stream<Path> paths(String classpath) {
        return Stream.of(classpath.strip().split(File.pathSeparator)).map(Path::of);
    }

    /** Finds a file of any version, because this run may have another Liquibase: {@code artifact/version/file.jar}. */
    private static Path artifact(Path file) {
        return file.getParent().getParent();
    }

    Path file(String path) {
        return folder.resolve(path);
    }

    String text(String path) throws IOException {
        return Files.readString(file(path));
    }

    /** Puts other words in the place of some that must be there. */
    void replace(String path, String words, String others) throws IOException {
        String text = text(path);
        assertThat(text).contains(words);
        Files.writeString(file(path), text.replace(words, others));
    }

    void delete(String path) throws IOException {
        try (Stream<Path> files = Files.walk(file(path))) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Gives the changelog its files back as the project has them. */
    void restore() throws IOException {
        delete("changelog");
        copy("changelog");
    }

    private void copy(String path) throws IOException {
        Files.createDirectories(file(path).getParent());
        try (Stream<Path> files = Files.walk(Path.of(path))) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    /** @param database that of DATABASE_URL; null for a server that does not answer */
    CommandRun type(String command, TestDatabase database) throws IOException, InterruptedException {
        Map<String, String> variables = new HashMap<>(Map.of("DATABASE_URL", "jdbc:postgresql://127.0.0.1:1/none"));
        if (database != null) {
            variables.putAll(Map.of("DATABASE_URL", database.url(), "DB_USERNAME", database.username(),
                    "DB_PASSWORD", database.password()));
        }
        return type(folder, command, variables);
    }

    private static CommandRun type(Path folder, String command, Map<String, String> variables)
            throws IOException, InterruptedException {
        ProcessBuilder shell = new ProcessBuilder("sh", "-c", command)
                .directory(folder.toAbsolutePath().toFile()).redirectErrorStream(true);
        // Removes the variables that make passes on if it has started the tests.
        shell.environment().keySet().removeAll(List.of("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "ENV", "LABELS",
                "SCRATCH_URL", "DB_USERNAME", "DB_PASSWORD"));
        shell.environment().put("JAVA_HOME", System.getProperty("java.home"));
        shell.environment().putAll(variables);
        Process process = shell.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new CommandRun(process.waitFor(), output);
    }
}
