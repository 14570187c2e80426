package dev.supportdb.lint;

import dev.supportdb.changelog.Allowance;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The suppressions in a file. A suppression without a reason, or without a match, is a finding itself. */
final class Suppressions {

    static final String NAME = "exception";
    static final String SENTENCE =
            "An exception names a rule, gives a reason, and applies to a finding in the item below it.";

    private Suppressions() {
    }

    /** Returns the remaining findings and the mistakes in the suppressions. */
    static List<Finding> apply(List<ChangelogFile> sources, Set<String> rules, List<Finding> findings) {
        List<Finding> remaining = new ArrayList<>(findings);
        sources.forEach(source -> Allowance.in(source.lines(), "lint")
                .forEach(allowed -> apply(source, allowed, rules, remaining)));
        return remaining;
    }

    private static void apply(ChangelogFile source, Allowance allowed, Set<String> rules, List<Finding> remaining) {
        String rule = allowed.what();
        boolean squawk = rule != null && rule.startsWith(SquawkLinter.PREFIX);
        if (squawk && !rules.contains(SquawkLinter.PREFIX)) {
            return; // Squawk did not run, so its suppressions cannot match.
        }
        if (rule == null || !rules.contains(rule) && !squawk) {
            remaining.add(wrong(source, allowed, rule == null ? "This is not an exception."
                    : "There is no rule '%s'; there are: %s.".formatted(rule, String.join(", ", rules)),
                    "# lint: allow data-change: <reason>"));
        } else if (allowed.reason().isEmpty()) {
            remaining.add(wrong(source, allowed, "This exception has no reason.",
                    "# lint: allow %s: <reason>".formatted(rule)));
        } else if (!remaining.removeIf(finding -> finding.file().equals(source.path()) && finding.rule().equals(rule)
                && finding.line() >= allowed.from() && finding.line() <= allowed.to())) {
            remaining.add(wrong(source, allowed, "This exception no longer matches a finding.",
                    "# nothing: remove it"));
        }
    }

    private static Finding wrong(ChangelogFile source, Allowance allowed, String message, String instead) {
        return new Finding(source.path(), allowed.line(), NAME, message, instead);
    }
}
