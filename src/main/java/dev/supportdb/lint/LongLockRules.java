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

/** What holds a lock on a table that is in use for as long as it takes to read or write all its rows. */
final class LongLockRules {

    private static final Pattern CHECKED =
            pattern("add (constraint " + NAME + " )?(foreign key|check)\\b(?!.*\\bnot valid\\s*$)");

    /** A column that is added together with a constraint, which then cannot be {@code not valid}. */
    static final String NEW_COLUMN =
            "add (column )?(if not exists )?(?!(?:constraint|unique|primary|foreign|check|exclude)\\b)" + NAME + " ";
    private static final Pattern NEW_CHECKED = pattern(NEW_COLUMN + ".*?\\b(check\\s*\\(.*)");
    /** Without a default there is nothing in it to check. */
    private static final Pattern NEW_REFERRING = pattern(NEW_COLUMN + "(?=.*\\bdefault\\b).*?\\b(references .*)");

    private static final Pattern EXCLUDED = pattern("add (?:constraint " + NAME + " )?exclude\\b");
    private static final Pattern ATTACHED = pattern("attach partition " + NAME);
    private static final Pattern VALIDATED = pattern("validate constraint\\b");

    private static final Pattern ADDED = pattern(NEW_COLUMN + "(.*)");
    private static final Pattern CALL = pattern(".*\\bdefault (?:(?!\\b(?:not null|references|check)\\b).)*?"
            + "(?<![:\\w])(?!(?:references|check)\\b)(\\w+)\\s*\\(");
    private static final Pattern DRAWN = pattern(".*\\b(serial|bigserial|smallserial|identity|stored)\\b");

    /** The same in all rows, so it is computed once. */
    private static final Set<String> STABLE = Set.of("now", "transaction_timestamp", "statement_timestamp");

    static final List<Rule> RULES = List.of(
            new Rule("constraint-not-valid", "A check or foreign key on an existing table is added NOT VALID, and then "
                    + "validated while everybody works; a partition has such a check before it is attached.",
                    LongLockRules::constraint),
            new Rule("volatile-default", "A column is added without a default that differs by row: it would write all "
                    + "rows while nobody else can read.", LongLockRules::volatileDefault));

    private LongLockRules() {
    }

    private static void constraint(ChangelogProject project, Rule.Report report) {
        for (StatementAt found : StatementAt.all(project)) {
            for (Action action : found.actions()) {
                action.matches(CHECKED).ifPresent(check ->
                        checked(found, action, check.group(2), action.text(), report));
                action.matches(NEW_CHECKED).ifPresent(check ->
                        checked(found, action, null, "add " + action.text().substring(check.start(4)), report));
                action.matches(NEW_REFERRING).ifPresent(check -> checked(found, action, null,
                        "add foreign key (%s) %s".formatted(check.group(3), action.text().substring(check.start(4))),
                        report));
                action.matches(EXCLUDED).ifPresent(excluded -> found.report(report,
                        "This locks %s while all its rows are compared, and can be done in no other way."
                                .formatted(action.table()),
                        Suggestion.allowed("constraint-not-valid", "on a new table, filled in batches; or", found)));
            }
            found.statement().actions().forEach(action -> action.matches(ATTACHED).map(part -> part.group(1))
                    .filter(part -> found.isExisting(part) && !isValidated(part, found))
                    .ifPresent(part -> found.report(report,
                            "This locks %s while all its rows are checked.".formatted(part),
                            Suggestion.constraint(part, "ck_" + part + "_partition", "check (…)")
                                    + "# then, in a changeset of its own\nchanges:\n"
                                    + Suggestion.sql(List.of(found.statement().text())).indent(2))));
        }
    }

    /** Whether its file has validated a constraint of it; that it says the same as the bounds, nobody here can tell. */
    private static boolean isValidated(String table, StatementAt at) {
        return at.project().changesets(at.source()).flatMap(changeset -> changeset.steps())
                .flatMap(step -> step.statements().stream())
                .takeWhile(statement -> statement != at.statement()).flatMap(SqlStatement::actions)
                .anyMatch(action -> action.table().equals(table) && action.matches(VALIDATED).isPresent());
    }

    private static void checked(StatementAt found, Action action, String name, String adds, Rule.Report report) {
        found.report(report, "This locks %s while all its rows are checked.".formatted(action.table()),
                Suggestion.constraint(action.table(), name, adds));
    }

    private static void volatileDefault(ChangelogProject project, Rule.Report report) {
        for (StatementAt found : StatementAt.all(project)) {
            for (Action action : found.actions()) {
                Optional<Matcher> added = action.matches(ADDED);
                if (added.isPresent() && isVolatile(added.get().group(4))) {
                    found.report(report, "This writes all rows of %s while nobody else can read them."
                            .formatted(action.table()),
                            Suggestion.column(action.table(), added.get().group(3), added.get().group(4)));
                }
            }
        }
    }

    private static boolean isVolatile(String definition) {
        Matcher call = CALL.matcher(definition);
        return call.lookingAt() && !STABLE.contains(call.group(1)) || DRAWN.matcher(definition).lookingAt();
    }
}
