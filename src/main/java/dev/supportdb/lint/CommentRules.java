package dev.supportdb.lint;

import static dev.supportdb.postgres.SqlStatement.pattern;

import dev.supportdb.lint.ParsedChangeset.Step;
import dev.supportdb.postgres.SqlStatement;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Rules on texts for people: in the history and on tables. */
final class CommentRules {

    /** A comment that is still to be written. */
    private static final Pattern BLANK =
            Pattern.compile("(?is)\\s*(?:(?:todo|fixme|tbd|xxx)\\b.*|<.*>\\s*|[\\s.…?-]*)");

    /** The comment statement that Liquibase makes of remarks. */
    private static final Pattern SAID = pattern("comment on (table|column) ((?:\"[^\"]+\"|[\\w.])+) is ");

    private static final Set<String> MAKING = Set.of("createTable", "addColumn");

    /** Checks the files as written. */
    static final Rule COMMENT = new Rule("comment", "A changeset has a one-line comment: it is shown in the history, "
            + "and before an upgrade runs.", CommentRules::comment);

    /** Checks the files as Liquibase parses them. */
    static final Rule REMARKS = new Rule("remarks", "A table or column that a change creates has remarks: people who "
            + "read the database do not see the file.", CommentRules::remarks);

    private CommentRules() {
    }

    private static void comment(ChangelogProject project, Rule.Report report) {
        for (ChangelogFile source : project.sources()) {
            project.written(source).forEach(changeset -> {
                String comment = changeset.text("comment").strip();
                YamlElement at = changeset.child("comment").orElse(changeset);
                if (BLANK.matcher(comment).matches()) {
                    report.add(source, at, "This changeset has no comment.",
                            "comment: <what it does, in one line>");
                } else if (comment.contains("\n")) {
                    report.add(source, at, "This comment has several lines.",
                            "comment: %s\n# and why it is done so, above the change".formatted(
                                    comment.lines().findFirst().orElse("")));
                }
            });
        }
    }

    private static void remarks(ChangelogProject project, Rule.Report report) {
        for (ChangelogFile source : project.sources()) {
            Set<String> said = new HashSet<>();
            project.changesets(source).flatMap(changeset -> changeset.forward().stream())
                    .forEach(step -> step.statements().forEach(statement -> statement.matches(SAID)
                            .ifPresent(comment -> said(source, step, statement, comment, said, report))));
            project.changesets(source).flatMap(changeset -> changeset.forward().stream())
                    .filter(step -> MAKING.contains(step.kind()) && step.errors().isEmpty())
                    .forEach(step -> remarks(source, step, said, report));
        }
    }

    private static void said(ChangelogFile source, Step step, SqlStatement statement, Matcher comment, Set<String> said,
            Rule.Report report) {
        String text = statement.text().substring(comment.end()).strip().replaceAll("^'|'$", "");
        if (!BLANK.matcher(text).matches()) {
            List<String> path = List.of(comment.group(2).replace("\"", "").split("\\."));
            int parts = comment.group(1).equals("table") ? 1 : 2;
            said.add(String.join(".", path.subList(Math.max(0, path.size() - parts), path.size()))
                    .toLowerCase(Locale.ROOT));
        } else if (!text.isEmpty() && !MAKING.contains(step.kind())) {
            report.add(source, step.element(), "The comment on %s is empty.".formatted(comment.group(2)),
                    "- sql: comment on %s %s is '<what is in it>'".formatted(comment.group(1), comment.group(2)));
        }
    }

    private static void remarks(ChangelogFile source, Step step, Set<String> said, Rule.Report report) {
        String table = step.element().text("tableName").toLowerCase(Locale.ROOT);
        if (step.kind().equals("createTable") && !said.contains(table)) {
            report.add(source, step.element(), "Table %s has no remarks.".formatted(table),
                    "remarks: <what one of its rows is>");
        }
        columns(step.element()).filter(column -> !said.contains(
                        table + "." + column.text("name").toLowerCase(Locale.ROOT)))
                .forEach(column -> report.add(source, column,
                        "Column %s.%s has no remarks.".formatted(table, column.text("name")),
                        "remarks: <what its values mean>"));
    }

    private static Stream<YamlElement> columns(YamlElement change) {
        return change.child("columns").stream().flatMap(columns -> columns.children().stream());
    }
}
