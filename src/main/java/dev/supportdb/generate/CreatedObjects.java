package dev.supportdb.generate;

import java.util.regex.Pattern;
import java.util.stream.Stream;
import liquibase.change.Change;
import liquibase.change.core.AddColumnChange;
import liquibase.change.core.CreateTableChange;
import liquibase.change.core.RawSQLChange;
import liquibase.changelog.ChangeSet;

/** The objects that a changeset creates: tables, types, and columns of existing tables, as {@code table.column}. */
final class CreatedObjects {

    private static final String NAME = "(?:public\\.)?\"?(\\w+)\"?";
    private static final Pattern CREATED = Pattern.compile(
            "\\bcreate\\s+(?:table|type)\\s+(?:if\\s+not\\s+exists\\s+)?" + NAME, Pattern.CASE_INSENSITIVE);
    private static final Pattern ADDED = Pattern.compile("\\balter\\s+table\\s+(?:if\\s+exists\\s+)?(?:only\\s+)?"
            + NAME + "\\s+add\\s+column\\s+(?:if\\s+not\\s+exists\\s+)?" + NAME, Pattern.CASE_INSENSITIVE);

    private CreatedObjects() {
    }

    static Stream<String> of(ChangeSet changeSet) {
        return changeSet.getChanges().stream().flatMap(CreatedObjects::of);
    }

    private static Stream<String> of(Change change) {
        if (change instanceof CreateTableChange table) {
            return Stream.of(table.getTableName());
        }
        if (change instanceof AddColumnChange add) {
            return add.getColumns().stream().map(column -> add.getTableName() + "." + column.getName());
        }
        return change instanceof RawSQLChange raw ? of(raw.getSql()) : Stream.empty();
    }

    private static Stream<String> of(String sql) {
        return Stream.concat(CREATED.matcher(sql).results().map(made -> made.group(1)),
                ADDED.matcher(sql).results().map(added -> added.group(1) + "." + added.group(2)));
    }
}
