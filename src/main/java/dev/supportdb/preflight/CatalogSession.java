package dev.supportdb.preflight;

import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;

/**
 * A transaction for queries of the catalogue, in which names mean the server's own objects, whatever the search path
 * contains. Closing it rolls it back.
 *
 * @param schema        the schema of the changelog's tables
 * @param historySchema the schema of Liquibase's own tables
 */
record CatalogSession(Database database, Connection connection, String schema, String historySchema)
        implements AutoCloseable {

    static CatalogSession of(Database database) throws SQLException, DatabaseException {
        Connection connection = ((JdbcConnection) database.getConnection()).getUnderlyingConnection();
        // Liquibase reads the default schema once, and keeps it.
        String schema = Objects.requireNonNullElse(database.getDefaultSchemaName(), "public");
        String historySchema = Objects.requireNonNullElse(database.getLiquibaseSchemaName(), schema);
        database.rollback();
        Sql.execute(connection, "set local search_path = pg_catalog, pg_temp");
        return new CatalogSession(database, connection, schema, historySchema);
    }

    /** Returns whether the history has a row. A history that this role may not read counts as having one. */
    boolean hasHistory() throws SQLException {
        return Sql.optionalRow(connection, """
                select case when has_table_privilege(c.oid, 'select')
                    then format('table %I.%I limit 1', nspname, relname) else 'select 1' end
                from pg_class c join pg_namespace n on n.oid = relnamespace
                where nspname = ? and lower(relname) = lower(?)
                limit 1
                """, row -> Sql.exists(connection, row.getString(1)),
                historySchema, database.getDatabaseChangeLogTableName()).orElse(false);
    }

    @Override
    public void close() throws DatabaseException {
        database.rollback();
    }
}
