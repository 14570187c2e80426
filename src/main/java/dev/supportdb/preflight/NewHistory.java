package dev.supportdb.preflight;

import dev.supportdb.postgres.Sql;
import dev.supportdb.session.SupportDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import liquibase.exception.LiquibaseException;
import liquibase.lockservice.LockService;
import liquibase.lockservice.LockServiceFactory;

/**
 * The history table that Liquibase creates when it reads the changelog of a first run, which may be refused after that.
 */
final class NewHistory {

    private NewHistory() {
    }

    /**
     * Drops the table, unless another run has written into it.
     *
     * @param refused the reason of the refusal; a failure of the drop is added to it as suppressed
     */
    static void drop(SupportDatabase database, Exception refused) {
        LockService lock = LockServiceFactory.getInstance().getLockService(database);
        try {
            boolean isNested = lock.hasChangeLogLock();
            // If another first run has the lock, it is about to write into the table.
            if (!isNested && !lock.acquireLock()) {
                return;
            }
            try {
                drop(database);
            } finally {
                if (!isNested) {
                    lock.releaseLock();
                }
            }
        } catch (LiquibaseException | SQLException e) {
            refused.addSuppressed(e);
        }
    }

    private static void drop(SupportDatabase database) throws SQLException, LiquibaseException {
        database.rollback();
        Connection connection = database.getConnection().getUnderlyingConnection();
        String table = database.escapeTableName(database.getLiquibaseCatalogName(), database.getLiquibaseSchemaName(),
                database.getDatabaseChangeLogTableName());
        if (new PrivilegeCheck(database).hasHistory() && !Sql.exists(connection, "table " + table + " limit 1")) {
            Sql.execute(connection, "drop table " + table);
            database.commit();
        }
        database.rollback();
    }
}
