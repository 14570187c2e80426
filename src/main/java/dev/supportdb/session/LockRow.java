package dev.supportdb.session;

import dev.supportdb.postgres.LockRetry;
import dev.supportdb.postgres.PrintableText;
import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import liquibase.database.Database;
import liquibase.util.NetUtil;

/**
 * The row of Liquibase's own lock table, for runs of Liquibase without this project. Only the holder of the
 * {@link AdvisoryLock} takes and releases it, so a row that a killed run of ours has left is recognised as stale.
 *
 * @param schema  the schema of both tables
 * @param table   the lock table, as written in SQL
 * @param history the history table, as written in SQL
 */
record LockRow(Connection connection, String schema, String table, String history) {

    /** The start of the holder's name for runs of this project. */
    private static final String OURS = "support-db";

    static LockRow of(Database database, Connection connection) {
        return new LockRow(connection, database.getLiquibaseSchemaName(),
                name(database, database.getDatabaseChangeLogLockTableName()),
                name(database, database.getDatabaseChangeLogTableName()));
    }

    private static String name(Database database, String table) {
        return database.escapeTableName(database.getLiquibaseCatalogName(), database.getLiquibaseSchemaName(), table);
    }

    /** Returns whether Liquibase has created the table and its row. */
    boolean exists() throws SQLException {
        return Sql.isTrue(connection, "select to_regclass(?) is not null", table)
                && Sql.exists(connection, "select from %s where id = 1".formatted(table));
    }

    /** Takes the row without waiting for a session that writes it; the caller commits. */
    boolean tryTake() throws SQLException {
        try {
            return Sql.update(connection, """
                    update %s set locked = true, lockgranted = localtimestamp,
                        lockedby = '%s, pid ' || pg_backend_pid() || ' from ' || ?
                    where id = 1 and (not locked or lockedby like '%2$s,%%')
                    """.formatted(table, OURS), NetUtil.getLocalHostName()) == 1;
        } catch (SQLException e) {
            if (LockRetry.isForLock(e)) {
                return false;
            }
            throw e;
        }
    }

    /** Releases the row, whoever holds it. Drops the table if a first run was refused and has left no history. */
    void release() throws SQLException {
        if (Sql.exists(connection, """
                select from pg_class
                where oid = to_regclass(?) and pg_has_role(relowner, 'usage') and to_regclass(?) is null
                """, table, history)) {
            Sql.execute(connection, "drop table " + table);
        } else if (exists()) {
            Sql.update(connection,
                    "update %s set locked = false, lockgranted = null, lockedby = null where id = 1 and locked"
                            .formatted(table));
        }
    }

    /** Describes a run of Liquibase alone that holds the row; empty also if this role may not see it. */
    Optional<String> otherHolder() throws SQLException {
        // Without the privilege on the schema, to_regclass is an error.
        boolean isReadable = Sql.exists(connection, """
                select from pg_namespace where nspname = ? and case when has_schema_privilege(oid, 'usage')
                    then has_table_privilege(to_regclass(?), 'select') end
                """, schema, table);
        return !isReadable ? Optional.empty() : Sql.optionalRow(connection, """
                select lockedby || ', since ' || date_trunc('second', lockgranted) from %s
                where id = 1 and locked and lockedby not like '%s,%%'
                """.formatted(table, OURS), row -> PrintableText.line(row.getString(1)));
    }
}
