package dev.supportdb.generate;

import static java.util.stream.Collectors.joining;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.YamlText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A changeset being written, in the form the changelog has throughout. */
final class ChangesetDraft {

    /** Stands for this changeset, as it is typed; the number it gets is known when it is written. */
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
     * @param comment what it does
     */
    ChangesetDraft(String verb, String comment) {
        this.verb = verb.replaceAll("[^\\w]+", "_");
        this.comment = comment;
    }

    ChangesetDraft change(String yaml) {
        changes.add(yaml);
        return this;
    }

    /** A statement, with what {@code %s} stands for; as it is where nothing is given. */
    ChangesetDraft changeSql(String sql, Object... values) {
        return change(sql(sql, values));
    }

    /** Outside a transaction, if it has to be. */
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

    /** Asked before a rollback loses rows, which a query finds. */
    ChangesetDraft refuse(String loses, String rows) {
        return back("- refuse:\n    loses: %s\n    rows: %s".formatted(YamlText.scalar(loses.replace("\"", "")),
                YamlText.scalar(rows)));
    }

    /** Refuses a rollback that is not possible, and names how far the feature can be undone. */
    ChangesetDraft stays(String because) {
        return back(("- refuse:\n    because: %s; to go as far back as possible, ./supportdb downgrade %s\n"
                + "    rows: select 1").formatted(because, HERE));
    }

    private static String sql(String sql, Object... values) {
        return YamlText.sql(values.length == 0 ? sql : sql.formatted(values));
    }

    /** Warnings for the reader: what to know or to decide. */
    ChangesetDraft warn(String what, Object... values) {
        warnings.add(what.formatted(values));
        return this;
    }

    ChangesetDraft labelled(String label) {
        labels = label;
        return this;
    }

    /** @param object a table, a column as {@code table.column} or a type, which another branch may have made */
    ChangesetDraft dropping(String object) {
        dropped = Set.of(object.replace("\"", ""));
        return this;
    }

    /** Requires the features that create the objects to drop; nothing for those of the branch itself. */
    void needDropped(Changelog changelog, String branch) {
        Optional<FeaturePreconditions> needed = new BranchChooser(changelog, dropped).condition(branch);
        preconditions = needed.map(FeaturePreconditions::yaml).orElse("");
    }

    /** Written as a comment: it is for a person to wake it. */
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

    /** @param feature the name of the file, and {@code number} the changeset's place in it */
    String text(String feature, int number) {
        StringBuilder text = new StringBuilder();
        warnings.forEach(warning -> text.append(YamlText.comment("  ", "WARNING: " + warning)));
        if (commentedOut) {
            text.append("  # So it is a comment; to run it, take the signs away.\n");
        }
        StringBuilder body = new StringBuilder("""
                - changeSet:
                    id: "%s-%02d-%s"
                    author: support-db
                """.formatted(feature, number, verb));
        if (labels != null) {
            body.append("    labels: ").append(labels).append('\n');
        }
        if (alone) {
            body.append("    runInTransaction: false\n");
        }
        body.append("    comment: ").append(YamlText.scalar(comment)).append('\n')
                .append(YamlText.indent("    ", preconditions))
                .append("    changes:\n").append(YamlText.indent("      ", String.join("\n", changes)))
                .append("    rollback:\n").append(YamlText.indent("      ", String.join("\n", rollback)
                        .replace(HERE, "%s-%02d".formatted(feature.replaceFirst("_.*", ""), number))));
        return text.append(YamlText.indent(commentedOut ? "  # " : "  ", body.toString())).toString();
    }

    /** Whether it waits in a file already, under whichever id; what a person has written into it counts for nothing. */
    boolean isCommentedOutIn(String file) {
        String text = text("", 0);
        return commentedOut && file.replace("\r\n", "\n").contains(
                text.substring(text.indexOf("  #     author: "), text.indexOf("  #     changes:")));
    }

    String comment() {
        return comment;
    }

    /** All of them with their numbers; the first changeset of a file is its tag. */
    static String text(List<ChangesetDraft> drafts, String feature) {
        return drafts.stream().map(draft -> draft.text(feature, drafts.indexOf(draft) + 2)).collect(joining("\n"));
    }
}
