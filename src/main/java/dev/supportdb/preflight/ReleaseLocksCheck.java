package dev.supportdb.preflight;

import dev.supportdb.session.SupportDatabase;
import java.util.List;
import liquibase.command.AbstractCommandStep;
import liquibase.command.CommandDefinition;
import liquibase.command.CommandResultsBuilder;
import liquibase.command.CommandScope;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;

/**
 * Checks {@code releaseLocks}, which writes the lock and takes none: neither {@link Preflight} nor
 * {@link LockedCommandCheck} sees it.
 */
public final class ReleaseLocksCheck extends AbstractCommandStep {

    private static final String[][] COMMAND = {{"releaseLocks"}};

    @Override
    public String[][] defineCommandNames() {
        return COMMAND;
    }

    @Override
    public List<Class<?>> requiredDependencies() {
        return List.of(Database.class);
    }

    @Override
    public int getOrder(CommandDefinition command) {
        int order = super.getOrder(command);
        return order > 0 ? order - 1 : order;
    }

    @Override
    public void run(CommandResultsBuilder resultsBuilder) throws Exception {
        CommandScope command = resultsBuilder.getCommandScope();
        if (command.getDependency(Database.class) instanceof SupportDatabase database && database.hasRules()
                && database.getConnection() instanceof JdbcConnection) {
            Preflight.printable(() -> {
                new ReadOnlyCheck(database).check();
                new PrivilegeCheck(database).checkWriting(command);
            });
        }
    }
}
