package dev.supportdb.cli;

import dev.supportdb.lint.Finding;
import dev.supportdb.lint.Linter;
import dev.supportdb.postgres.Json;
import dev.supportdb.postgres.Plural;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Finds unsafe changes in the changelog, before anything runs. */
@Command(name = "lint", mixinStandardHelpOptions = true,
        description = "Find unsafe changes in the changelog, and show the YAML to use. Needs no database.",
        exitCodeOnExecutionException = 2,
        footer = "Exits with 0 if nothing is found, with 1 if something is.")
final class LintCommand implements Callable<Integer> {

    @Option(names = "--json", description = "as JSON, for a program")
    private boolean json;

    @Option(names = "--rules", description = "only list the rules")
    private boolean rules;

    @Override
    public Integer call() throws IOException {
        if (rules) {
            Linter.rules().forEach((name, sentence) -> System.out.printf("%-25s %s%n", name, sentence));
            return 0;
        }
        Linter lint = new Linter(Path.of(""));
        Optional<Linter> withSquawk = lint.withSquawk();
        List<Finding> findings = withSquawk.orElse(lint).findings();
        if (json) {
            System.out.println(Json.of(findings.stream().map(LintCommand::json).toList()));
        } else {
            findings.forEach(System.out::println);
            System.out.println(findings.isEmpty() ? "Nothing found by %d rules".formatted(Linter.rules().size())
                    : Plural.of(findings.size(), "problem") + ". Rules and exceptions: docs/lint.md");
            if (withSquawk.isEmpty()) {
                System.out.println("squawk is not on the PATH, so its rules were skipped: npm install -g squawk-cli");
            }
        }
        return findings.isEmpty() ? 0 : 1;
    }

    private static Map<String, Object> json(Finding finding) {
        Map<String, Object> parts = new LinkedHashMap<>();
        parts.put("file", finding.file());
        parts.put("line", finding.line());
        parts.put("rule", finding.rule());
        parts.put("message", finding.message());
        parts.put("instead", finding.instead());
        return parts;
    }
}
