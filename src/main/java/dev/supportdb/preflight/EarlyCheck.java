package dev.supportdb.preflight;

import dev.supportdb.postgres.LiquibaseExecutor;
import dev.supportdb.session.SupportDatabase;
import java.util.List;
import liquibase.command.AbstractCommandStep;
import liquibase.command.CommandDefinition;
import liquibase.command.CommandResultsBuilder;
import liquibase.command.CommandScope;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;

/**
 * Checks a command before Liquibase's step of it, if the command takes none of the steps that {@link Preflight} and
 * {@link LockedCommandCheck} replace. It is a separate step: a step has only one override, and liquibase-commercial
 * overrides some.
 */
abstract class EarlyCheck extends AbstractCommandStep {

    private final String command;

    EarlyCheck(String command) {
        this.command = command;
    }

    /** Refuses the command by throwing an exception. Called with a connection, if the rules of this project apply. */
    abstract void check(CommandScope command, SupportDatabase database) throws Exception;

    @Override
    public String[][] defineCommandNames() {
        return new String[][] {{command}};
    }

    @Override
    public List<Class<?>> requiredDependencies() {
        return List.of(Database.class);
    }

    @Override
    public int getOrder(CommandDefinition definition) {
        int order = super.getOrder(definition);
        return order > 0 ? order - 1 : order;
    }

    @Override
    public void run(CommandResultsBuilder resultsBuilder) throws Exception {
        CommandScope scope = resultsBuilder.getCommandScope();
        if (scope.getDependency(Database.class) instanceof SupportDatabase database && database.hasRules()
                && LiquibaseExecutor.updatesDatabase(database)
                && database.getConnection() instanceof JdbcConnection) {
            Preflight.printable(() -> check(scope, database));
        }
    }
}
