package dev.supportdb.lint;

import static dev.supportdb.postgres.SqlStatement.NAME;
import static dev.supportdb.postgres.SqlStatement.pattern;

import dev.supportdb.postgres.SqlStatement;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** An index comes and goes beside those who work with its table. */
final class ConcurrentIndexRule {

    static final Rule RULE = new Rule("index-concurrently", "An index on an existing table is built, built again and "
            + "dropped concurrently, so that the table can be used meanwhile.", ConcurrentIndexRule::find);

    private static final Pattern INDEX =
            pattern("create (unique )?index (?!concurrently)(if not exists )?(" + NAME + " )?on (only )?" + NAME);
    private static final Pattern ANY =
            pattern("create (?:unique )?index (?:concurrently )?(?:if not exists )?" + NAME + " on (?:only )?" + NAME);
    private static final Pattern ADDED =
            pattern("add (constraint " + NAME + " )?(unique|primary key) (?!using)[^(]*\\(([^)]*)\\)");
    private static final Pattern WITH_COLUMN = pattern(LongLockRules.NEW_COLUMN + ".*\\b(unique|primary key)\\b");
    private static final Pattern DROP = pattern("drop index (?!concurrently)(?:if exists )?(.+)");
    private static final Pattern REINDEX = pattern("reindex (\\([^)]*\\)\\s*)?(index|table|schema|database|system)"
            + "( (?!concurrently)" + NAME + ")?\\s*$");
    private static final Pattern ALONE = pattern("(create (unique )?index concurrently|drop index concurrently"
            + "|reindex .*\\bconcurrently|reindex (schema|database|system)|vacuum)\\b");

    private ConcurrentIndexRule() {
    }

    private static void find(ChangelogProject project, Rule.Report report) {
        for (StatementAt found : StatementAt.all(project)) {
            created(found, report);
            found.statement().matches(DROP).ifPresent(drop -> SqlStatement.names(drop.group(1))
                    .filter(index -> isInUse(index, found))
                    .forEach(index -> found.report(report, "This locks the table of %s against everybody."
                            .formatted(index), Suggestion.outsideTransaction(
                                    List.of("drop index concurrently if exists " + index)))));
            found.statement().matches(REINDEX).filter(reindex -> isInUse(reindex, found)).ifPresent(reindex ->
                    found.report(report, "This locks what it builds again against writers.",
                            Suggestion.outsideTransaction(
                            List.of("reindex %s concurrently %s".formatted(reindex.group(2).replace("system", "schema"),
                                    reindex.group(4) == null ? "…" : reindex.group(4))))));
            found.statement().matches(ALONE).filter(index -> !found.changeset().isOutsideTransaction())
                    .ifPresent(index -> found.report(report, "PostgreSQL refuses this in a transaction.",
                            "runInTransaction: false"));
        }
    }

    private static void created(StatementAt found, Rule.Report report) {
        found.statement().matches(INDEX).filter(index -> found.isExisting(index.group(6)))
                .ifPresent(index -> found.report(report, "This locks %s against writers while it is built."
                        .formatted(index.group(6)), Suggestion.concurrently(index.group(4), found.statement())));
        found.actions().forEach(action -> {
            String message = "This locks %s while its index is built.".formatted(action.table());
            action.matches(ADDED).ifPresent(index -> found.report(report, message,
                    required(action.table(), index, found) + Suggestion.uniqueConstraint(action.table(),
                            index.group(2) == null ? action.table() + "_key" : index.group(2),
                            index.group(3).replaceAll("\\s+", " "), index.group(4))));
            action.matches(WITH_COLUMN).ifPresent(index -> found.report(report, message, Suggestion.uniqueConstraint(
                    action.table(), action.table() + "_" + index.group(3) + "_key",
                    index.group(4), index.group(3))));
        });
    }

    /** What the columns of a primary key have to be before. */
    private static String required(String table, Matcher index, StatementAt found) {
        return SqlStatement.names(index.group(4)).filter(column -> index.group(3).startsWith("primary")
                        && !NotNullRule.isKnown(table, column, found))
                .map(column -> Suggestion.required(table, column) + "# then, in a changeset of its own\n")
                .collect(Collectors.joining());
    }

    /** Of one that no file builds, nobody knows the table. */
    private static boolean isInUse(String index, StatementAt found) {
        return table(index, found.project()).map(found::isExisting).orElse(true);
    }

    private static boolean isInUse(Matcher reindex, StatementAt found) {
        boolean said = reindex.group(1) != null && reindex.group(1).contains("concurrently");
        return !said && switch (reindex.group(2)) {
            case "index" -> isInUse(String.valueOf(reindex.group(4)), found);
            case "table" -> found.isExisting(String.valueOf(reindex.group(4)));
            default -> true;
        };
    }

    private static Optional<String> table(String index, ChangelogProject project) {
        return project.forward().flatMap(statement -> statement.matches(ANY).stream())
                .filter(made -> made.group(1).equals(index)).map(made -> made.group(2)).findFirst();
    }
}
