package dev.supportdb.lint;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a file excuses: {@code # lint: allow <rule>: <reason>} above an item, for that item. One without a reason, and
 * one that excuses nothing, is refused itself.
 */
final class Suppressions {

    static final String NAME = "exception";
    static final String SENTENCE =
            "An exception names a rule, gives a reason, and excuses something in the item below it.";

    private static final Pattern COMMENT = Pattern.compile("\\s*#\\s*lint:(.*)");
    private static final Pattern ALLOWED = Pattern.compile("\\s*allow\\s+([\\w/-]+)\\s*(?::\\s*(.*))?");

    /** Over the lines {@code from} to {@code to}, the first being 1. */
    private record Allowed(ChangelogFile source, int line, String rule, int from, int to) {

        boolean covers(Finding finding) {
            return finding.file().equals(source.path()) && finding.rule().equals(rule)
                    && finding.line() >= from && finding.line() <= to;
        }
    }

    private Suppressions() {
    }

    /** What remains of the findings, and what is wrong with the exceptions. */
    static List<Finding> apply(List<ChangelogFile> sources, Set<String> rules, List<Finding> findings) {
        List<Finding> remaining = new ArrayList<>(findings);
        for (ChangelogFile source : sources) {
            for (int i = 0; i < source.lines().size(); i++) {
                Matcher comment = COMMENT.matcher(source.lines().get(i));
                if (comment.matches()) {
                    apply(source, i, comment.group(1), rules, remaining);
                }
            }
        }
        return remaining;
    }

    private static void apply(ChangelogFile source, int index, String text, Set<String> rules,
            List<Finding> remaining) {
        Matcher form = ALLOWED.matcher(text);
        if (form.matches() && form.group(1).startsWith(SquawkLinter.PREFIX) && !rules.contains(SquawkLinter.PREFIX)) {
            return; // Nobody has asked it.
        }
        if (!form.matches() || !rules.contains(form.group(1)) && !form.group(1).startsWith(SquawkLinter.PREFIX)) {
            remaining.add(wrong(source, index, form.matches()
                    ? "There is no rule '%s'; there are: %s.".formatted(form.group(1), String.join(", ", rules))
                    : "This is no exception.", "data-change"));
            return;
        }
        if (form.group(2) == null || form.group(2).isBlank()) {
            remaining.add(wrong(source, index, "This exception has no reason.", form.group(1)));
            return;
        }
        Allowed allowed = below(source, index, form.group(1));
        if (!remaining.removeIf(allowed::covers)) {
            remaining.add(new Finding(source.path(), index + 1, NAME, "This exception excuses nothing.",
                    "# nothing: leave it out"));
        }
    }

    private static Finding wrong(ChangelogFile source, int index, String message, String rule) {
        return new Finding(source.path(), index + 1, NAME, message, "# lint: allow %s: <reason>".formatted(rule));
    }

    /** The item that begins below the comment ends before the next line that is not indented deeper. */
    private static Allowed below(ChangelogFile source, int comment, String rule) {
        List<String> lines = source.lines();
        int from = comment;
        while (from < lines.size() && (lines.get(from).isBlank() || lines.get(from).strip().startsWith("#"))) {
            from++;
        }
        int to = from + 1;
        while (to < lines.size() && (lines.get(to).isBlank() || indent(lines.get(to)) > indent(lines.get(from)))) {
            to++;
        }
        return new Allowed(source, comment + 1, rule, from + 1, to);
    }

    private static int indent(String line) {
        return line.length() - line.stripLeading().length();
    }
}
