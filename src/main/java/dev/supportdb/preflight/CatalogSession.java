package dev.supportdb.preflight;

import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;

/**
 * A transaction of questions to the catalogue, in which a name means what the server has by it, whatever others have
 * put into the search path. Closing it rolls it back.
 *
 * @param schema        of the changelog's tables
 * @param historySchema of Liquibase's own table
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

    /** Returns whether the history has a row; one that may not be read has, for all that is known. */
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
