package dev.supportdb.lint;

import static dev.supportdb.postgres.SqlStatement.NAME;
import static dev.supportdb.postgres.SqlStatement.pattern;

import dev.supportdb.postgres.PlPgSqlBody;
import dev.supportdb.postgres.SqlStatement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import liquibase.change.AbstractSQLChange;
import liquibase.change.custom.CustomChangeWrapper;

/** What moves rows, and what cannot be read before it does. */
final class DataChangeRules {

    /** The engine's own, with a row for each backfill. */
    private static final Set<String> SMALL = Set.of("backfills", "backfill_ranges");

    private static final Pattern WRITE =
            pattern("(?:with .*[()]\\s*)?(?:update|delete from|merge into) (?:only )?" + NAME);
    private static final Pattern TRUNCATE = pattern("truncate (?:table )?(.+)");
    private static final Pattern COPY = pattern("copy (?:binary )?" + NAME + "\\s*(?:\\([^)]*\\)\\s*)?\\sfrom\\b");
    private static final Pattern INSERT = pattern("(?:with .*\\) )?insert into " + NAME + "\\b.*");
    private static final Pattern CREATE = pattern("create (?:unlogged )?table (?!.*\\bwith no data\\b)"
            + "(?:if not exists )?" + NAME + "\\b.*?\\bas[\\s(]+(?:select|table|with)\\b.*");
    private static final Pattern SOURCE =
            Pattern.compile("\\b(?:from|join|table)\\s+(?:only\\s+)?" + NAME + "(?!\\s*\\()");

    private static final Pattern FUNCTION = pattern("create (?:or replace )?(?:function|procedure) " + NAME);
    private static final Pattern CALLS =
            pattern("(?:(?:select|perform|call|with|values|insert|update|delete|return)\\b|\\w+\\s*:?=)");
    private static final Pattern CALL = Pattern.compile("\\b" + NAME + "\\s*\\(");

    private static final Pattern EXECUTE = pattern("execute\\b");

    static final List<Rule> RULES = List.of(
            new Rule("data-change", "Rows of an existing table move in batches: one statement would hold all its locks "
                    + "to its end.", DataChangeRules::dataChange),
            new Rule("dynamic-sql", "SQL stands in the file as it is executed: of what is put together when it runs, "
                    + "nobody can say before what it does.", DataChangeRules::dynamic));

    private DataChangeRules() {
    }

    private static void dataChange(ChangelogProject project, Rule.Report report) {
        Map<String, List<SqlStatement>> functions = new HashMap<>();
        project.forward().forEach(statement -> statement.matches(FUNCTION)
                .ifPresent(function -> functions.computeIfAbsent(function.group(1), name -> new ArrayList<>())
                        .addAll(PlPgSqlBody.body(statement))));
        for (StatementAt found : StatementAt.all(project)) {
            Set<String> tables = new HashSet<>();
            run(found.statement(), functions, new HashSet<>()).forEach(statement ->
                    written(statement, found).filter(tables::add).ifPresent(table -> found.report(report,
                            "This moves rows of %s in one statement.".formatted(table), Suggestion.backfill(table))));
        }
    }

    /** The statement, and those of the functions it calls. */
    private static List<SqlStatement> run(SqlStatement statement, Map<String, List<SqlStatement>> functions,
            Set<String> seen) {
        List<SqlStatement> all = new ArrayList<>(List.of(statement));
        if (statement.matches(CALLS).isPresent()) {
            CALL.matcher(statement.bare()).results().map(call -> call.group(1)).filter(functions::containsKey)
                    .filter(seen::add).flatMap(function -> functions.get(function).stream())
                    .forEach(inner -> all.addAll(run(inner, functions, seen)));
        }
        return all;
    }

    /** The existing table whose rows a statement writes, or reads to write others. */
    private static Optional<String> written(SqlStatement statement, StatementAt found) {
        return statement.matches(WRITE).or(() -> statement.matches(COPY)).map(write -> write.group(1))
                .or(() -> statement.matches(TRUNCATE).flatMap(truncate -> SqlStatement.names(truncate.group(1))
                        .filter(found::isExisting).findFirst()))
                .or(() -> statement.matches(INSERT).or(() -> statement.matches(CREATE))
                        .flatMap(insert -> SOURCE.matcher(statement.bare()).results().map(source -> source.group(1))
                                .filter(table -> found.project().isTable(table) && found.isExisting(table))
                                .findFirst()))
                .filter(table -> found.isExisting(table) && !SMALL.contains(table));
    }

    private static void dynamic(ChangelogProject project, Rule.Report report) {
        StatementAt.all(project).stream()
                // Liquibase itself writes such for some of its changes.
                .filter(found -> found.step().change() instanceof AbstractSQLChange
                        || found.step().change() instanceof CustomChangeWrapper)
                .filter(found -> found.statement().matches(EXECUTE).isPresent()
                        && PlPgSqlBody.executed(found.statement()).isEmpty())
                .forEach(found -> found.report(report, "What this executes is not known before it runs.", """
                        # in full, as a statement of its own; or, where the names are not known before:
                        # lint: allow dynamic-sql: <what it comes to, and why that hurts nobody>
                        - %s: …
                        """.formatted(found.step().kind())));
    }
}
