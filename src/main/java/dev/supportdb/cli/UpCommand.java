package dev.supportdb.cli;

import dev.supportdb.postgres.EmbeddedLogins;
import dev.supportdb.run.TargetDatabase;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
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

    /** The psql command. It never contains the password: for the embedded server it names the file that psql reads. */
    private static String connection(ConnectionSettings settings) {
        TargetDatabase target = settings.target();
        String address = target.url().replaceFirst("^jdbc:postgresql://", "").replaceFirst("[?].*", "");
        String user = target.username() == null ? ""
                : URLEncoder.encode(target.username(), StandardCharsets.UTF_8).replace("+", "%20") + "@";
        String psql = ShellWords.of(Stream.of("psql", "postgresql://" + user + address));
        if (!settings.embedded()) {
            return "%s%n          jdbc:postgresql://%s".formatted(psql, address);
        }
        Path passfile = EmbeddedLogins.file(CallingFolder.ofProject(EmbeddedLogins.FOLDER));
        return "%s %s%n          jdbc:postgresql://%s%n          user %s, the password is in %s".formatted(
                ShellWords.of(Stream.of("PGPASSFILE=" + passfile.toAbsolutePath())), psql, address, target.username(),
                passfile);
    }

    private String next() {
        return """
                Next      %s             what is pending
                          %s COUNT=1   undo the last changeset
                          %s                the SQL of the next update, for review\
                """.formatted(environment.make("status"), environment.make("rollback"), environment.make("sql"));
    }
}
