package dev.supportdb.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import liquibase.exception.CommandExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Starts the server if it is needed, and migrates the database. */
@Command(name = "up", description = "Start a PostgreSQL, unless DATABASE_URL names one, and update its database.",
        mixinStandardHelpOptions = true)
final class UpCommand implements Callable<Integer> {

    @Mixin
    private EnvironmentOptions environment;

    @Override
    public Integer call() throws IOException, CommandExecutionException {
        ConnectionSettings settings = environment.settingsOfRunningServer();
        int changesets = UpdateCommand.update(settings.target());
        System.out.println("Connect   " + connection(settings));
        if (changesets > 0) {
            System.out.println(next());
        }
        return 0;
    }

    private static String connection(ConnectionSettings settings) {
        String addresses = "%s%n          jdbc:postgresql://%s".formatted(settings.psql(), settings.address());
        return !settings.embedded() ? addresses : "%s%n          user %s, the password is in %s".formatted(addresses,
                settings.target().username(), ConnectionSettings.embeddedPasswords());
    }

    private String next() {
        return """
                Next      %s             what is pending
                          %s COUNT=1   undo the last changeset
                          %s                the SQL of the next update, for review\
                """.formatted(environment.make("status"), environment.make("rollback"), environment.make("sql"));
    }
}
