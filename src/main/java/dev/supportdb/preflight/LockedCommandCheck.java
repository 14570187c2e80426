package dev.supportdb.preflight;

import dev.supportdb.session.SupportDatabase;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.command.CommandOverride;
import liquibase.command.CommandResultsBuilder;
import liquibase.command.CommandScope;
import liquibase.command.core.helpers.LockServiceCommandStep;
import liquibase.database.Database;

/** Checks a command that writes and reads no changelog, such as {@code tag}: {@link Preflight} does not see it. */
@CommandOverride(override = LockServiceCommandStep.class)
public final class LockedCommandCheck extends LockServiceCommandStep {

    @Override
    public void run(CommandResultsBuilder resultsBuilder) throws Exception {
        CommandScope command = resultsBuilder.getCommandScope();
        if (command.getDependency(Database.class) instanceof SupportDatabase database
                && command.getDependency(DatabaseChangeLog.class) == null
                && new PlannedRun(command, database).mayWrite()) {
            Preflight.printable(() -> {
                new ReadOnlyCheck(database).check();
                new SearchPathCheck(database).check();
            });
        }
        super.run(resultsBuilder);
    }
}
