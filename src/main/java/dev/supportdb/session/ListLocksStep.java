package dev.supportdb.session;

import dev.supportdb.postgres.Sql;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import liquibase.command.CommandOverride;
import liquibase.command.CommandResultsBuilder;
import liquibase.command.core.ListLocksCommandStep;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.lockservice.DatabaseChangeLogLock;
import liquibase.lockservice.LockServiceFactory;

/**
 * Lists who holds the lock, and does nothing else. Liquibase's own step first creates a missing history table without a
 * lock, and a first run that creates it at the same time would fail.
 */
@CommandOverride(override = ListLocksCommandStep.class)
public final class ListLocksStep extends ListLocksCommandStep {

    @Override
    public void run(CommandResultsBuilder results) throws Exception {
        if (!(results.getCommandScope().getDependency(Database.class) instanceof SupportDatabase database)) {
            super.run(results);
            return;
        }
        OutputStream output = results.getOutputStream();
        PrintStream lines = new PrintStream(output == null ? System.out : output, true, StandardCharsets.UTF_8);
        DatabaseChangeLogLock[] locks = LockServiceFactory.getInstance().getLockService(database).listLocks();
        lines.println("Database change log locks for %s@%s"
                .formatted(database.getConnection().getConnectionUserName(), database.getConnection().getURL()));
        if (isStandby(database)) {
            lines.println(" - This server is a standby. Locks are taken on the primary: run the same command there.");
        } else if (locks.length == 0) {
            lines.println(" - No locks");
        }
        for (DatabaseChangeLogLock lock : locks) {
            lines.println(" - " + lock.getLockedBy());
        }
        results.addResult("statusCode", 0);
    }

    private static boolean isStandby(SupportDatabase database) throws SQLException {
        return database.getConnection() instanceof JdbcConnection jdbc
                && Sql.isTrue(jdbc.getUnderlyingConnection(), "select pg_is_in_recovery()");
    }
}
