package dev.supportdb.lint;

import static dev.supportdb.postgres.SqlStatement.NAME;
import static dev.supportdb.postgres.SqlStatement.pattern;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A change of a column's type: PostgreSQL writes the table again, unless the new one takes every value as it is. */
final class ColumnTypeRule {

    static final Rule RULE = new Rule("type-change", "A column gets a new type in place only where no row is "
            + "written, as for a longer varchar; else in a new column, filled in batches.", ColumnTypeRule::find);

    private static final Pattern CHANGED =
            pattern("alter (column )?" + NAME + " (set data )?type (.+?)( using .*)?$");
    private static final Pattern TEXT = Pattern.compile("(?:varchar|character varying|text)(?:\\((\\d+)\\))?");

    private ColumnTypeRule() {
    }

    private static void find(ChangelogProject project, Rule.Report report) {
        Map<String, String> types = new HashMap<>();
        for (ParsedChangeset changeset : project.changesets()) {
            types.putAll(changeset.columns());
            changeset.steps().filter(step -> changeset.runsInProduction())
                    .forEach(step -> step.statements().forEach(statement -> statement.actions()
                            .filter(action -> project.isExisting(action.table(), changeset.source()))
                            .forEach(action -> action.matches(CHANGED).ifPresent(change -> {
                                String column = action.table() + "." + change.group(2);
                                String type = change.group(4).strip();
                                if (!isWider(types.getOrDefault(column, ""), type)) {
                                    report.add(changeset.source(), step.element(),
                                            "This writes all rows of %s while nobody else can read them."
                                                    .formatted(action.table()),
                                            Suggestion.newColumn(action.table(), change.group(2), type));
                                }
                                if (changeset.forward().contains(step)) {
                                    types.put(column, type);
                                }
                            }))));
        }
    }

    private static boolean isWider(String from, String to) {
        Matcher old = TEXT.matcher(from);
        Matcher now = TEXT.matcher(to);
        if (!old.matches() || !now.matches()) {
            return false;
        }
        return now.group(1) == null
                || old.group(1) != null && Integer.parseInt(old.group(1)) <= Integer.parseInt(now.group(1));
    }
}
