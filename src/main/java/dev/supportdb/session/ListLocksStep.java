package dev.supportdb.session;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import liquibase.command.CommandOverride;
import liquibase.command.CommandResultsBuilder;
import liquibase.command.core.ListLocksCommandStep;
import liquibase.database.Database;
import liquibase.lockservice.DatabaseChangeLogLock;
import liquibase.lockservice.LockServiceFactory;

/**
 * Says who has the lock, and does no more than that. Liquibase's own begins with making the table of what has run where
 * there is none, without any lock, and a first run that makes it at the same time would fail.
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
        if (locks.length == 0) {
            lines.println(" - No locks");
        }
        for (DatabaseChangeLogLock lock : locks) {
            lines.println(" - %s, connected since %s".formatted(
                    lock.getLockedBy(), lock.getLockGranted().toInstant().truncatedTo(ChronoUnit.SECONDS)));
        }
        results.addResult("statusCode", 0);
    }
}
