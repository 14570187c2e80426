package dev.supportdb.lint;

import static dev.supportdb.postgres.SqlStatement.NAME;
import static dev.supportdb.postgres.SqlStatement.pattern;

import dev.supportdb.postgres.SqlStatement;
import dev.supportdb.postgres.SqlStatement.Action;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What an older application does not survive, and what goes with it. */
final class DestructiveChangeRules {

    private static final Pattern DROP_TABLE = pattern("drop table (if exists )?(.+)");
    private static final Pattern DROP_COLUMN = pattern("drop (?!constraint\\b|not\\b)(column )?(if exists )?" + NAME);
    private static final Pattern RENAME = pattern("rename (?!constraint\\b)(column )?(" + NAME + " )?to\\b");
    private static final Pattern MOVE = pattern("set schema\\b");

    /** With nothing in it that is a column's type or a trigger's function: those PostgreSQL does not drop. */
    private static final Pattern DROP =
            pattern("drop (view|materialized view|sequence|function|procedure) (if exists )?(.+)");
    private static final Pattern ALTER = pattern("alter (view|materialized view|sequence|function|procedure|type|schema"
            + "|domain) (?:if exists )?" + NAME + "\\s*(?:\\(.*?\\)\\s*)?\\s"
            + "(?:rename (?:(?!constraint\\b)\\w+ .*)?to\\b|set schema\\b|drop attribute\\b)");
    private static final Pattern TRIGGER_FUNCTION = Pattern.compile("\\breturns\\s+(event_)?trigger\\b");

    private static final Pattern CASCADE = pattern("(?:drop|truncate) .*\\bcascade\\s*$");
    private static final Pattern DROP_ANY = pattern("drop (table|materialized view|event trigger|foreign table|\\w+) "
            + "(?:concurrently )?(?:if exists )?(.+)");
    private static final Pattern DROP_OWNED = pattern("drop owned\\b");

    static final List<Rule> RULES = List.of(
            new Rule("contract", "A table, column, view, function or value of an enum goes, or gets another name, in "
                    + "the phase contract: until then an older application uses it.", DestructiveChangeRules::contract),
            new Rule("cascade", "What goes is named: with cascade goes also what nobody has looked at, and no rollback "
                    + "gives it back.", DestructiveChangeRules::cascade));

    private DestructiveChangeRules() {
    }

    private static void contract(ChangelogProject project, Rule.Report report) {
        StatementAt.all(project).stream().filter(found -> !found.back() && !found.changeset().isContract())
                .forEach(found -> lost(found).forEach(lost -> found.report(report,
                        "An older application may still use %s.".formatted(lost), "labels: contract")));
    }

    private static List<String> lost(StatementAt found) {
        ChangelogProject project = found.project();
        ChangelogFile source = found.source();
        Optional<Matcher> table = found.statement().matches(DROP_TABLE);
        if (table.isPresent()) {
            return SqlStatement.names(table.get().group(2))
                    .filter(name -> project.isTable(name) && found.isExisting(name)).toList();
        }
        Optional<Matcher> drop = found.statement().matches(DROP);
        if (drop.isPresent()) {
            String kind = drop.get().group(1).replaceAll("\\s+", " ");
            return SqlStatement.names(drop.get().group(3)).filter(name -> !project.isOwn(kind, name, source)
                    && !isLeftOver(drop.get().group(2), kind, name, project)
                    && !isTriggerFunction(name, project)).toList();
        }
        Optional<Matcher> alter = found.statement().matches(ALTER);
        if (alter.isPresent() && !project.isOwn(alter.get().group(1), alter.get().group(2), source)) {
            return List.of(alter.get().group(2));
        }
        boolean key = found.step().kind().equals("dropPrimaryKey");
        return Stream.concat(
                found.actions().stream().flatMap(action -> lost(action, source, project).stream()),
                Stream.of(found.step().element().text("tableName")).filter(of -> key && found.isExisting(of))
                        .map("the key of "::concat)).distinct().toList();
    }

    private static Optional<String> lost(Action action, ChangelogFile source, ChangelogProject project) {
        Optional<Matcher> drop = action.matches(DROP_COLUMN);
        if (drop.isPresent()) {
            String column = action.table() + "." + drop.get().group(3);
            // What no changeset adds can only be left over from a rollback.
            boolean leftOver = drop.get().group(2) != null && !isAdded(column, project.changesets().stream());
            return leftOver || isAdded(column, project.changesets(source)) ? Optional.empty() : Optional.of(column);
        }
        return action.matches(RENAME).map(rename -> rename.group(3) == null
                        ? action.table() : action.table() + "." + rename.group(3))
                .or(() -> action.matches(MOVE).map(move -> action.table()))
                // A view is renamed as a table is.
                .filter(name -> !isAdded(name, project.changesets(source)) && !project.isOwn("view", name, source));
    }

    /** The tables, and columns as {@code table.column}, that a rollback drops and its changeset has made. */
    static Stream<String> dropped(StatementAt found) {
        Stream<String> tables = found.statement().matches(DROP_TABLE).stream()
                .flatMap(drop -> SqlStatement.names(drop.group(2))).filter(found.changeset().created()::contains);
        return Stream.concat(tables, found.statement().actions().flatMap(action -> action.matches(DROP_COLUMN)
                .map(drop -> action.table() + "." + drop.group(3)).stream())
                .filter(found.changeset().columns()::containsKey));
    }

    private static boolean isAdded(String column, Stream<ParsedChangeset> changesets) {
        return changesets.anyMatch(changeset -> changeset.columns().containsKey(column));
    }

    private static boolean isLeftOver(String ifExists, String kind, String name, ChangelogProject project) {
        return ifExists != null && project.forward().noneMatch(statement ->
                statement.makes().filter(new SqlStatement.Made(kind, name)::equals).isPresent());
    }

    /** No application calls one, and while a trigger does it cannot go. */
    private static boolean isTriggerFunction(String name, ChangelogProject project) {
        return project.forward().anyMatch(statement -> statement.makes()
                .filter(made -> Set.of("function", "procedure").contains(made.kind()) && made.name().equals(name))
                .isPresent() && TRIGGER_FUNCTION.matcher(statement.bare()).find());
    }

    private static void cascade(ChangelogProject project, Rule.Report report) {
        for (StatementAt found : StatementAt.all(project)) {
            SqlStatement statement = found.statement();
            boolean cascade = statement.matches(CASCADE).isPresent() && !isOwn(found);
            boolean part = found.actions().stream().anyMatch(action -> action.matches(CASCADE).isPresent()
                    && !action.matches(DROP_COLUMN).filter(column -> isAdded(action.table() + "." + column.group(3),
                            project.changesets(found.source()))).isPresent());
            if (cascade || part || statement.matches(DROP_OWNED).isPresent()) {
                found.report(report, "This drops also what is not named here.",
                        "# each by its name, and last\n"
                        + Suggestion.sql(List.of(statement.matches(DROP_OWNED).isPresent()
                                ? "drop …" : statement.text().strip().replaceFirst("(?i)\\s+cascade$", ""))));
            }
        }
    }

    /** Whether all that it drops was made in its file: what depends on that came later, and has gone before. */
    private static boolean isOwn(StatementAt found) {
        return found.statement().matches(DROP_ANY).filter(drop -> SqlStatement.names(drop.group(2)).allMatch(name ->
                found.project().isOwn(drop.group(1).replaceAll("\\s+", " "), name, found.source()))).isPresent();
    }
}
