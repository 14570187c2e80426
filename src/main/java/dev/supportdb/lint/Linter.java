package dev.supportdb.lint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Checks all changelogs of a project by all rules. */
public final class Linter {

    /** Rules on the files as written, which explain a mistake better than Liquibase. */
    private static final List<Rule> WRITTEN =
            Stream.of(FileFormatRules.RULES, List.of(CommentRules.COMMENT, UnfinishedTemplateRule.RULE,
                            TypeWordsRule.RULE),
                    LabelAndContextRules.RULES, UnknownKeyRules.RULES, FeatureOrderRules.RULES)
                    .flatMap(List::stream).toList();

    /** Rules on the files as Liquibase parses them. */
    private static final List<Rule> PARSED = Stream.of(List.of(DependencyRule.RULE, OldShapeRule.RULE),
            RollbackRules.RULES, ValidityRules.RULES, List.of(CommentRules.REMARKS), HintRules.RULES, RightsRules.RULES)
            .flatMap(List::stream).toList();

    private final Path root;
    private final SquawkLinter squawk;

    /** @param root the folder that contains {@code changelog} */
    public Linter(Path root) {
        this(root, null);
    }

    private Linter(Path root, SquawkLinter squawk) {
        this.root = root;
        this.squawk = squawk;
    }

    /** Returns a linter that also runs squawk; empty if squawk is not installed. */
    public Optional<Linter> withSquawk() {
        return SquawkLinter.onPath().map(program -> new Linter(root, new SquawkLinter(program)));
    }

    /** Returns the text of each rule by its name. */
    public static Map<String, String> rules() {
        Map<String, String> rules = new LinkedHashMap<>();
        Stream.of(List.of(UnreadableFileRule.RULE), WRITTEN, PARSED).flatMap(List::stream)
                .forEach(rule -> rules.put(rule.name(), rule.sentence()));
        rules.put(Suppressions.NAME, Suppressions.SENTENCE);
        return rules;
    }

    /**
     * Returns the violations, by file and line.
     *
     * @throws IOException if a file cannot be read
     */
    public List<Finding> findings() throws IOException {
        ChangelogProject project = ChangelogProject.read(root);
        List<Finding> written = new ArrayList<>();
        find(UnreadableFileRule.RULE, project, written);
        if (!written.isEmpty()) {
            return written; // The other rules could not see the content of that file.
        }
        WRITTEN.forEach(rule -> find(rule, project, written));
        try {
            ChangelogProject parsed = project.parsed();
            List<Finding> all = new ArrayList<>(written);
            PARSED.forEach(rule -> find(rule, parsed, all));
            if (squawk != null) {
                all.addAll(squawk.findings(parsed));
            }
            return unexcused(all, project);
        } catch (ChangelogParser.Refused e) {
            // The parsed rules did not run, so a suppression without a match may be right.
            List<Finding> why = unexcused(written, project).stream()
                    .filter(finding -> !finding.rule().equals(Suppressions.NAME)).toList();
            return why.isEmpty() ? List.of(e.finding()) : why;
        }
    }

    private List<Finding> unexcused(List<Finding> findings, ChangelogProject project) {
        Set<String> rules = new TreeSet<>(rules().keySet());
        if (squawk != null) {
            rules.add(SquawkLinter.PREFIX);
        }
        return Suppressions.apply(project.sources(), rules, findings.stream().distinct().toList()).stream()
                .sorted(Comparator.comparing(Finding::file).thenComparingInt(Finding::line)).toList();
    }

    private static void find(Rule rule, ChangelogProject project, List<Finding> findings) {
        rule.check().find(project, (source, at, message, instead) ->
                findings.add(new Finding(source.path(), at.line(), rule.name(), message, instead)));
    }
}
