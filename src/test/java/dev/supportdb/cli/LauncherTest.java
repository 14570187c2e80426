package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.support.Eventually;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The launcher and make, in front of a program of one class that says what it was given, so that a compilation takes a
 * second. The launcher and make are the real ones; so are Maven and Java, except where a test is about neither.
 */
final class LauncherTest {

    private static final String SOURCE = "src/main/java/dev/supportdb/cli/Main.java";
    private static final String CLASS = "target/classes/dev/supportdb/cli/Main.class";
    private static final String PROGRAM = """
            package dev.supportdb.cli;

            /** Says what it was given. */
            public final class Main {

                private Main() {
                }

                public static void main(String... arguments) {
                    System.out.print(arguments[0].equals("where") ? System.getProperty("launcher.called.from") + " "
                            + System.getenv("PGPASSFILE") + " " + System.getenv("BACKUP_DIR")
                            : String.join("\\0", arguments));
                }
            }
            """;

    @TempDir
    private static Path compiled;

    @TempDir
    private Path folder;
    private Path project;

    @BeforeAll
    static void compile() throws IOException, InterruptedException {
        assumeThat(FreshClone.isPossible()).as("make and mvn are on the PATH").isTrue();
        Files.createDirectories(compiled.resolve(SOURCE).getParent());
        Files.createDirectories(compiled.resolve(".mvn"));
        for (String templates : List.of("html", "markdown")) {
            Files.createDirectories(compiled.resolve("src/main/jte").resolve(templates));
        }
        Files.writeString(compiled.resolve(SOURCE), PROGRAM);
        for (String file : List.of("supportdb", "Makefile")) {
            Files.copy(Path.of(file), compiled.resolve(file), StandardCopyOption.COPY_ATTRIBUTES);
        }
        Files.writeString(compiled.resolve("pom.xml"), Files.readString(Path.of("pom.xml")).replaceFirst(
                "(?s)\n  <dependencies>.*?\n  </dependencies>", """

                        <dependencies>
                          <dependency>
                            <groupId>info.picocli</groupId>
                            <artifactId>picocli</artifactId>
                            <version>4.7.7</version>
                          </dependency>
                        </dependencies>
                        """));
        assertThat(output(start(compiled, List.of("./supportdb", "first"), Map.of())))
                .isEqualTo(new CommandRun(0, "first"));
    }

    /** Compiled already, in a folder that is hard to quote. */
    @BeforeEach
    void copy() throws IOException {
        project = folder.resolve("a colleague/it's our support db");
        Files.createDirectories(project.getParent());
        try (Stream<Path> files = Files.walk(compiled)) {
            for (Path file : files.toList()) {
                Files.copy(file, project.resolve(compiled.relativize(file).toString()),
                        StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        Files.setLastModifiedTime(project.resolve("target/classpath"), FileTime.from(Instant.now()));
    }

    private void forget() throws IOException {
        Files.delete(project.resolve("target/classpath"));
    }

    @Test
    void compiles_once_and_again_where_a_source_is_newer() throws Exception {
        FileTime before = Files.getLastModifiedTime(project.resolve(CLASS));
        assertThat(launch("heads", "-1", "--labels=@crm")).isEqualTo(new CommandRun(0, "heads\0-1\0--labels=@crm"));
        assertThat(Files.getLastModifiedTime(project.resolve(CLASS))).isEqualTo(before);

        Files.writeString(project.resolve(SOURCE), PROGRAM.replace("String.join", "\"new \" + String.join"));
        Process changed = start(project, List.of("./supportdb", "heads"), Map.of());
        assertThat(new String(changed.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .startsWith("Compiling: the sources are newer than the classes. Usually 20 seconds, ");
        assertThat(output(changed)).isEqualTo(new CommandRun(0, "new heads"));

        Files.writeString(project.resolve(SOURCE), PROGRAM.replace("System.out", "System.nowhere"));
        CommandRun broken = launch("heads");
        assertThat(broken).isEqualTo(new CommandRun(2, ""));
        Files.writeString(project.resolve(SOURCE), PROGRAM);
        assertThat(launch("heads")).isEqualTo(new CommandRun(0, "heads"));
    }

    /** Not every system has flock; perl locks the same way. */
    @ParameterizedTest
    @ValueSource(strings = {"perl", "flock"})
    void two_launchers_at_once_compile_once(String missing) throws Exception {
        forget();
        Map<String, String> counting = Map.of("PATH", maven("echo called >>'%s'; sleep 0.5; %s"
                .formatted(folder.resolve("calls"), compiles())) + ":" + pathWithout(missing));
        Process first = start(project, List.of("./supportdb", "first"), counting);
        Process second = start(project, List.of("./supportdb", "second"), counting);

        assertThat(output(first)).isEqualTo(new CommandRun(0, "first"));
        assertThat(output(second)).isEqualTo(new CommandRun(0, "second"));
        assertThat(Files.readAllLines(folder.resolve("calls"))).hasSize(1);
    }

    @Test
    void a_compilation_that_was_killed_is_repeated() throws Exception {
        forget();
        Process launcher = start(project, List.of("./supportdb", "heads"), Map.of());
        Eventually.until(() -> Files.exists(project.resolve("target/compiling")), () -> "It does not compile.");
        List<ProcessHandle> all = new ArrayList<>(launcher.descendants().toList());
        all.add(launcher.toHandle());
        all.forEach(ProcessHandle::destroyForcibly);
        launcher.waitFor();
        Files.createDirectories(project.resolve(CLASS).getParent());
        Files.write(project.resolve(CLASS), new byte[] {(byte) 0xCA, (byte) 0xFE});
        Files.setLastModifiedTime(project.resolve(CLASS), FileTime.from(Instant.now().plusSeconds(60)));

        assertThat(launch("heads")).isEqualTo(new CommandRun(0, "heads"));
    }

    @Test
    void runs_from_any_folder_and_through_links() throws Exception {
        Path links = Files.createDirectory(folder.resolve("bin of ann"));
        Files.createSymbolicLink(links.resolve("direct"), project.resolve("supportdb"));
        Files.createSymbolicLink(links.resolve("support"), Path.of("direct"));

        for (List<String> command : List.of(List.of(links.resolve("support").toString(), "heads"),
                List.of("../bin of ann/support", "heads"),
                List.of("sh", project.resolve("supportdb").toString(), "heads"),
                List.of("bash", "--posix", project.resolve("supportdb").toString(), "heads"))) {
            assertThat(output(start(links, command, Map.of("CDPATH", folder.toString()))))
                    .as(command.toString()).isEqualTo(new CommandRun(0, "heads"));
        }
        assertThat(output(start(project, List.of("sh", "supportdb", "heads"), Map.of())))
                .isEqualTo(new CommandRun(0, "heads"));
        assertThat(output(start(links, List.of("sh", "-c", "support heads"),
                Map.of("PATH", links + ":" + System.getenv("PATH"))))).isEqualTo(new CommandRun(0, "heads"));
    }

    /** The program gets the folder for what is typed, and the launcher looks after the variables. */
    @Test
    void hands_over_the_folder_that_it_was_called_in() throws Exception {
        Path elsewhere = Files.createDirectories(folder.resolve("home of ann/it's $HOME"));
        Map<String, String> variables = Map.of("PGPASSFILE", "../pg pass", "BACKUP_DIR", "/srv/backups");

        assertThat(output(start(elsewhere, List.of(project.resolve("supportdb").toString(), "where"), variables)))
                .isEqualTo(new CommandRun(0, elsewhere + " " + elsewhere + "/../pg pass /srv/backups"));
        assertThat(output(start(project, List.of("./supportdb", "where"), variables)))
                .isEqualTo(new CommandRun(0, "null ../pg pass /srv/backups"));
    }

    @Test
    void a_missing_program_is_named_in_a_sentence() throws Exception {
        Path classpath = project.resolve("target/classpath");
        byte[] libraries = Files.readAllBytes(classpath);
        forget();
        assertThat(error(Map.of("JAVA_HOME", "/nowhere")))
                .endsWith("Java 17 or later is needed, and there is no /nowhere/bin/java.\n");
        Path old = Files.createDirectories(folder.resolve("jdk 11/bin")).resolve("java");
        Files.writeString(old, "#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n");
        Files.setPosixFilePermissions(old, PosixFilePermissions.fromString("rwxr-xr-x"));
        String home = folder.resolve("jdk 11").toString();
        assertThat(error(Map.of("JAVA_HOME", home)))
                .endsWith("Java 17 or later is needed, and " + home + "/bin/java is 11.0.2.\n");
        assertThat(error(pathOf("find", "head", "mkdir", "flock", "sed", "touch", "rm", "mv", "grep", "cat")))
                .endsWith("Maven 3.8 or later is needed to compile, and there is neither an mvn on the PATH nor "
                        + "./mvnw.\n");

        Files.write(classpath, libraries);
        assertThat(error(Map.of("JAVA_HOME", home))).as("also when there is nothing to compile")
                .isEqualTo("Java 17 or later is needed, and " + home + "/bin/java is 11.0.2.\n");
    }

    @Test
    void a_file_that_cannot_be_downloaded_or_written_is_named_in_a_sentence() throws Exception {
        forget();
        String said = error(Map.of("PATH", maven("""
                echo '[INFO] Downloaded from central: https://repo.example/a.pom (1 kB at 1 kB/s)'
                echo '[ERROR] Failed to execute goal: Could not transfer artifact a:b:jar:1 from central' >&2
                exit 1""") + ":" + System.getenv("PATH")));
        assertThat(said).contains("Downloaded 1 files.\nMaven lacks something that it has to download, and cannot: "
                + "Could not transfer artifact a:b:jar:1 from central\n")
                .doesNotContain("[ERROR]");

        new FreshClone(project).delete("target");
        // A file in place of the folder, because root may write to any folder.
        Files.createFile(project.resolve("target"));
        assertThat(error(Map.of())).startsWith("Cannot write to " + project.resolve("target"));
        assertThat(output(start(project, List.of("make", "-s", "test"), Map.of()))).isEqualTo(new CommandRun(2, ""));
    }

    @Test
    void tests_are_counted_and_fail_as_they_do_in_maven() throws Exception {
        for (String name : List.of("OneTest", "TwoTest")) {
            Path test = project.resolve("src/test/java/" + name + ".java");
            Files.createDirectories(test.getParent());
            Files.createFile(test);
        }
        Process tests = start(project, List.of("./supportdb", "test"), Map.of("PATH", maven("""
                echo '[INFO] Running OneTest'
                echo '[INFO] Tests run: 3, Failures: 0, Time elapsed: 1 s -- in OneTest'
                echo '[ERROR] Tests run: 1, Failures: 1, Time elapsed: 1 s <<< FAILURE! -- in TwoTest'
                exit 1""") + ":" + System.getenv("PATH")));

        CommandRun run = output(tests);
        assertThat(run.exitCode()).isOne();
        assertThat(run.output()).startsWith("2 test classes, usually ").contains("\n[INFO] Running OneTest\n",
                "\n  1 of 2  [INFO] Tests run: 3,", "\n  2 of 2  [ERROR] Tests run: 1,");
    }

    @Test
    void all_tests_do_not_run_in_place_of_the_one_that_was_typed() throws Exception {
        Process tests = start(project, List.of("./supportdb", "test", "-Dtest=OneTest"),
                Map.of("PATH", maven("echo called") + ":" + System.getenv("PATH")));

        assertThat(new String(tests.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("takes no arguments", "mvn test -Dtest=");
        assertThat(output(tests)).isEqualTo(new CommandRun(2, ""));
    }

    /** The script of an mvn that takes what it should make from the project that the real one has compiled. */
    private static String compiles() {
        return """
                cp -R '%1$s/classes' target && for option; do
                  case $option in -Dmdep.outputFile=*) cp '%1$s/classpath' "${option#*=}" ;; esac
                done
                """.formatted(compiled.resolve("target"));
    }

    /** The folder of an mvn that does nothing else. */
    private String maven(String script) throws IOException {
        Path maven = Files.createDirectory(folder.resolve("maven")).resolve("mvn");
        Files.writeString(maven, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(maven, PosixFilePermissions.fromString("rwxr-xr-x"));
        return maven.getParent().toString();
    }

    @Test
    void where_there_is_no_maven_the_wrapper_takes_its_place() throws Exception {
        forget();
        Path wrapper = project.resolve("mvnw");
        Files.writeString(wrapper, "#!/bin/sh\n[ \"$*\" != '-B test' ] || { echo tested; exit; }\n" + compiles());
        Files.setPosixFilePermissions(wrapper, PosixFilePermissions.fromString("rwxr-xr-x"));
        Map<String, String> without = Map.of("PATH", pathWithout("mvn"));

        assertThat(output(start(project, List.of("./supportdb", "heads"), without)))
                .isEqualTo(new CommandRun(0, "heads"));
        assertThat(output(start(project, List.of("make", "test"), without)).output())
                .endsWith(" on two cores.\ntested\n\n");
    }

    @Test
    void a_package_needs_no_maven() throws Exception {
        Path lib = Files.createDirectory(project.resolve("lib"));
        try (OutputStream file = Files.newOutputStream(lib.resolve("support-db.jar"));
                JarOutputStream jar = new JarOutputStream(file)) {
            jar.putNextEntry(new JarEntry("dev/supportdb/cli/Main.class"));
            jar.write(Files.readAllBytes(project.resolve(CLASS)));
        }
        for (String file : List.of("target", "src", "pom.xml", ".mvn")) {
            Files.move(project.resolve(file), folder.resolve(file));
        }

        assertThat(output(start(project, List.of("./supportdb", "heads", "*"), pathOf("sed"))))
                .isEqualTo(new CommandRun(0, "heads\0*"));
    }

    @Test
    void a_value_arrives_as_it_was_typed_or_is_refused_and_none_is_run() throws Exception {
        assertThat(HostileValues.all()).hasSizeGreaterThan(30);
        List<String> all = HostileValues.all().stream().flatMap(value -> Stream.of(value, "--labels=" + value)).toList();
        List<String> launched = new ArrayList<>(List.of("./supportdb", "upgrade"));
        launched.addAll(all);
        assertThat(output(start(project, launched, Map.of())).output()).isEqualTo("upgrade\0" + String.join("\0", all));
        assertThat(canaries()).isEmpty();
        quickJava();
        for (String value : HostileValues.all()) {
            for (boolean typed : new boolean[] {true, false}) {
                CommandRun made = make("rollback", typed, Map.of("ENV", value, "LABELS", value), "COUNT=" + value);
                if (value.contains("\n")) {
                    assertThat(made).isEqualTo(new CommandRun(2, ""));
                } else {
                    // make ignores leading spaces of a value, and a variable without a value.
                    String word = value.replaceFirst("^\\s+", "");
                    String other = typed ? word : value;
                    assertThat(made.output().split("\0")).containsExactly(Stream.of("rollback",
                            "--env=" + other, "--labels=" + other, "--count=" + word)
                            .filter(option -> !option.endsWith("=")).toArray(String[]::new));
                }
            }
            assertThat(value.isEmpty() || error(Map.of("JAVA_HOME", value)).contains("Java 17 or later is needed"))
                    .as(value).isTrue();
            CommandRun unknown = make("update", true, Map.of(), "FOO=" + value);
            assertThat(unknown.exitCode()).isEqualTo(2);
            assertThat(make("x" + value.replace("=", ""), true, Map.of())).isEqualTo(new CommandRun(2, ""));
            assertThat(canaries()).as("what was run for %s", value).isEmpty();
        }
    }

    @Test
    void a_word_that_would_be_passed_over_is_refused() throws Exception {
        for (String[] words : new String[][] {{"upgrade", "to=016"}, {"upgrade", "016"}, {"update", "FOO=1"},
            {"update", "to=016"}, {"rollback", "steps=3"}, {"update", "COUNT=1"}, {"reset", "ENV=staging"},
            {"up", "SHELL=true"}, {"up", "given="}, {"up", "options=--help"}, {"backfills"}}) {
            List<String> command = new ArrayList<>(List.of("make"));
            command.addAll(List.of(words));
            Process process = start(project, command, Map.of());
            assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("Makefile:").contains("./supportdb");
            assertThat(output(process)).isEqualTo(new CommandRun(2, ""));
        }
    }

    private List<Path> canaries() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.getFileName().toString().equals(HostileValues.CANARY)).toList();
        }
    }

    private CommandRun make(String target, boolean typed, Map<String, String> variables, String... words)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("make", "-s", target));
        command.addAll(List.of(words));
        Map<String, String> environment = new HashMap<>(Map.of("JAVA_HOME", folder.resolve("quick").toString()));
        if (typed) {
            variables.forEach((name, value) -> command.add(name + "=" + value));
        } else {
            environment.putAll(variables);
        }
        return output(start(project, command, environment));
    }

    /** Makes a java that says what the program would, for a hundred runs of make. */
    private void quickJava() throws IOException {
        Path java = Files.createDirectories(folder.resolve("quick/bin")).resolve("java");
        Files.writeString(java, """
                #!/bin/sh
                [ "$1" != -version ] || { echo 'openjdk version "17.0.1"' >&2; exit; }
                while [ "$1" != dev.supportdb.cli.Main ]; do shift; done
                printf %s "$2"
                shift 2
                for word; do printf '\\0%s' "$word"; done
                """);
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private CommandRun launch(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("./supportdb"));
        command.addAll(List.of(arguments));
        return output(start(project, command, Map.of()));
    }

    private String error(Map<String, String> variables) throws IOException, InterruptedException {
        Process process = start(project, List.of("./supportdb", "heads"), variables);
        String said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isEqualTo(2);
        return said;
    }

    /** A PATH on which these alone are found. */
    private Map<String, String> pathOf(String... programs) throws IOException {
        Path path = Files.createDirectory(folder.resolve("programs"));
        for (String program : programs) {
            Files.writeString(path.resolve(program), "#!/bin/sh\nexec '%s' \"$@\"\n".formatted(find(program)));
            Files.setPosixFilePermissions(path.resolve(program), PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        return Map.of("PATH", path.toString());
    }

    private static Path find(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator)).map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable).findFirst().orElseThrow();
    }

    /** A PATH on which all is found that the launcher, make and Maven use, but this program. */
    private String pathWithout(String missing) throws IOException {
        return pathOf(Stream.of("mvn", "make", "perl", "flock", "find", "head", "mkdir", "sed", "touch", "rm", "mv", "cp",
                        "cat", "dirname", "basename", "uname", "ls", "tr", "expr", "readlink", "which", "awk", "sh", "wc",
                        "grep", "sleep")
                .filter(program -> !program.equals(missing)).toArray(String[]::new)).get("PATH");
    }

    private static Process start(Path from, List<String> command, Map<String, String> variables) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(from.toFile());
        builder.environment().keySet().removeAll(List.of("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "ENV", "LABELS"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(variables);
        return builder.start();
    }

    /** Returns the standard output only. */
    private static CommandRun output(Process process) throws IOException, InterruptedException {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new CommandRun(process.waitFor(), output);
    }
}
