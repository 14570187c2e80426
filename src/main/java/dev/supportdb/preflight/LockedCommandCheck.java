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
        if (command.getDependency(Database.class) instanceof SupportDatabase database && database.hasRules()
                && command.getDependency(DatabaseChangeLog.class) == null
                && new PlannedRun(command, database).mayWrite()) {
            if (new PlannedRun(command, database).onlyLooks() && new PrivilegeCheck(database).hasHistory()) {
                // The command reads the history, which needs neither the lock nor the right to write.
                return;
            }
            Preflight.printable(() -> check(command, database));
        }
        super.run(resultsBuilder);
    }

    /** Refuses a command that writes nothing but Liquibase's own tables. */
    static void check(CommandScope command, SupportDatabase database) throws Exception {
        new ReadOnlyCheck(database).check();
        new SearchPathCheck(database).check();
        new PrivilegeCheck(database).checkWriting(command);
    }
}
