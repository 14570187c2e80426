package dev.supportdb.session;

import liquibase.command.CommandOverride;
import liquibase.command.CommandResultsBuilder;
import liquibase.command.core.helpers.OutputWriterCommandStep;
import liquibase.database.Database;

/** Begins every script for review with the lock timeout and the time zone that a real run has in its session. */
@CommandOverride(override = OutputWriterCommandStep.class)
public final class ScriptStart extends OutputWriterCommandStep {

    @Override
    public void run(CommandResultsBuilder resultsBuilder) throws Exception {
        super.run(resultsBuilder);
        Object database = resultsBuilder.getCommandScope().getDependency(Database.class);
        if (database instanceof SupportDatabase support) {
            support.setLockTimeout(SessionSettings.SHORT);
            support.setTimeZone();
        }
    }
}
