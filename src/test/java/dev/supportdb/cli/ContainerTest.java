package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.postgres.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import picocli.CommandLine.ParameterException;

/** The Dockerfile and the manifests give commands that there are, and take no right that they do not need. */
final class ContainerTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"update.yaml", "fleet.yaml"})
    void each_manifest_gives_a_command_that_is_understood_and_takes_no_right(String file) throws IOException {
        String text = Files.readString(Path.of("deploy/kubernetes", file));
        List<Map<String, Object>> pods = jobs(text)
                .map(job -> below(below(below(job, "spec"), "template"), "spec")).toList();

        assertThat(pods).isNotEmpty().allSatisfy(pod -> {
            assertThat(below(pod, "securityContext")).containsEntry("runAsNonRoot", true)
                    .containsEntry("runAsUser", 10001);
            assertThat((List<?>) pod.get("containers")).singleElement().satisfies(container -> {
                parse(((List<?>) map(container).get("args")).stream().map(Object::toString).toArray(String[]::new));
                assertThat(below(map(container), "securityContext")).containsEntry("readOnlyRootFilesystem", true)
                        .containsEntry("allowPrivilegeEscalation", false)
                        .containsEntry("capabilities", Map.of("drop", List.of("ALL")));
            });
        });
    }

    /** Names, types and values, as the interface of Kubernetes has them. */
    @ParameterizedTest
    @ValueSource(strings = {"update.yaml", "fleet.yaml"})
    void the_types_of_kubernetes_have_nothing_against_a_manifest(String file) throws Exception {
        String text = Files.readString(Path.of("deploy/kubernetes", file));

        assertThat(compiled(text)).isEmpty();
        assertThat(compiled(text.replace("backoffLimit", "backOffLimit")))
                .contains("'\"backOffLimit", "does not exist in type 'IJobSpec'");
        assertThat(compiled(text.replace("operator: In", "operator: Into"))).contains("'\"In\" | \"NotIn\"'");
        assertThat(compiled(text.replace("runAsUser: 10001", "runAsUser: many")))
                .contains("'string' is not assignable to type 'number'");
    }

    /** Returns what the compiler says of the Jobs in a file. */
    private String compiled(String text) throws IOException, InterruptedException {
        Path compiler = PipelineTest.linter("tsc");
        Path types = compiler.resolveSibling("../kubernetes-models/batch/v1").normalize();
        Path script = folder.resolve("jobs.ts");
        Files.writeString(script, "import type { IJob } from %s;\nexport const jobs: IJob[] = %s;\n"
                .formatted(Json.of(types.toString()), Json.of(jobs(text).toList())));
        Process process = new ProcessBuilder(compiler.toString(), "--noEmit", "--strict", "--skipLibCheck", "--module",
                "nodenext", script.toString()).redirectErrorStream(true).start();
        return CommandRun.of(process).output();
    }

    private static Stream<Object> jobs(String text) {
        return StreamSupport.stream(
                new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(text).spliterator(), false);
    }

    @Test
    void a_command_that_is_not_understood_is_found() {
        assertThatThrownBy(() -> parse("updates")).isInstanceOf(ParameterException.class);
        assertThatThrownBy(() -> parse("update", "--envs=0")).isInstanceOf(ParameterException.class);
    }

    @Test
    void the_image_starts_the_launcher_as_the_user_of_the_manifests() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("Dockerfile"));

        assertThat(lines).contains("USER 10001:10001", "ENTRYPOINT [\"/support-db/supportdb\"]",
                "ADD target/support-db-*.tar.gz /");
        Stream.of("target", "logs", "plans", "backups").forEach(folder -> assertThat(lines)
                .anyMatch(line -> line.contains("mkdir") && line.contains(" " + folder)));
    }

    private static void parse(String... words) {
        Main.commands(Map.of()).parseArgs(words);
    }

    private static Map<String, Object> below(Object node, String key) {
        return map(map(node).get(key));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object node) {
        return (Map<String, Object>) node;
    }
}
