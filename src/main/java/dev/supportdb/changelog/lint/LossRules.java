package dev.supportdb.changelog.lint;

import static dev.supportdb.changelog.lint.Statement.NAME;
import static dev.supportdb.changelog.lint.Statement.pattern;

import dev.supportdb.changelog.lint.Changeset.Step;
import dev.supportdb.changelog.lint.Statement.Action;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What an older application does not survive, and what moves rows. */
final class LossRules {

    private static final Pattern DROP_TABLE = pattern("drop table (if exists )?(.+)");
    private static final Pattern DROP_COLUMN = pattern("drop (?!constraint\\b|not\\b)(column )?(if exists )?" + NAME);
    private static final Pattern RENAME = pattern("rename (?!constraint\\b)(column )?(" + NAME + " )?to\\b");

    /** The engine's own, with a row for each backfill. */
    private static final Set<String> SMALL = Set.of("backfills", "backfill_ranges");

    private static final Pattern WRITE =
            pattern("(with .*[()]\\s*)?(update|delete from|merge into|truncate( table)?) (only )?" + NAME);
    private static final Pattern INSERT = pattern("(with .*\\) )?insert into " + NAME + " .*\\b(from|join) .*");
    private static final Pattern SOURCE = Pattern.compile("\\b(?:from|join)\\s+(?:only\\s+)?" + NAME + "(?!\\s*\\()");

    static final List<Rule> RULES = List.of(
            new Rule("contract", "A column or table goes, or gets another name, in the phase contract: until then an "
                    + "older application uses it.", LossRules::contract),
            new Rule("data-change", "Rows of an existing table move in batches: one statement would hold all its locks "
                    + "to its end.", LossRules::dataChange));

    private LossRules() {
    }

    private static void contract(Project project, Rule.Report report) {
        project.changesets().stream().filter(Changeset::runsInProduction).filter(changeset -> !changeset.isContract())
                .forEach(changeset -> changeset.forward().forEach(step -> step.statements().stream()
                        .flatMap(statement -> lost(statement, changeset.source(), project).stream())
                        .forEach(lost -> report.add(changeset.source(), step.element(),
                                "An older application may still use %s.".formatted(lost), "labels: contract"))));
    }

    private static List<String> lost(Statement statement, Source source, Project project) {
        Optional<Matcher> drop = statement.matches(DROP_TABLE);
        if (drop.isPresent()) {
            return Pattern.compile(NAME).matcher(drop.get().group(2)).results().map(name -> name.group(1))
                    .filter(table -> isTable(table, project) && project.isExisting(table, source)).toList();
        }
        return statement.actions()
                .filter(action -> project.isExisting(action.table(), source))
                .flatMap(action -> lost(action, source, project).stream()).toList();
    }

    private static Optional<String> lost(Action action, Source source, Project project) {
        Optional<Matcher> drop = action.matches(DROP_COLUMN);
        if (drop.isPresent()) {
            String column = action.table() + "." + drop.get().group(3);
            // What no changeset adds can only be left over from a rollback.
            boolean leftOver = drop.get().group(2) != null && !isAdded(column, project.changesets().stream());
            return leftOver || isAdded(column, project.changesets(source)) ? Optional.empty() : Optional.of(column);
        }
        return action.matches(RENAME).map(rename -> rename.group(3) == null
                        ? action.table() : action.table() + "." + rename.group(3))
                .filter(name -> !isAdded(name, project.changesets(source)));
    }

    private static boolean isAdded(String column, Stream<Changeset> changesets) {
        return changesets.anyMatch(changeset -> changeset.columns().containsKey(column));
    }

    private static void dataChange(Project project, Rule.Report report) {
        for (Changeset changeset : project.changesets()) {
            if (!changeset.runsInProduction()) {
                continue;
            }
            Source source = changeset.source();
            changeset.steps().forEach(step -> step.statements().forEach(statement -> written(statement, source, project)
                    .ifPresent(table -> report(table, changeset, step, report))));
        }
    }

    private static void report(String table, Changeset changeset, Step step, Rule.Report report) {
        report.add(changeset.source(), step.element(),
                "This moves rows of %s in one statement.".formatted(table), Instead.backfill(table));
    }

    private static boolean isTable(String name, Project project) {
        return project.changesets().stream().anyMatch(changeset -> changeset.created().contains(name));
    }

    /** The existing table whose rows a statement writes, or reads to write others. */
    private static Optional<String> written(Statement statement, Source source, Project project) {
        return statement.matches(WRITE).map(write -> write.group(5))
                .or(() -> statement.matches(INSERT).flatMap(insert -> SOURCE.matcher(statement.bare()).results()
                        .map(read -> read.group(1))
                        .filter(table -> isTable(table, project) && project.isExisting(table, source)).findFirst()))
                .filter(table -> project.isExisting(table, source) && !SMALL.contains(table));
    }
}
