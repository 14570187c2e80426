package dev.supportdb.generate;

import static java.util.stream.Collectors.joining;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.YamlText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A changeset being written, in the form of the changelog. */
final class ChangesetDraft {

    /** A placeholder for this changeset as a user types it; its number is known when it is written. */
    private static final String HERE = "{{here}}";

    private final String verb;
    private final String comment;
    private final List<String> changes = new ArrayList<>();
    private final List<String> rollback = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private String labels;
    private String preconditions = "";
    private Set<String> dropped = Set.of();
    private boolean alone;
    private boolean commentedOut;

    /**
     * @param verb    the end of its id, such as {@code add_language}
     * @param comment its comment
     */
    ChangesetDraft(String verb, String comment) {
        this.verb = verb.replaceAll("[^\\w]+", "_");
        this.comment = comment;
    }

    ChangesetDraft change(String yaml) {
        changes.add(yaml);
        return this;
    }

    /** Adds a statement, formatted with the values if there are any. */
    ChangesetDraft changeSql(String sql, Object... values) {
        return change(sql(sql, values));
    }

    /** Adds statements, and runs the changeset outside a transaction if they need it. */
    ChangesetDraft change(ObjectDdl way) {
        alone |= !way.transaction();
        way.statements().forEach(this::changeSql);
        return this;
    }

    ChangesetDraft back(String yaml) {
        rollback.add(yaml);
        return this;
    }

    ChangesetDraft backSql(String sql, Object... values) {
        return back(sql(sql, values));
    }

    ChangesetDraft back(ObjectDdl way) {
        alone |= !way.transaction();
        way.statements().forEach(this::backSql);
        return this;
    }

    /** Adds a data-loss check to the rollback, with a query for the rows that it would lose. */
    ChangesetDraft refuse(String loses, String rows) {
        return back("- refuse:\n    loses: %s\n    rows: %s".formatted(YamlText.scalar(loses.replace("\"", "")),
                YamlText.scalar(rows)));
    }

    /** Refuses a rollback that is not possible, and names how far the feature can be rolled back. */
    ChangesetDraft stays(String because) {
        return back(("- refuse:\n    because: %s; to go as far back as possible, ./supportdb downgrade %s\n"
                + "    rows: select 1").formatted(because, HERE));
    }

    private static String sql(String sql, Object... values) {
        return YamlText.sql(values.length == 0 ? sql : sql.formatted(values));
    }

    /** Adds a warning for the reader. */
    ChangesetDraft warn(String what, Object... values) {
        warnings.add(what.formatted(values));
        return this;
    }

    ChangesetDraft labelled(String label) {
        labels = label;
        return this;
    }

    /** @param object a table, a column as {@code table.column} or a type, which another branch may have created */
    ChangesetDraft dropping(String object) {
        dropped = Set.of(object.replace("\"", ""));
        return this;
    }

    /** Requires the features of other branches that create the dropped objects. */
    void needDropped(Changelog changelog, String branch) {
        Optional<FeaturePreconditions> needed = new BranchChooser(changelog, dropped).condition(branch);
        preconditions = needed.map(FeaturePreconditions::yaml).orElse("");
    }

    /** Writes the changeset as a comment, which a person may activate. */
    ChangesetDraft commentedOut() {
        commentedOut = true;
        return this;
    }

    boolean isCommentedOut() {
        return commentedOut;
    }

    List<String> warnings() {
        return warnings;
    }

    /**
     * @param feature the name of the file
     * @param number  the position of the changeset in the file
     */
    String text(String feature, int number) {
        StringBuilder text = new StringBuilder();
        warnings.forEach(warning -> text.append(YamlText.comment("  ", "WARNING: " + warning)));
        if (commentedOut) {
            text.append("  # So it is a comment; to run it, take the signs away.\n");
        }
        String body = """
                - changeSet:
                    id: "%s-%02d-%s"
                """.formatted(feature, number, verb) + head() + YamlText.indent("    ", preconditions)
                + "    changes:\n" + YamlText.indent("      ", String.join("\n", changes))
                + "    rollback:\n" + YamlText.indent("      ", String.join("\n", rollback)
                        .replace(HERE, "%s-%02d".formatted(feature.replaceFirst("_.*", ""), number)));
        return text.append(YamlText.indent(commentedOut ? "  # " : "  ", body)).toString();
    }

    /** The lines that are the same in every file: those between its id and its preconditions. */
    private String head() {
        return "    author: support-db\n" + (labels == null ? "" : "    labels: " + labels + "\n")
                + (alone ? "    runInTransaction: false\n" : "")
                + "    comment: " + YamlText.scalar(comment) + "\n";
    }

    /**
     * Returns whether the file contains it already as a comment, under any id and with any edits of its preconditions
     * and changes.
     */
    boolean isCommentedOutIn(String file) {
        return commentedOut && file.replace("\r\n", "\n").contains(YamlText.indent("  # ", head()));
    }

    String comment() {
        return comment;
    }

    /** All changesets with their numbers. The first changeset of a file is its tag. */
    static String text(List<ChangesetDraft> drafts, String feature) {
        return drafts.stream().map(draft -> draft.text(feature, drafts.indexOf(draft) + 2)).collect(joining("\n"));
    }
}
