package dev.supportdb.lint;

import dev.supportdb.changelog.Changelog;
import java.util.List;
import java.util.stream.Stream;
import liquibase.change.core.TagDatabaseChange;
import liquibase.change.custom.CustomChangeWrapper;
import liquibase.change.custom.CustomTaskRollback;

/** The way back. */
final class RollbackRules {

    static final List<Rule> RULES = List.of(
            new Rule("rollback", "A changeset has a rollback: an empty one says that nothing has to be undone. A class "
                    + "that undoes itself has none, for Liquibase would ask the block alone.", RollbackRules::rollback),
            new Rule("loses", "A rollback that drops a table or column asks before whether rows have something in it: "
                    + "what has been written there since is given up on purpose alone.", RollbackRules::loses),
            new Rule("tag",
            "A tag stays when the database goes back to it, so that the same command can be given again.",
                    RollbackRules::tag),
            new Rule("custom-change-in-rollback", "No custom change in a rollback block: Liquibase would execute it, "
                    + "and before any SQL above it.", RollbackRules::customChange));

    private RollbackRules() {
    }

    private static void rollback(ChangelogProject project, Rule.Report report) {
        for (ParsedChangeset changeset : project.changesets()) {
            boolean block = changeset.element().child("rollback").isPresent();
            boolean empty = changeset.element().child("rollback")
                    .map(rollback -> rollback.children().isEmpty() && rollback.text().isBlank()).orElse(true);
            boolean undoesItself = !changeset.forward().isEmpty() && changeset.forward().stream().allMatch(step ->
                    step.change() instanceof CustomChangeWrapper custom
                    && custom.getCustomChange() instanceof CustomTaskRollback);
            boolean tag = changeset.forward().stream().allMatch(step -> step.change() instanceof TagDatabaseChange);
            YamlElement at = changeset.element().child("rollback").orElse(changeset.element());
            if (undoesItself && block) {
                report.add(changeset.source(), at, "The class undoes itself, but for this block.",
                        "# no rollback: the class undoes itself");
            } else if (!undoesItself && empty && !(tag && block)
                    && !UnfinishedTemplateRule.isOpen(project, changeset.source(), changeset.element())) {
                report.add(changeset.source(), at, block ? "This rollback is empty, and there is something to undo."
                        : "There is no rollback.", "rollback:\n" + (tag ? "" : Suggestion.undo(changeset)));
            }
        }
    }

    private static void loses(ChangelogProject project, Rule.Report report) {
        for (StatementAt found : StatementAt.all(project)) {
            boolean asks = found.changeset().back().stream().takeWhile(step -> step != found.step())
                    .anyMatch(step -> Changelog.isGuard(step.change()));
            if (found.back() && !asks) {
                DestructiveChangeRules.dropped(found).findFirst().ifPresent(dropped -> found.report(report,
                        "What has been written to %s goes with it, and nobody is asked.".formatted(dropped),
                        Suggestion.refuse(dropped)));
            }
        }
    }

    private static void tag(ChangelogProject project, Rule.Report report) {
        for (ChangelogFile source : project.sources()) {
            source.root().all().filter(element -> element.key().equals("tagDatabase")
                    && !element.text("keepTagOnRollback").equals("true")).forEach(tag -> report.add(source, tag,
                    "Going back to this tag takes it away.",
                    "- tagDatabase: {tag: %s, keepTagOnRollback: true}".formatted(tag.text("tag"))));
        }
    }

    private static void customChange(ChangelogProject project, Rule.Report report) {
        for (ChangelogFile source : project.sources()) {
            project.written(source).flatMap(changeset -> changeset.child("rollback").stream())
                    .flatMap(rollback -> rollback.isList() ? rollback.children().stream() : Stream.empty())
                    .filter(change -> change.key().equals("customChange"))
                    .forEach(change -> report.add(source, change,
                            "Liquibase executes it forward, and before any SQL above it.",
                            "# no rollback: the class undoes itself, alone in its changeset"));
        }
    }
}
