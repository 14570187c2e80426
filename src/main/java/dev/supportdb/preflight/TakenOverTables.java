package dev.supportdb.preflight;

import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.database.Database;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.DatabaseException;

/**
 * Finds tables of the changelog whose storage is not PostgreSQL's own: distributed by Citus, chunked by TimescaleDB,
 * with another access method, or foreign tables. A run would stop half-way on them: at a row lock, a trigger, or a
 * CREATE INDEX CONCURRENTLY.
 */
final class TakenOverTables {

    /** Selects such tables. Percona's {@code tde_heap} is accepted: it stores rows as {@code heap} does, encrypted. */
    private static final String TABLES = """
            select format('%%I.%%I', n.nspname, c.relname), x.way, format(x.back, c.oid::regclass)
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            left join pg_am a on a.oid = c.relam
            cross join lateral (
                select 'it is a foreign table', 'run this on the server that has the table'
                where c.relkind = 'f'
                union all
                select 'its access method is ' || amname, 'alter table %%s set access method heap;'
                where amname not in ('heap', 'tde_heap') and c.relkind = 'r'
                %s
            ) x (way, back)
            where n.nspname = ? and c.relname = any (?)
            order by 1
            """;

    private static final String CITUS = """
            union all
            select 'Citus has it in pg_dist_partition', 'select undistribute_table(%L);'
            where exists (select from pg_catalog.pg_dist_partition where logicalrelid = c.oid)
            """;

    private static final String TIMESCALE = """
            union all
            select 'it is a hypertable of TimescaleDB', 'copy its rows to a plain table that gets the name %s'
            where exists (select from _timescaledb_catalog.hypertable
                          where (schema_name, table_name) = (n.nspname, c.relname))
            """;

    private final Database database;

    TakenOverTables(Database database) {
        this.database = database;
    }

    /** Refuses a run and names all these tables, each with the statement that makes it an ordinary table again. */
    void check(DatabaseChangeLog changeLog) throws SQLException, DatabaseException, CommandExecutionException {
        try (CatalogSession session = CatalogSession.of(database)) {
            Connection connection = session.connection();
            String extensions = ifThere(connection, "pg_catalog.pg_dist_partition", CITUS)
                    + ifThere(connection, "_timescaledb_catalog.hypertable", TIMESCALE);
            List<String> tables = Sql.rows(connection, TABLES.formatted(extensions),
                    row -> "- %s: %s\n    %s".formatted(row.getString(1), row.getString(2), row.getString(3)),
                    session.schema(), connection.createArrayOf("text", NamedObjects.in(changeLog).created()));
            if (!tables.isEmpty()) {
                throw new CommandExecutionException("""
                        These tables are not kept by PostgreSQL itself, and the changelog cannot change them. Nothing \
                        has been changed. Make them plain tables first, or keep them out of this database:
                        %s
                        docs/backfills.md#what-is-assumed-of-the-server says what such tables lack."""
                        .formatted(String.join("\n", tables)));
            }
        }
    }

    private static String ifThere(Connection connection, String table, String query) throws SQLException {
        return Sql.text(connection, "select to_regclass(?)::text", table) == null ? "" : query;
    }
}
