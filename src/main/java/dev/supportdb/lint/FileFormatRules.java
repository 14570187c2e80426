package dev.supportdb.lint;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Rules on the form of a file, a changeset and its attributes. */
final class FileFormatRules {

    private static final Set<String> PARAMETER = Set.of("name", "value");

    static final List<Rule> RULES = List.of(
            new Rule("id-quoted", "An id is quoted: without quotes, YAML may read a number and drop its zeros.",
                    FileFormatRules::idQuoted),
            new Rule("id-unique", "An id is unique in all files, so that the id alone names a changeset.",
                    FileFormatRules::idUnique),
            new Rule("logical-file-path", "A file pins its path, which is part of the identity of its changesets.",
                    FileFormatRules::logicalFilePath),
            new Rule("custom-change-parameters",
                    "A custom change has its parameters under params, each a param with name and value: Liquibase "
                    + "drops or refuses other forms.",
                    FileFormatRules::customChangeParameters),
            new Rule("fail-on-error", "A changeset that fails, or whose precondition fails, stops the run or is "
                    + "deferred: with failOnError: false, MARK_RAN or WARN, later changesets run on a schema that "
                    + "lacks it.",
                    FileFormatRules::failOnError));

    private FileFormatRules() {
    }

    private static void idQuoted(ChangelogProject project, Rule.Report report) {
        for (ChangelogFile source : project.sources()) {
            project.written(source).flatMap(changeset -> changeset.child("id").stream()).filter(YamlElement::isPlain)
                    .forEach(id -> report.add(source, id, "This id is not quoted.", "id: \"%s\"".formatted(id.text())));
        }
    }

    private static void idUnique(ChangelogProject project, Rule.Report report) {
        Map<String, String> seen = new HashMap<>();
        for (ChangelogFile source : project.sources()) {
            project.written(source).flatMap(changeset -> changeset.child("id").stream()).forEach(id -> {
                String first = seen.putIfAbsent(id.text(), "%s:%d".formatted(source.path(), id.line()));
                if (first != null) {
                    report.add(source, id, "This id is already used in %s.".formatted(first),
                            "id: \"%s\"".formatted(next(id.text(), seen.keySet())));
                }
            });
        }
    }

    /** The same id with the next number of its file: {@code 016_name-nn-what}. */
    private static String next(String id, Set<String> taken) {
        String[] parts = id.split("-", 3);
        if (parts.length < 3) {
            return id + "-2";
        }
        int last = taken.stream().map(other -> other.split("-", 3))
                .filter(other -> other.length == 3 && other[0].equals(parts[0]) && other[1].matches("\\d{1,4}"))
                .mapToInt(other -> Integer.parseInt(other[1])).max().orElse(1);
        return "%s-%02d-%s".formatted(parts[0], last + 1, parts[2]);
    }

    private static void logicalFilePath(ChangelogProject project, Rule.Report report) {
        for (ChangelogFile source : project.sources()) {
            List<YamlElement> pinned = source.items("logicalFilePath");
            YamlElement at = pinned.isEmpty() ? source.root() : pinned.get(0);
            if (!at.text().equals(source.path())) {
                report.add(source, at, pinned.isEmpty() ? "This file has no logicalFilePath."
                        : "This logicalFilePath is not the path of the file.", "- logicalFilePath: " + source.path());
            }
        }
    }

    private static void failOnError(ChangelogProject project, Rule.Report report) {
        for (ChangelogFile source : project.sources()) {
            project.written(source).flatMap(changeset -> changeset.child("failOnError").stream())
                    .filter(fails -> !fails.text().equalsIgnoreCase("true"))
                    .forEach(fails -> report.add(source, fails, "The run continues after this has failed.",
                            "# nothing: remove it, and name the dependency in a precondition with onFail: CONTINUE"));
            source.root().all().filter(FileFormatRules::passesOver).forEach(on -> report.add(source, on,
                    "The run continues as if this had run, or records that it has.",
                    on.key().equals("onFail") ? "onFail: CONTINUE" : "# nothing: remove it"));
        }
    }

    /**
     * Returns whether the run ignores a failed precondition. By default it stops, and CONTINUE defers the changeset.
     */
    private static boolean passesOver(YamlElement element) {
        return element.key().equals("onFail") && Set.of("MARK_RAN", "WARN").contains(element.text())
                || element.key().equals("onError") && !element.text().equals("HALT");
    }

    private static void customChangeParameters(ChangelogProject project, Rule.Report report) {
        for (ChangelogFile source : project.sources()) {
            source.root().all().filter(element -> element.key().equals("customChange"))
                    .forEach(change -> wrongParameters(change).findFirst().ifPresent(wrong ->
                            report.add(source, wrong, "Liquibase drops or refuses parameters in this form.", """
                                    - customChange:
                                        class: %s
                                        params:
                                          - param: {name: <name>, value: <value>}
                                    """.formatted(change.text("class")))));
        }
    }

    /** The parameters of a custom change that Liquibase drops. */
    static Stream<YamlElement> wrongParameters(YamlElement change) {
        return change.children().stream().filter(child -> child.key().startsWith("param"))
                .flatMap(params -> !params.key().equals("params") || !params.isList() ? Stream.of(params)
                        : params.children().stream().flatMap(FileFormatRules::wrongParts));
    }

    /** The keys that make a parameter invalid, innermost first. */
    private static Stream<YamlElement> wrongParts(YamlElement param) {
        Set<String> parts = param.children().stream().map(YamlElement::key).collect(Collectors.toSet());
        return param.key().equals("param") && parts.equals(PARAMETER) ? Stream.empty() : Stream.concat(
                param.children().stream().filter(part -> !PARAMETER.contains(part.key())), Stream.of(param));
    }
}
