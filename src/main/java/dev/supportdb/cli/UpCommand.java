package dev.supportdb.cli;

import dev.supportdb.run.Target;
import java.io.IOException;
import java.util.concurrent.Callable;
import liquibase.exception.CommandExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** From nothing to a migrated database; from a migrated database to a word that there is nothing to do. */
@Command(name = "up", description = "Start the embedded server unless DATABASE_URL is set, and update the database.",
        mixinStandardHelpOptions = true)
final class UpCommand implements Callable<Integer> {

    @Mixin
    private EnvironmentOptions environment;

    @Override
    public Integer call() throws IOException, CommandExecutionException {
        ConnectionSettings settings = environment.settings();
        if (settings.embedded()) {
            Main.startServer();
        }
        int changesets = update(settings.target());
        System.out.println("Connect   " + connection(settings));
        if (changesets > 0) {
            System.out.println(next(environment.makeArguments()));
        }
        return 0;
    }

    private static int update(Target target) throws CommandExecutionException {
        MigrationProgress work = new MigrationProgress();
        work.migration(target).update();
        System.out.println("Database  "
                + (work.changesets() == 0 ? "up to date, nothing to do" : work.inWords("applied")));
        return work.changesets();
    }

    /** Never the password: for the embedded server it says where that stands. */
    private static String connection(ConnectionSettings settings) {
        Target target = settings.target();
        String address = target.url().replaceFirst("^jdbc:postgresql://", "").replaceFirst("[?].*", "");
        String user = target.username() == null ? "" : target.username() + "@";
        String connection = "psql postgresql://%s%s%n          jdbc:postgresql://%s"
                .formatted(user, address, address);
        return settings.embedded()
                ? "%s%n          user and password as in contexts/%s.properties"
                        .formatted(connection, settings.environment())
                : connection;
    }

    private static String next(String arguments) {
        return """
                Next      make status%1$s             what is deployed and what is not
                          make rollback%1$s COUNT=1   undo the last changeset
                          make sql%1$s                the SQL of the next update, for review\
                """.formatted(arguments);
    }
}
