package dev.supportdb.session;

import dev.supportdb.postgres.SynchronousStandbys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import liquibase.Scope;
import liquibase.command.CommandOverride;
import liquibase.command.CommandResultsBuilder;
import liquibase.command.CommandScope;
import liquibase.command.core.helpers.OutputWriterCommandStep;
import liquibase.database.Database;
import liquibase.executor.Executor;
import liquibase.executor.ExecutorService;

/** Begins every script for review with the order to stop at an error and with the settings that a run has. */
@CommandOverride(override = OutputWriterCommandStep.class)
public final class ScriptHeaderStep extends OutputWriterCommandStep {

    @Override
    public void run(CommandResultsBuilder resultsBuilder) throws Exception {
        CommandScope command = resultsBuilder.getCommandScope();
        ExecutorService executors = Scope.getCurrentScope().getSingleton(ExecutorService.class);
        if (!(command.getDependency(Database.class) instanceof SupportDatabase database) || !database.hasRules()) {
            super.run(resultsBuilder);
            return;
        }
        Executor reader = executors.getExecutor("jdbc", database);
        super.run(resultsBuilder);
        ScriptExecutor script = new ScriptExecutor(reader, (Writer) command.getDependency(Writer.class), database);
        executors.setExecutor("jdbc", database, script);
        executors.setExecutor("logging", database, script);
        script.writeOrders();
        SessionStatements statements = new SessionStatements(database);
        statements.writeHeader();
        statements.writeLock(SessionLock.name(database));
    }

    /** Ends the script: it has committed locally, and is complete when the standbys have everything. */
    @Override
    public void cleanUp(CommandResultsBuilder resultsBuilder) {
        CommandScope command = resultsBuilder.getCommandScope();
        if (command.getDependency(Database.class) instanceof SupportDatabase database && database.hasRules()
                && command.getDependency(Writer.class) instanceof Writer script) {
            try {
                script.write(SynchronousStandbys.CONFIRM + ";\n");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        super.cleanUp(resultsBuilder);
    }
}
