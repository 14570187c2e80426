package dev.supportdb.changelog.lint;

import static dev.supportdb.changelog.lint.Statement.NAME;
import static dev.supportdb.changelog.lint.Statement.pattern;

import dev.supportdb.changelog.lint.Changeset.Step;
import dev.supportdb.changelog.lint.Statement.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What holds a lock on a table that is in use for as long as it takes to read or write all its rows. */
final class LockRules {

    private static final Pattern INDEX =
            pattern("create (unique )?index (?!concurrently)(if not exists )?(" + NAME + " )?on (only )?" + NAME);
    private static final Pattern CONCURRENTLY = pattern("(create (unique )?index|drop index|reindex .*) concurrently");
    private static final Pattern INDEXED =
            pattern("add (constraint " + NAME + " )?(unique|primary key) (?!using)[^(]*\\(([^)]*)\\)");
    private static final Pattern CHECKED =
            pattern("add (constraint " + NAME + " )?(foreign key|check)\\b(?!.*not valid)");

    /** A column that is added together with a constraint, which then cannot be {@code not valid}. */
    private static final String NEW_COLUMN =
            "add (column )?(if not exists )?(?!(?:constraint|unique|primary|foreign|check|exclude)\\b)" + NAME + " ";
    private static final Pattern NEW_INDEXED = pattern(NEW_COLUMN + ".*\\b(unique|primary key)\\b");
    private static final Pattern NEW_CHECKED = pattern(NEW_COLUMN + ".*?\\b(check\\s*\\(.*)");
    /** Without a default there is nothing in it to check. */
    private static final Pattern NEW_REFERRING = pattern(NEW_COLUMN + "(?=.*\\bdefault\\b).*?\\b(references .*)");

    private static final Pattern REQUIRED = pattern("alter (column )?" + NAME + " set not null");
    private static final Pattern CHECK = pattern("add constraint " + NAME + " check .*");
    private static final Pattern VALIDATED = pattern("validate constraint " + NAME);
    private static final Pattern ADDED = pattern("add (column )?(if not exists )?" + NAME + " (.*)");
    private static final Pattern CALL = pattern(".*\\bdefault (?:(?!\\b(?:not null|references|check)\\b).)*?"
            + "(?<![:\\w])(?!(?:references|check)\\b)(\\w+)\\s*\\(");
    private static final Pattern DRAWN = pattern(".*\\b(serial|bigserial|smallserial|identity|stored)\\b");

    /** The same in all rows, so it is computed once. */
    private static final Set<String> STABLE = Set.of("now", "transaction_timestamp", "statement_timestamp");

    static final List<Rule> RULES = List.of(
            new Rule("index-concurrently", "An index on an existing table is built concurrently, so that it can be "
                    + "written meanwhile.", LockRules::index),
            new Rule("constraint-not-valid", "A check or foreign key on an existing table is added NOT VALID, and then "
                    + "validated while everybody works.", LockRules::constraint),
            new Rule("not-null", "SET NOT NULL comes after a validated check, else it reads all rows while nobody else "
                    + "can.", LockRules::notNull),
            new Rule("volatile-default", "A column is added without a default that differs by row: it would write all "
                    + "rows while nobody else can read.", LockRules::volatileDefault));

    private LockRules() {
    }

    /** One statement on a table that was there before, where it stands. */
    private record Found(Changeset changeset, Step step, Statement statement) {

        void report(Rule.Report report, String message, String instead) {
            report.add(changeset.source(), step.element(), message, instead);
        }
    }

    private static List<Found> all(Project project) {
        List<Found> all = new ArrayList<>();
        project.changesets().stream().filter(Changeset::runsInProduction).forEach(changeset ->
                changeset.steps().forEach(step -> step.statements().forEach(statement ->
                        all.add(new Found(changeset, step, statement)))));
        return all;
    }

    private static void index(Project project, Rule.Report report) {
        for (Found found : all(project)) {
            Source source = found.changeset().source();
            found.statement().matches(INDEX).filter(index -> project.isExisting(index.group(6), source))
                    .ifPresent(index -> found.report(report, "This locks %s against writers while it is built."
                            .formatted(index.group(6)), Instead.concurrently(index.group(4), found.statement())));
            found.statement().matches(CONCURRENTLY).filter(index -> !found.changeset().isOutsideTransaction())
                    .ifPresent(index -> found.report(report, "PostgreSQL refuses this in a transaction.",
                            "runInTransaction: false"));
            existing(found, project).forEach(action -> action.matches(INDEXED).ifPresent(index -> {
                String name = index.group(2) == null ? action.table() + "_key" : index.group(2);
                found.report(report, "This locks %s while its index is built.".formatted(action.table()),
                        Instead.uniqueConstraint(action.table(), name, index.group(3), index.group(4)));
            }));
            existing(found, project).forEach(action -> action.matches(NEW_INDEXED).ifPresent(index ->
                    found.report(report, "This locks %s while its index is built.".formatted(action.table()),
                            Instead.uniqueConstraint(action.table(), action.table() + "_" + index.group(3) + "_key",
                                    index.group(4), index.group(3)))));
        }
    }

    private static List<Action> existing(Found found, Project project) {
        return found.statement().actions()
                .filter(action -> project.isExisting(action.table(), found.changeset().source())).toList();
    }

    private static void constraint(Project project, Rule.Report report) {
        for (Found found : all(project)) {
            for (Action action : existing(found, project)) {
                action.matches(CHECKED).ifPresent(check ->
                        checked(found, action, check.group(2), action.text(), report));
                action.matches(NEW_CHECKED).ifPresent(check ->
                        checked(found, action, null, "add " + action.text().substring(check.start(4)), report));
                action.matches(NEW_REFERRING).ifPresent(check -> checked(found, action, null,
                        "add foreign key (%s) %s".formatted(check.group(3), action.text().substring(check.start(4))),
                        report));
            }
        }
    }

    private static void checked(Found found, Action action, String name, String adds, Rule.Report report) {
        found.report(report, "This locks %s while all its rows are checked.".formatted(action.table()),
                Instead.constraint(action.table(), name, adds));
    }

    private static void notNull(Project project, Rule.Report report) {
        for (Found found : all(project)) {
            for (Action action : existing(found, project)) {
                Optional<Matcher> column = action.matches(REQUIRED);
                if (column.isPresent() && !isProven(action.table(), column.get().group(2), found, project)) {
                    found.report(report, "This reads all rows of %s while nobody else can.".formatted(action.table()),
                            Instead.required(action.table(), column.get().group(2)));
                }
            }
        }
    }

    /** Whether an earlier statement of the file has validated a check of it. */
    private static boolean isProven(String table, String column, Found at, Project project) {
        List<Action> earlier = new ArrayList<>();
        boolean back = at.changeset().back().contains(at.step());
        List<Changeset> changesets = back ? List.of(at.changeset())
                : project.changesets(at.changeset().source()).toList();
        for (Changeset changeset : changesets) {
            for (Step step : back ? changeset.back() : changeset.forward()) {
                for (Statement statement : step.statements()) {
                    if (statement == at.statement()) {
                        return earlier.stream().anyMatch(check -> check.table().equals(table)
                                && check.bare().matches("(?s).*\\b" + column + "\\s+is\\s+not\\s+null\\b.*")
                                && check.matches(CHECK).filter(name -> earlier.stream().anyMatch(action -> action
                                        .matches(VALIDATED).filter(validated -> validated.group(1)
                                                .equals(name.group(1))).isPresent())).isPresent());
                    }
                    statement.actions().forEach(earlier::add);
                }
            }
        }
        return false;
    }

    private static void volatileDefault(Project project, Rule.Report report) {
        for (Found found : all(project)) {
            for (Action action : existing(found, project)) {
                Optional<Matcher> added = action.matches(ADDED).filter(column ->
                        !Set.of("constraint", "unique", "primary", "foreign", "check").contains(column.group(3)));
                if (added.isPresent() && isVolatile(added.get().group(4))) {
                    found.report(report, "This writes all rows of %s while nobody else can read them."
                            .formatted(action.table()),
                            Instead.column(action.table(), added.get().group(3), added.get().group(4)));
                }
            }
        }
    }

    private static boolean isVolatile(String definition) {
        Matcher call = CALL.matcher(definition);
        return call.lookingAt() && !STABLE.contains(call.group(1)) || DRAWN.matcher(definition).lookingAt();
    }
}
