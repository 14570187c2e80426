package dev.supportdb.lint;

import dev.supportdb.changelog.LabelFilter;
import dev.supportdb.changelog.Phase;
import dev.supportdb.postgres.SqlStatement;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.ContextExpression;
import liquibase.Contexts;
import liquibase.change.Change;
import liquibase.change.core.AddColumnChange;
import liquibase.change.core.CreateTableChange;
import liquibase.changelog.ChangeSet;

/**
 * A changeset as written and as Liquibase parses it.
 *
 * @param forward its changes in order
 * @param back    the changes of its rollback, in order
 */
record ParsedChangeset(ChangelogFile source, YamlElement element, ChangeSet parsed, List<Step> forward,
        List<Step> back) {

    private static final String PRODUCTION = "production";

    /** Contexts in which a table may be locked. Any other context may be that of a production database. */
    private static final Set<String> OTHERS = Set.of("dev", "test", "staging");

    /** A change with its place in the file and its SQL, without the batches of a backfill. */
    record Step(YamlElement element, Change change, List<String> errors, String sql, List<SqlStatement> statements) {

        /** @param errors the validation errors of Liquibase */
        Step(YamlElement element, Change change, List<String> errors, String sql) {
            this(element, change, errors, sql, SqlStatement.of(sql));
        }

        String kind() {
            return element.key();
        }
    }

    String id() {
        return element.text("id");
    }

    boolean isOutsideTransaction() {
        return !parsed.isRunInTransaction();
    }

    boolean isContract() {
        return Phase.of(parsed).contains(Phase.CONTRACT);
    }

    /** Returns false if the changeset only runs in environments that are not production, such as demo data. */
    boolean runsInProduction() {
        List<ContextExpression> filters = Stream.concat(Stream.of(parsed.getContextFilter()),
                parsed.getInheritableContextFilter().stream()).toList();
        Stream<String> named = filters.stream().flatMap(filter -> filter.getContexts().stream())
                .flatMap(words -> LabelFilter.names(words).stream()).filter(name -> !OTHERS.contains(name));
        return Stream.concat(Stream.of(PRODUCTION), named)
                .anyMatch(context -> filters.stream().allMatch(filter -> filter.matches(new Contexts(context))));
    }

    Stream<Step> steps() {
        return Stream.concat(forward.stream(), back.stream());
    }

    /** The statements of an update. */
    Stream<SqlStatement> statements() {
        return forward.stream().flatMap(step -> step.statements().stream());
    }

    /** The tables that an update creates. */
    Set<String> created() {
        return statements()
                .flatMap(statement -> statement.creates().stream()).collect(Collectors.toSet());
    }

    /** The columns that an update adds, as {@code table.column}, with their types; without those that SQL adds. */
    Map<String, String> columns() {
        Map<String, String> types = new HashMap<>();
        for (Step step : forward) {
            if (step.change() instanceof CreateTableChange create) {
                create.getColumns().forEach(column -> types.put(create.getTableName() + "." + column.getName(),
                        String.valueOf(column.getType()).toLowerCase(Locale.ROOT)));
            } else if (step.change() instanceof AddColumnChange add) {
                add.getColumns().forEach(column -> types.put(add.getTableName() + "." + column.getName(),
                        String.valueOf(column.getType()).toLowerCase(Locale.ROOT)));
            }
        }
        return types;
    }
}
