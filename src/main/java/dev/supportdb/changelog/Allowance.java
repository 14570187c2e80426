package dev.supportdb.changelog;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An exception that a changelog makes: {@code # lint: allow <what>: <reason>} above an item, for that item.
 *
 * @param line   the line of the comment; the first is 1
 * @param what   what is allowed; null if the comment does not have this form
 * @param reason empty if there is none
 * @param from   the first line of the item below the comment
 * @param to     the last line of that item: the next line is not indented deeper than the first
 */
public record Allowance(int line, String what, String reason, int from, int to) {

    private static final Pattern FORM = Pattern.compile("\\s*allow\\s+([\\w/-]+)\\s*(?::\\s*(.*))?");

    /** Returns the exceptions that a file makes for a tool, such as lint. */
    public static List<Allowance> in(List<String> lines, String tool) {
        Pattern comment = Pattern.compile("\\s*#\\s*" + tool + ":(.*)");
        List<Allowance> all = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            Matcher made = comment.matcher(lines.get(i));
            if (made.matches()) {
                Matcher form = FORM.matcher(made.group(1));
                boolean right = form.matches();
                int from = i;
                while (from < lines.size() - 1
                        && (lines.get(from).isBlank() || lines.get(from).strip().startsWith("#"))) {
                    from++;
                }
                int to = from + 1;
                while (to < lines.size()
                        && (lines.get(to).isBlank() || indent(lines.get(to)) > indent(lines.get(from)))) {
                    to++;
                }
                all.add(new Allowance(i + 1, right ? form.group(1) : null,
                        right && form.group(2) != null ? form.group(2).strip() : "", from + 1, to));
            }
        }
        return all;
    }

    private static int indent(String line) {
        return line.length() - line.stripLeading().length();
    }
}
