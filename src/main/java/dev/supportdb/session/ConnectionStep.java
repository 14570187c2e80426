package dev.supportdb.session;

import java.util.Map;
import liquibase.Scope;
import liquibase.command.CommandOverride;
import liquibase.command.CommandResultsBuilder;
import liquibase.command.CommandScope;
import liquibase.command.core.helpers.DatabaseChangelogCommandStep;
import liquibase.command.core.helpers.DbUrlConnectionCommandStep;
import liquibase.database.Database;
import liquibase.exception.DatabaseException;

/**
 * Prepares the session when a command begins, by what its changelog asks for, and restores a borrowed one when the
 * command ends, however it ends. Every command with a database goes through this step, first and last.
 */
@CommandOverride(override = DbUrlConnectionCommandStep.class)
public final class ConnectionStep extends DbUrlConnectionCommandStep {

    private static final String CHANGELOG = ConnectionStep.class.getName() + ".changelog";

    /** Returns the value of a scope in which a connection outside a command is prepared for this changelog. */
    public static Map<String, Object> inScope(String changelog) {
        return Map.of(CHANGELOG, changelog);
    }

    /** The changelog of the command that opens a connection; null outside a command, and for a command without one. */
    static String changelogOfScope() {
        return Scope.getCurrentScope().get(CHANGELOG, String.class);
    }

    @Override
    public void run(CommandResultsBuilder resultsBuilder) throws Exception {
        CommandScope command = resultsBuilder.getCommandScope();
        String changelog = command.getArgumentValue(DatabaseChangelogCommandStep.CHANGELOG_FILE_ARG);
        if (changelog == null) {
            super.run(resultsBuilder);
        } else {
            Scope.child(inScope(changelog), () -> super.run(resultsBuilder));
        }
        if (command.getDependency(Database.class) instanceof SupportDatabase database) {
            try {
                database.begin(changelog);
            } catch (DatabaseException e) {
                cleanUp(resultsBuilder);
                throw e;
            }
        }
    }

    @Override
    public void cleanUp(CommandResultsBuilder resultsBuilder) {
        if (resultsBuilder.getCommandScope().getDependency(Database.class) instanceof SupportDatabase database) {
            try {
                database.end();
            } catch (DatabaseException e) {
                Scope.getCurrentScope().getLog(ConnectionStep.class).severe(e.getMessage(), e);
            }
        }
        super.cleanUp(resultsBuilder);
    }
}
