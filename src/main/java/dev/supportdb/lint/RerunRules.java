package dev.supportdb.lint;

import static dev.supportdb.postgres.SqlStatement.NAME;
import static dev.supportdb.postgres.SqlStatement.pattern;

import dev.supportdb.lint.ParsedChangeset.Step;
import dev.supportdb.postgres.SqlStatement;
import dev.supportdb.postgres.SqlStatement.Action;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import liquibase.change.AbstractSQLChange;
import liquibase.change.custom.CustomChangeWrapper;

/** What comes of a changeset that is broken off, or cut into the wrong statements. */
final class RerunRules {

    /** Twice is once. */
    private static final Pattern SAFE = pattern("(do|end|lock|select|set|comment on|analyze|vacuum|reindex|grant|revoke"
            + "|refresh|create or replace|alter sequence|alter role)\\b");
    private static final Pattern SAFE_ACTION = pattern("validate constraint|alter (column )?" + NAME
            + " ((set|drop) (not null|default)|set statistics|(set data )?type)|set \\(|enable|disable");
    private static final Pattern DROP =
            pattern("drop (materialized view|\\w+) (concurrently )?(if exists )?" + NAME + ".*");
    private static final Pattern CREATE = pattern("create (unique )?(materialized view|unlogged table|\\w+) "
            + "(concurrently )?(if not exists )?" + NAME + ".*");
    private static final Pattern DROP_PART = pattern("drop (?:(constraint|column) )?(if exists )?" + NAME + ".*");
    private static final Pattern ADD_PART = pattern("add (?:(constraint|column) )?(if not exists )?" + NAME + ".*");

    private static final Pattern BODY = Pattern.compile(
            "\\$(\\w*)\\$(?:(?!\\$\\1\\$).)*;.*?\\$\\1\\$|\\bbegin\\s+atomic\\b.*;",
            Pattern.DOTALL | Pattern.CASE_INSENSITIVE);

    static final String VALID = "valid";

    static final List<Rule> RULES = List.of(
            new Rule(VALID, "A change is complete and its values are right, as far as Liquibase can tell without a "
                    + "database.", RerunRules::valid),
            new Rule("rerunnable", "Outside a transaction each statement is safe to run again, for the whole changeset "
                    + "is when one has failed.", RerunRules::rerunnable),
            new Rule("split", "A body with semicolons has splitStatements: false, else Liquibase cuts it into pieces.",
                    RerunRules::split));

    private RerunRules() {
    }

    private static void valid(ChangelogProject project, Rule.Report report) {
        project.changesets().forEach(changeset -> changeset.steps().distinct()
                // Parameters that are dropped are missed as well.
                .filter(step -> FileFormatRules.wrongParameters(step.element()).findAny().isEmpty())
                .forEach(step -> step.errors().forEach(error -> report.add(changeset.source(), step.element(),
                        "Liquibase says: %s.".formatted(sentence(error)), "- %s: …".formatted(step.kind())))));
    }

    /** Without the classes that threw it, and what it says below. */
    static String sentence(String error) {
        return error.replaceFirst("(?s).*Exception: |^(Error parsing \\S+ : )+", "").lines().findFirst().orElse(error)
                .replaceFirst("[.:]$", "");
    }

    private static void rerunnable(ChangelogProject project, Rule.Report report) {
        project.changesets().stream().filter(ParsedChangeset::isOutsideTransaction).forEach(changeset -> {
            rerunnable(changeset, changeset.forward(), report);
            rerunnable(changeset, changeset.back(), report);
        });
    }

    private static void rerunnable(ParsedChangeset changeset, List<Step> steps, Rule.Report report) {
        // What a new run takes away before, or makes before.
        Set<String> gone = new HashSet<>();
        Set<String> there = new HashSet<>();
        for (Step step : steps) {
            if (step.change() instanceof CustomChangeWrapper) {
                continue; // The engine knows how far it came.
            }
            for (SqlStatement statement : step.statements()) {
                for (String unsafe : unsafe(statement, gone, there)) {
                    report.add(changeset.source(), step.element(),
                            "Run again after a failure, this fails or does it twice.", unsafe);
                }
            }
        }
    }

    private static List<String> unsafe(SqlStatement statement, Set<String> gone, Set<String> there) {
        List<Action> actions = statement.actions().toList();
        if (!actions.isEmpty()) {
            return actions.stream().flatMap(action -> unsafe(action, gone, there).stream()).toList();
        }
        Optional<Matcher> drop = statement.matches(DROP);
        Optional<Matcher> create = statement.matches(CREATE);
        if (statement.matches(SAFE).isPresent() || statement.has("on conflict")) {
            return List.of();
        }
        if (drop.isPresent()) {
            return drop(drop.get().group(3) != null, drop.get().group(4), gone, there)
                    ? List.of() : List.of("- sql: " + written(statement, "drop " + drop.get().group(1)
                            + optional(drop.get().group(2)), drop.get().group(2) == null
                            && drop.get().group(1).equals("index") ? "concurrently if exists" : "if exists"));
        }
        if (create.isPresent()) {
            boolean index = create.get().group(2).equals("index");
            there.add(create.get().group(5));
            // What a killed build has left is invalid, and there.
            return gone.contains(create.get().group(5)) || !index && create.get().group(4) != null ? List.of()
                    : List.of("- sql: drop %s %sif exists %s%n- sql: %s".formatted(create.get().group(2),
                            index ? "concurrently " : "", create.get().group(5), statement.text()));
        }
        return statement.has("if (not )?exists") ? List.of()
                : List.of("# in a transaction, without runInTransaction: false\n- sql: " + statement.text());
    }

    private static String optional(String word) {
        return word == null ? "" : " " + word.strip();
    }

    private static String written(SqlStatement statement, String beginning, String words) {
        return statement.text().replaceAll("\\s+", " ").replaceFirst("(?i)" + beginning, beginning + " " + words);
    }

    private static List<String> unsafe(Action action, Set<String> gone, Set<String> there) {
        Optional<Matcher> drop = action.matches(DROP_PART);
        Optional<Matcher> add = action.matches(ADD_PART);
        if (action.matches(SAFE_ACTION).isPresent()) {
            return List.of();
        }
        if (drop.isPresent()) {
            return drop(drop.get().group(2) != null, drop.get().group(3), gone, there) ? List.of()
                    : List.of("- sql: alter table %s drop %s if exists %s".formatted(action.table(),
                            drop.get().group(1) == null ? "column" : drop.get().group(1), drop.get().group(3)));
        }
        if (add.isPresent()) {
            there.add(add.get().group(3));
            return add.get().group(2) != null || gone.contains(add.get().group(3)) ? List.of()
                    : List.of("constraint".equals(add.get().group(1))
                            ? "- sql: alter table %s drop constraint if exists %s%n- sql: alter table %s %s".formatted(
                                    action.table(), add.get().group(3), action.table(), action.text())
                            : "- sql: alter table %s %s".formatted(action.table(),
                                    action.text().replaceFirst("(?i)add( column)?", "add column if not exists")));
        }
        return List.of("# in a transaction, without runInTransaction: false\n- sql: alter table %s %s"
                .formatted(action.table(), action.text()));
    }

    /** Whether it is safe: it asks first, or this changeset has made it before. */
    private static boolean drop(boolean asks, String name, Set<String> gone, Set<String> there) {
        if (asks) {
            gone.add(name);
        }
        return asks || there.contains(name);
    }

    private static void split(ChangelogProject project, Rule.Report report) {
        for (ParsedChangeset changeset : project.changesets()) {
            changeset.steps()
                    .filter(step -> step.change() instanceof AbstractSQLChange sql
                            && !Boolean.FALSE.equals(sql.isSplitStatements()))
                    .filter(step -> step.statements().stream()
                            .anyMatch(statement -> BODY.matcher(statement.text()).find()))
                    .forEach(step -> report.add(changeset.source(), step.element(),
                            "Liquibase cuts this body at its semicolons.", Suggestion.unsplit(step)));
        }
    }
}
