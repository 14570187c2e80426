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
 * A changeset as it is written and as Liquibase understands it.
 *
 * @param forward its changes in their order
 * @param back    those of its rollback, in theirs
 */
record ParsedChangeset(ChangelogFile source, YamlElement element, ChangeSet parsed, List<Step> forward,
        List<Step> back) {

    private static final String PRODUCTION = "production";

    /** Contexts in which a table may be locked. Any other may be that of a database in use. */
    private static final Set<String> OTHERS = Set.of("dev", "test", "staging");

    /** A change where it is written, and its SQL; a backfill's batches are none of it. */
    record Step(YamlElement element, Change change, List<String> errors, String sql, List<SqlStatement> statements) {

        /** @param errors what Liquibase has against it */
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

    /** False for what only environments get of which it is known that they are none, such as demo data. */
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

    /** On its way forward. */
    Stream<SqlStatement> statements() {
        return forward.stream().flatMap(step -> step.statements().stream());
    }

    /** The tables it makes, on its way forward. */
    Set<String> created() {
        return statements()
                .flatMap(statement -> statement.creates().stream()).collect(Collectors.toSet());
    }

    /** The columns it adds, as {@code table.column}, with their types; not those that SQL adds. */
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
