package dev.supportdb.cli;

import dev.supportdb.run.TargetDatabase;
import java.io.IOException;
import java.util.concurrent.Callable;
import liquibase.exception.CommandExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** From nothing to a migrated database; from a migrated database to a word that there is nothing to do. */
@Command(name = "up", description = "Start a PostgreSQL, unless DATABASE_URL names one, and update its database.",
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
        int changesets = UpdateCommand.update(settings.target());
        System.out.println("Connect   " + connection(settings));
        if (changesets > 0) {
            System.out.println(next());
        }
        return 0;
    }

    /** Never the password: for the embedded server it says where that stands. */
    private static String connection(ConnectionSettings settings) {
        TargetDatabase target = settings.target();
        String address = target.url().replaceFirst("^jdbc:postgresql://", "").replaceFirst("[?].*", "");
        String user = target.username() == null ? "" : target.username() + "@";
        String connection = "psql postgresql://%s%s%n          jdbc:postgresql://%s"
                .formatted(user, address, address);
        return settings.embedded()
                ? "%s%n          user and password as in contexts/%s.properties"
                        .formatted(connection, settings.environment())
                : connection;
    }

    private String next() {
        return """
                Next      %s             what is deployed and what is not
                          %s COUNT=1   undo the last changeset
                          %s                the SQL of the next update, for review\
                """.formatted(environment.make("status"), environment.make("rollback"), environment.make("sql"));
    }
}
