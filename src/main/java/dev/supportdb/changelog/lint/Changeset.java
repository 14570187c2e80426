package dev.supportdb.changelog.lint;

import dev.supportdb.changelog.Phase;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
record Changeset(Source source, Element element, ChangeSet parsed, List<Step> forward, List<Step> back) {

    /** What a full update runs, and what is about production. */
    private static final Contexts PRODUCTION = new Contexts("production");

    /** A change where it is written, and its SQL; a backfill's batches are none of it. */
    record Step(Element element, Change change, List<String> errors, String sql, List<Statement> statements) {

        /** @param errors what Liquibase has against it */
        Step(Element element, Change change, List<String> errors, String sql) {
            this(element, change, errors, sql, Statement.of(sql));
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

    /** False for what only other environments get, such as demo data. */
    boolean runsInProduction() {
        return Stream.concat(Stream.of(parsed.getContextFilter()), parsed.getInheritableContextFilter().stream())
                .allMatch(filter -> filter.matches(PRODUCTION));
    }

    Stream<Step> steps() {
        return Stream.concat(forward.stream(), back.stream());
    }

    /** The tables it makes, on its way forward. */
    Set<String> created() {
        return forward.stream().flatMap(step -> step.statements().stream())
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
