package dev.supportdb.preflight;

import java.util.regex.Pattern;
import java.util.stream.Stream;
import liquibase.change.AbstractSQLChange;
import liquibase.change.Change;
import liquibase.change.core.CreateTableChange;
import liquibase.changelog.DatabaseChangeLog;

/** Names of what a changelog creates, whether a database has it or not. */
final class NamedObjects {

    private static final Pattern CREATED = Pattern.compile("""
            \\bcreate\\s+(?:or\\s+replace\\s+|unlogged\\s+)?(table|function)\\s+(?:if\\s+not\\s+exists\\s+)?\
            (?:public\\.)?"?(\\w+)""", Pattern.CASE_INSENSITIVE);

    private NamedObjects() {
    }

    static String[] tables(DatabaseChangeLog changeLog) {
        return names(changeLog, "table");
    }

    static String[] functions(DatabaseChangeLog changeLog) {
        return names(changeLog, "function");
    }

    private static String[] names(DatabaseChangeLog changeLog, String kind) {
        return changeLog.getChangeSets().stream().flatMap(changeSet -> changeSet.getChanges().stream())
                .flatMap(change -> names(change, kind)).distinct().toArray(String[]::new);
    }

    private static Stream<String> names(Change change, String kind) {
        if (change instanceof CreateTableChange table) {
            return kind.equals("table") ? Stream.of(table.getTableName()) : Stream.empty();
        }
        return change instanceof AbstractSQLChange sql
                ? CREATED.matcher(sql.getSql()).results()
                        .filter(created -> created.group(1).equalsIgnoreCase(kind)).map(created -> created.group(2))
                : Stream.empty();
    }
}
