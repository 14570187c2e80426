package dev.supportdb.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/** A program of somebody else, when it has ended. */
record GuestProcess(int exitCode, String output) {

    /** The class path of the tests, without this project's own classes. */
    static List<String> libraries() {
        String classes = Path.of("target/classes").toAbsolutePath().toString();
        List<String> all = List.of(System.getProperty("java.class.path").split(File.pathSeparator));
        assertThat(all).contains(classes);
        return all.stream().filter(file -> !file.equals(classes)).toList();
    }

    /**
     * The class path with the contents of the jar, before it is packaged: the changelog has the same path there as in
     * this folder.
     */
    static List<String> withJar(List<String> libraries) {
        return Stream.concat(Stream.of("target/classes", "."), libraries.stream()).toList();
    }

    /** @param words the main class, and its arguments */
    static GuestProcess java(List<String> classPath, Map<String, String> variables, List<String> words)
            throws IOException, InterruptedException {
        return javaIn(Path.of(""), classPath, variables, words);
    }

    static GuestProcess javaIn(Path folder, List<String> classPath, Map<String, String> variables, List<String> words)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Duser.timezone=Pacific/Chatham", "-cp",
                String.join(File.pathSeparator, classPath)));
        command.addAll(words);
        return of(folder, command, variables);
    }

    /** Starts a process without the variables by which this project would find another database. */
    static GuestProcess of(Path folder, List<String> command, Map<String, String> variables)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toAbsolutePath().toFile())
                .redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("DATABASE_") || name.startsWith("DB_"));
        builder.environment().putAll(variables);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new GuestProcess(process.waitFor(), output);
    }

    /** Compiles one file into a folder, which may not exist yet. */
    static void compile(Path source, List<String> classPath, Path classes) throws IOException {
        Files.createDirectories(classes);
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, "-d", classes.toString(), "-cp",
                String.join(File.pathSeparator, classPath), source.toString())).isZero();
    }

    String done() {
        assertThat(exitCode).as(output).isZero();
        return output;
    }
}
