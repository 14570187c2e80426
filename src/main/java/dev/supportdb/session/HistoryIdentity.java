package dev.supportdb.session;

import dev.supportdb.postgres.LockRetry;
import dev.supportdb.postgres.Sql;
import dev.supportdb.postgres.UserMessages;
import java.sql.Connection;
import java.sql.SQLException;
import liquibase.database.Database;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.DatabaseException;

/**
 * Sets the replica identity of a history table that an earlier version of this project, or Liquibase alone, has
 * created.
 */
public final class HistoryIdentity {

    /** Selects a history table without a replica identity: default or nothing, and no primary key. */
    private static final String MISSING = """
            select pg_has_role(c.relowner, 'usage') as ours, c.relreplident <> 'f' and exists (
                select from pg_publication_tables p join pg_publication b on b.pubname = p.pubname
                where p.schemaname = n.nspname and p.tablename = c.relname and (b.pubupdate or b.pubdelete)) as stops
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.oid = to_regclass(?) and c.relreplident in ('d', 'n')
              and not exists (select from pg_index where indrelid = c.oid and indisprimary)
            """;

    private record Missing(boolean ours, boolean stops) {}

    private HistoryIdentity() {
    }

    static String statement(Database database) {
        return "ALTER TABLE " + table(database) + " REPLICA IDENTITY FULL";
    }

    private static String table(Database database) {
        return database.escapeTableName(database.getLiquibaseCatalogName(), database.getLiquibaseSchemaName(),
                database.getDatabaseChangeLogTableName());
    }

    /**
     * Sets the identity, unless the table belongs to another role; then a publication that needs one is a reason to
     * refuse.
     *
     * @param connection the connection of the database; its transaction is ended
     */
    public static void ensure(Database database, Connection connection)
            throws SQLException, DatabaseException, CommandExecutionException {
        String table = table(database);
        Missing missing = Sql.optionalRow(connection, MISSING,
                row -> new Missing(row.getBoolean("ours"), row.getBoolean("stops")), table).orElse(null);
        database.rollback();
        if (missing == null) {
            return;
        }
        if (missing.ours()) {
            alter(database, connection);
        } else if (missing.stops()) {
            throw new CommandExecutionException("""
                    Cannot delete from the history of the migrations: a publication includes it, and it has no \
                    replica identity. Nothing has been changed. As the owner of the table run:
                      %s;""".formatted(statement(database)));
        }
    }

    private static void alter(Database database, Connection connection) throws SQLException, DatabaseException {
        LockRetry retry = new LockRetry(connection, UserMessages.ofScope());
        while (true) {
            try {
                Sql.execute(connection, statement(database));
                database.commit();
                return;
            } catch (SQLException e) {
                database.rollback();
                if (!LockRetry.isForLock(e) || !retry.mayRetry(e)) {
                    throw e;
                }
            }
        }
    }
}
