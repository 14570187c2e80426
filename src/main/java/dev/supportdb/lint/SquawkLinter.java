package dev.supportdb.lint;

import dev.supportdb.lint.ParsedChangeset.Step;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Runs squawk (npm: squawk-cli) on the SQL and reports each finding at the line of its change. */
final class SquawkLinter {

    /** The prefix of the names of squawk's rules. */
    static final String PREFIX = "squawk/";

    /** The rules that squawk skips, with the reasons. */
    private static final Map<String, List<String>> EXCLUDED = Map.of(
            "every session sets a lock timeout, and none for statements: an index may take hours",
            List.of("require-lock-timeout", "require-statement-timeout", "require-timeout-settings"),
            "the rule contract knows the phases",
            List.of("ban-drop-table", "ban-drop-column", "renaming-column", "renaming-table"),
            "the rule rerunnable knows what is outside a transaction",
            List.of("prefer-robust-stmts"),
            "the rules of the same content know which tables are new, and say the YAML",
            List.of("constraint-missing-not-valid", "adding-foreign-key-constraint", "changing-column-type",
                    "require-concurrent-index-creation", "disallowed-unique-constraint", "adding-not-nullable-field",
                    "adding-serial-primary-key-field", "adding-field-with-default"),
            "a NULL comes from an application that knows of it",
            List.of("ban-drop-not-null"),
            "types are a matter of the schema",
            List.of("prefer-text-field", "prefer-bigint-over-int", "prefer-bigint-over-smallint", "prefer-identity",
                    "prefer-timestamptz"));

    private final Path program;

    SquawkLinter(Path program) {
        this.program = program;
    }

    /** The path of squawk; empty if it is not installed. */
    static Optional<Path> onPath() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .map(folder -> Path.of(folder, "squawk")).filter(Files::isExecutable).findFirst();
    }

    /** The SQL of one changelog file, with the change of each line. */
    private record Script(ChangelogFile source, List<String> sql, List<Step> steps) {

        static Script of(ChangelogFile source, List<ParsedChangeset> changesets) {
            Script script = new Script(source, new ArrayList<>(), new ArrayList<>());
            for (ParsedChangeset changeset : changesets) {
                script.add(changeset.isOutsideTransaction() ? "" : "begin;", null);
                changeset.forward().forEach(step -> script.add(step.sql() + "\n;", step));
                script.add(changeset.isOutsideTransaction() ? "" : "commit;", null);
            }
            return script;
        }

        private void add(String text, Step step) {
            text.lines().forEach(line -> {
                sql.add(line);
                steps.add(step);
            });
        }
    }

    List<Finding> findings(ChangelogProject project) throws IOException {
        Path folder = Files.createTempDirectory("squawk");
        try {
            List<Script> scripts = project.sources().stream()
                    .map(source -> Script.of(source,
                            project.changesets(source).filter(ParsedChangeset::runsInProduction).toList()))
                    .toList();
            if (scripts.isEmpty()) {
                // Without a file squawk would wait for SQL on standard input.
                return List.of();
            }
            List<String> command = new ArrayList<>(List.of(program.toString(), "--reporter=json", "--pg-version=15"));
            EXCLUDED.values().forEach(rules -> command.add("--exclude=" + String.join(",", rules)));
            for (int i = 0; i < scripts.size(); i++) {
                command.add(Files.write(folder.resolve(i + ".sql"), scripts.get(i).sql()).toString());
            }
            List<Finding> findings = new ArrayList<>();
            for (Map<String, Object> said : run(command, folder)) {
                String file = Path.of((String) said.get("file")).getFileName().toString();
                findings.add(finding(scripts.get(Integer.parseInt(file.replace(".sql", ""))), said));
            }
            return findings;
        } finally {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }

    /** Runs squawk and parses its JSON as YAML. */
    private static List<Map<String, Object>> run(List<String> command, Path folder) throws IOException {
        Path said = folder.resolve("said.json");
        Process process = new ProcessBuilder(command).redirectOutput(said.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        process.getOutputStream().close();
        process.onExit().join();
        List<Map<String, Object>> findings = new Yaml(new SafeConstructor(new LoaderOptions()))
                .load(Files.readString(said, StandardCharsets.UTF_8));
        if (findings == null) {
            throw new IOException("squawk printed nothing: " + String.join(" ", command));
        }
        return findings;
    }

    private static Finding finding(Script script, Map<String, Object> said) {
        Step step = script.steps().get((Integer) said.get("line"));
        Object help = said.get("help");
        return new Finding(script.source().path(), step == null ? 1 : step.element().line(),
                PREFIX + said.get("rule_name"), String.valueOf(said.get("message")).strip(),
                "# " + (help == null ? "see https://squawkhq.com/docs/" + said.get("rule_name") : help));
    }
}
