package dev.supportdb.preflight;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import liquibase.change.core.CreateTableChange;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.database.Database;
import liquibase.exception.CommandExecutionException;

/** Whether the user may do what a migration does. */
final class PrivilegeCheck {

    /** A schema of the search path that the user may not even see is none to the server; by default it is this one. */
    private static final String DEFAULT_SCHEMA = "public";

    private final Database database;
    private final Connection connection;
    private final String schema;

    PrivilegeCheck(Database database) {
        this.database = database;
        this.connection = database.getConnection().getUnderlyingConnection();
        this.schema = Objects.requireNonNullElse(database.getDefaultSchemaName(), DEFAULT_SCHEMA);
    }

    /** Whether Liquibase's history table is there. */
    boolean hasHistory() throws SQLException {
        return !texts("select 1 from pg_tables where schemaname = ? and tablename = ?",
                historySchema(), database.getDatabaseChangeLogTableName()).isEmpty();
    }

    /** What can be asked before Liquibase makes tables of its own. */
    void checkSchema() throws SQLException, CommandExecutionException {
        List<String> missing = texts("""
                select format('grant usage, create on schema %I to %I;', nspname, current_user)
                from pg_namespace
                where nspname = ? and not (has_schema_privilege(oid, 'usage') and has_schema_privilege(oid, 'create'))
                """, schema);
        if (!missing.isEmpty()) {
            throw refusal("may not create anything in schema %s of database %s. As the owner of the schema run:"
                    .formatted(schema, connection.getCatalog()), missing);
        }
        List<String> history = texts("""
                select format('grant select, insert, update, delete on %I.%I to %I;', nspname, relname, current_user)
                from pg_class c join pg_namespace n on n.oid = relnamespace
                where nspname = ? and relname = ?
                  and not (has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'insert')
                       and has_table_privilege(c.oid, 'update') and has_table_privilege(c.oid, 'delete'))
                """, historySchema(), database.getDatabaseChangeLogTableName());
        if (!history.isEmpty()) {
            throw refusal("may not write the history of the migrations. As its owner run:", history);
        }
    }

    /** Only an owner may alter a table. Tables that the changelog does not name may belong to anybody. */
    void checkTables(DatabaseChangeLog changeLog) throws SQLException, CommandExecutionException {
        String[] tables = changeLog.getChangeSets().stream()
                .flatMap(changeSet -> changeSet.getChanges().stream())
                .filter(CreateTableChange.class::isInstance)
                .map(change -> ((CreateTableChange) change).getTableName())
                .toArray(String[]::new);
        List<String> foreign = texts("""
                select format('alter table %I.%I owner to %I;', nspname, relname, current_user)
                from pg_class c join pg_namespace n on n.oid = relnamespace
                where nspname = ? and relname = any (?) and relkind in ('r', 'p')
                  and not pg_has_role(relowner, 'usage')
                order by relname
                """, schema, connection.createArrayOf("text", tables));
        if (!foreign.isEmpty()) {
            throw refusal("does not own all tables, so may not alter them. As the owner or a superuser run:", foreign);
        }
    }

    private String historySchema() {
        return Objects.requireNonNullElse(database.getLiquibaseSchemaName(), schema);
    }

    private CommandExecutionException refusal(String what, List<String> remedy) throws SQLException {
        return new CommandExecutionException("User %s %s\n  %s\nNothing has been changed."
                .formatted(texts("select current_user").get(0), what, String.join("\n  ", remedy)));
    }

    private List<String> texts(String sql, Object... parameters) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                if (parameters[i] instanceof Array array) {
                    query.setArray(i + 1, array);
                } else {
                    query.setObject(i + 1, parameters[i]);
                }
            }
            List<String> texts = new ArrayList<>();
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    texts.add(row.getString(1));
                }
            }
            return texts;
        }
    }
}
