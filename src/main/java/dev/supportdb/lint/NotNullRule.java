package dev.supportdb.lint;

import static dev.supportdb.postgres.SqlStatement.NAME;
import static dev.supportdb.postgres.SqlStatement.pattern;

import dev.supportdb.postgres.SqlStatement;
import dev.supportdb.postgres.SqlStatement.Action;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A column that from now on has a value in every row. */
final class NotNullRule {

    static final Rule RULE = new Rule("not-null", "SET NOT NULL, and a primary key, come after a validated check, else "
            + "all rows are read while nobody else can; a new column is filled before it.", NotNullRule::find);

    /** Not a check of it. */
    private static final String REQUIRES = "(?<!\\bis\\s{1,9})\\bnot null";

    /** With a check that says the same: it is no more than a mark in the catalogue. */
    private static final Pattern REQUIRED = pattern("alter (?:column )?" + NAME + " set not null");
    private static final Pattern CONSTRAINT =
            pattern("add (?:constraint \\S+ )?not null " + NAME + "(?!.*\\bnot valid\\s*$)");
    private static final Pattern NULLABLE = pattern("alter (?:column )?" + NAME + " drop not null");
    private static final Pattern CHECK = pattern("add constraint " + NAME + " check\\b.*");
    private static final Pattern VALIDATED = pattern("validate constraint " + NAME);
    private static final Pattern PROVES = Pattern.compile("\"?(\\w+)\"?\\s+is\\s+not\\s+null\\b");

    private static final Pattern OR = Pattern.compile("\\bor\\b");

    private static final Pattern KEY = pattern("add (?:constraint " + NAME + " )?primary key using index " + NAME);
    private static final Pattern INDEX =
            pattern("create unique index (?:concurrently )?(?:if not exists )?" + NAME + " on [^(]*\\(([^)]*)\\)");

    /** An identity and the like give each row a value. */
    private static final Pattern ADDED = pattern(LongLockRules.NEW_COLUMN + "(?=.*" + REQUIRES + "\\b)"
            + "(?!.*\\b(?:default|generated|serial|bigserial|smallserial)\\b)(.*)");
    private static final Pattern DEFINED = pattern(NAME + "\\s.*?(" + REQUIRES + "|\\bprimary key)\\b");
    private static final Pattern DEFINED_LATER =
            pattern("add (?:column )?(?:if not exists )?(?!constraint\\b)" + NAME + "\\s.*" + REQUIRES + "\\b");
    private static final Pattern KEY_OF = pattern("(?:constraint " + NAME + " )?primary key\\s*\\(([^)]*)\\)");

    private NotNullRule() {
    }

    private static void find(ChangelogProject project, Rule.Report report) {
        for (StatementAt found : StatementAt.all(project)) {
            for (Action action : found.actions()) {
                action.matches(REQUIRED).or(() -> action.matches(CONSTRAINT)).map(column -> column.group(1))
                        .filter(column -> !isKnown(action.table(), column, found))
                        .ifPresent(column -> report(action.table(), column, found, report));
                action.matches(KEY).ifPresent(key -> columns(key.group(2), project)
                        .filter(column -> !isKnown(action.table(), column, found))
                        .forEach(column -> report(action.table(), column, found, report)));
                action.matches(ADDED).ifPresent(column -> found.report(report,
                        "Rows that are in %s already would have no %s.".formatted(action.table(), column.group(3)),
                        Suggestion.column(action.table(), column.group(3), column.group(4))
                                + "# in changesets after that\n"
                                + Suggestion.required(action.table(), column.group(3))));
            }
        }
    }

    private static void report(String table, String column, StatementAt found, Rule.Report report) {
        found.report(report, "This reads all rows of %s while nobody else can.".formatted(table),
                Suggestion.required(table, column));
    }

    private static Stream<String> columns(String index, ChangelogProject project) {
        return project.forward().flatMap(statement -> statement.matches(INDEX).stream())
                .filter(made -> made.group(1).equals(index)).limit(1)
                .flatMap(made -> SqlStatement.names(made.group(2)));
    }

    /** Whether its file has validated a check that says so, or the column is required anyway. */
    static boolean isKnown(String table, String column, StatementAt at) {
        List<Action> earlier = new ArrayList<>();
        List<ParsedChangeset> changesets = at.back() ? List.of(at.changeset())
                : at.project().changesets(at.source()).toList();
        for (SqlStatement statement : before(at, changesets, at.back())) {
            statement.actions().filter(action -> action.table().equals(table)).forEach(earlier::add);
        }
        boolean proven = earlier.stream().anyMatch(check -> check.matches(CHECK).filter(name -> proves(check, column)
                && earlier.stream().anyMatch(action -> action.matches(VALIDATED)
                        .filter(validated -> validated.group(1).equals(name.group(1))).isPresent())).isPresent());
        return proven || required(at).contains(table + "." + column);
    }

    private static boolean proves(Action check, String column) {
        return !OR.matcher(check.bare()).find() && PROVES.matcher(check.bare()).results()
                .anyMatch(proven -> proven.group(1).equals(column));
    }

    private static List<SqlStatement> before(StatementAt at, List<ParsedChangeset> changesets, boolean back) {
        return changesets.stream().flatMap(changeset -> (back ? changeset.back() : changeset.forward()).stream())
                .flatMap(step -> step.statements().stream())
                .takeWhile(statement -> statement != at.statement()).toList();
    }

    /** The columns, as {@code table.column}, that cannot be null when this statement runs. */
    private static Set<String> required(StatementAt at) {
        Set<String> required = new HashSet<>();
        List<ParsedChangeset> changesets = at.project().changesets();
        int last = changesets.indexOf(at.changeset());
        for (SqlStatement statement : before(at, changesets.subList(0, last + 1), false)) {
            statement.creates().ifPresent(table -> statement.parts().forEach(part -> {
                part.matches(DEFINED).map(column -> column.group(1)).filter(name -> !name.equals("constraint"))
                        .ifPresent(column -> required.add(table + "." + column));
                part.matches(KEY_OF).ifPresent(key -> SqlStatement.names(key.group(2))
                        .forEach(column -> required.add(table + "." + column)));
            }));
            statement.actions().forEach(action -> {
                action.matches(REQUIRED).or(() -> action.matches(DEFINED_LATER))
                        .ifPresent(column -> required.add(action.table() + "." + column.group(1)));
                action.matches(NULLABLE).ifPresent(column -> required.remove(action.table() + "." + column.group(1)));
            });
        }
        return required;
    }
}
