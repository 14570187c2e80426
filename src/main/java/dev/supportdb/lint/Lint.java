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

/** All rules, over all changelogs of a project. */
public final class Lint {

    /** They look at the files as they are written, and say more of a mistake than Liquibase. */
    private static final List<Rule> WRITTEN =
            Stream.of(FormRules.RULES, List.of(WordRules.COMMENT, TemplateRule.RULE), FilterRules.RULES,
                    KeyRules.RULES, OrderRules.RULES).flatMap(List::stream).toList();

    /** They look at what Liquibase makes of them. */
    private static final List<Rule> PARSED = Stream.of(List.of(DependencyRule.RULE), UndoRules.RULES, RunRules.RULES,
            List.of(WordRules.REMARKS, IndexRule.RULE), LockRules.RULES, List.of(NotNullRule.RULE, TypeRule.RULE),
            HoldRules.RULES, LossRules.RULES, RowRules.RULES).flatMap(List::stream).toList();

    private final Path root;
    private final Squawk squawk;

    /** @param root the folder in which {@code changelog} is */
    public Lint(Path root) {
        this(root, null);
    }

    private Lint(Path root, Squawk squawk) {
        this.root = root;
        this.squawk = squawk;
    }

    /** The same, and squawk is asked as well, where it is installed; empty where it is not. */
    public Optional<Lint> withSquawk() {
        return Squawk.onPath().map(program -> new Lint(root, new Squawk(program)));
    }

    /** What each rule asks for, by its name. */
    public static Map<String, String> rules() {
        Map<String, String> rules = new LinkedHashMap<>();
        Stream.of(List.of(FileRule.RULE), WRITTEN, PARSED).flatMap(List::stream)
                .forEach(rule -> rules.put(rule.name(), rule.sentence()));
        rules.put(Exceptions.NAME, Exceptions.SENTENCE);
        return rules;
    }

    /**
     * What they refuse, by file and line.
     *
     * @throws IOException when a file cannot be read
     */
    public List<Finding> findings() throws IOException {
        Project project = Project.read(root);
        List<Finding> written = new ArrayList<>();
        find(FileRule.RULE, project, written);
        if (!written.isEmpty()) {
            return written; // The others would miss what stands there.
        }
        WRITTEN.forEach(rule -> find(rule, project, written));
        try {
            Project parsed = project.parsed();
            List<Finding> all = new ArrayList<>(written);
            PARSED.forEach(rule -> find(rule, parsed, all));
            if (squawk != null) {
                all.addAll(squawk.findings(parsed));
            }
            return unexcused(all, project);
        } catch (Parser.Refused e) {
            // What is an exception for could not be looked for.
            List<Finding> why = unexcused(written, project).stream()
                    .filter(finding -> !finding.rule().equals(Exceptions.NAME)).toList();
            return why.isEmpty() ? List.of(e.finding()) : why;
        }
    }

    private List<Finding> unexcused(List<Finding> findings, Project project) {
        Set<String> rules = new TreeSet<>(rules().keySet());
        if (squawk != null) {
            rules.add(Squawk.PREFIX);
        }
        return Exceptions.apply(project.sources(), rules, findings.stream().distinct().toList()).stream()
                .sorted(Comparator.comparing(Finding::file).thenComparingInt(Finding::line)).toList();
    }

    private static void find(Rule rule, Project project, List<Finding> findings) {
        rule.check().find(project, (source, at, message, instead) ->
                findings.add(new Finding(source.path(), at.line(), rule.name(), message, instead)));
    }
}
