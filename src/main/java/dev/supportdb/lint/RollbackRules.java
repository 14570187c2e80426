package dev.supportdb.lint;

import static dev.supportdb.postgres.SqlStatement.NAME;
import static dev.supportdb.postgres.SqlStatement.pattern;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.postgres.SqlStatement;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import liquibase.change.core.TagDatabaseChange;
import liquibase.change.custom.CustomChangeWrapper;
import liquibase.change.custom.CustomTaskRollback;

/** Rules on rollbacks. */
final class RollbackRules {

    private static final Pattern DROP_TABLE = pattern("drop table (?:if exists )?(.+)");
    private static final Pattern DROP_COLUMN =
            pattern("drop (?!constraint\\b|not\\b)(?:column )?(?:if exists )?(" + NAME + ")");

    static final List<Rule> RULES = List.of(
            new Rule("rollback", "A changeset has a rollback: an empty one says that there is nothing to undo. A class "
                    + "that undoes itself has none, because Liquibase would run only the block.",
                    RollbackRules::rollback),
            new Rule("loses", "A rollback that drops a table or column begins with a data-loss check: data that was "
                    + "written there since is discarded only on purpose.", RollbackRules::loses),
            new Rule("tag",
            "A rollback to a tag keeps the tag, so that the same command can be run again (idempotent).",
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
                report.add(changeset.source(), at, "The class undoes itself, but this block prevents it.",
                        "# no rollback: the class undoes itself");
            } else if (!undoesItself && empty && !(tag && block)
                    && !UnfinishedTemplateRule.isOpen(project, changeset.source(), changeset.element())) {
                report.add(changeset.source(), at, block ? "This rollback is empty, and there is something to undo."
                        : "There is no rollback.", "rollback:\n" + (tag ? "" : Suggestion.undo(project, changeset)));
            }
        }
    }

    private static void loses(ChangelogProject project, Rule.Report report) {
        for (StatementAt found : StatementAt.all(project)) {
            boolean asks = found.changeset().back().stream().takeWhile(step -> step != found.step())
                    .anyMatch(step -> Changelog.isGuard(step.change()));
            if (found.back() && !asks) {
                dropped(found).findFirst().ifPresent(dropped -> found.report(report,
                        "This rollback drops %s and the data in it without a data-loss check."
                                .formatted(dropped.name()), Suggestion.refuse(dropped.name(), dropped.rows())));
            }
        }
    }

    /**
     * A table or column that is dropped.
     *
     * @param rows where its data is: what follows {@code select * from}
     */
    private record Dropped(String name, String rows) {}

    /** The tables, and columns as {@code table.column}, that a rollback drops and its changeset has created. */
    private static Stream<Dropped> dropped(StatementAt found) {
        Stream<Dropped> tables = found.statement().matches(DROP_TABLE).stream()
                .flatMap(drop -> SqlStatement.named(drop.group(1)))
                .map(table -> new Dropped(table.name(), table.written()))
                .filter(table -> found.changeset().created().contains(table.name()));
        return Stream.concat(tables, found.statement().actions().flatMap(action -> action.matches(DROP_COLUMN)
                .map(drop -> new Dropped(action.table() + "." + drop.group(2),
                        "%s where %s is not null".formatted(action.written(), drop.group(1)))).stream())
                .filter(column -> found.changeset().columns().containsKey(column.name())));
    }

    private static void tag(ChangelogProject project, Rule.Report report) {
        for (ChangelogFile source : project.sources()) {
            source.root().all().filter(element -> element.key().equals("tagDatabase")
                    && !element.text("keepTagOnRollback").equals("true")).forEach(tag -> report.add(source, tag,
                    "A rollback to this tag deletes the tag.",
                    "- tagDatabase: {tag: %s, keepTagOnRollback: true}".formatted(tag.text("tag"))));
        }
    }

    private static void customChange(ChangelogProject project, Rule.Report report) {
        for (ChangelogFile source : project.sources()) {
            project.written(source).flatMap(changeset -> changeset.child("rollback").stream())
                    .flatMap(rollback -> rollback.isList() ? rollback.children().stream() : Stream.empty())
                    .filter(change -> change.key().equals("customChange"))
                    .forEach(change -> report.add(source, change,
                            "Liquibase would run this class forward, before any SQL above it.",
                            "# no rollback: the class undoes itself, alone in its changeset"));
        }
    }
}
