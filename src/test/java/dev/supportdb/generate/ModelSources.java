package dev.supportdb.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** A copy of the JPA classes that a test may change as a person would, and have compiled. */
final class ModelSources {

    private static final Path BUILT = Path.of("target/models");
    private static final Path RESOURCES = Path.of("src/models/resources");

    private final Path sources;
    private final Path classes;

    ModelSources(Path folder) throws IOException {
        sources = folder.resolve("java");
        classes = folder.resolve("classes");
        copy(Path.of("src/models/java"), sources);
        copy(RESOURCES, classes);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
    }

    /** Puts other words in the place of some that must be there. */
    ModelSources edit(String type, String words, String others) throws IOException {
        String text = Files.readString(file(type));
        assertThat(text).contains(words);
        Files.writeString(file(type), text.replace(words, others));
        return this;
    }

    ModelSources add(String type, String body) throws IOException {
        Files.writeString(file(type), "package dev.supportdb.model;\n\nimport jakarta.persistence.*;\n\n" + body);
        return this;
    }

    ModelSources delete(String type) throws IOException {
        Files.delete(file(type));
        return this;
    }

    private Path file(String type) {
        return sources.resolve("dev/supportdb/model/" + type + ".java");
    }

    /** Compiles and loads them, with Hibernate as the profile has it. */
    JpaModels models() throws IOException {
        // Not closed, because the models are loaded from it.
        @SuppressWarnings("resource")
        URLClassLoader loader = new URLClassLoader(
                Stream.of(compiled().split(File.pathSeparator)).map(Path::of).map(ModelSources::url)
                        .toArray(URL[]::new),
                JpaModels.class.getClassLoader());
        return JpaModels.find(loader).orElseThrow();
    }

    /** Compiles them. What to run them with, but for the project's own classes. */
    String compiled() throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        String classpath = Files.readString(BUILT.resolve("classpath")).strip();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
                Stream<Path> all = Files.walk(sources)) {
            assertThat(compiler.getTask(null, files, null,
                    List.of("-proc:none", "-nowarn", "-d", classes.toString(),
                            "-cp", classpath + File.pathSeparator + "target/classes"),
                    null, files.getJavaFileObjectsFromPaths(all.filter(Files::isRegularFile).toList())).call())
                    .isTrue();
        }
        return classes + File.pathSeparator + classpath;
    }

    private static URL url(Path file) {
        try {
            return file.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new UncheckedIOException(e);
        }
    }
}
