package dev.supportdb.cli;

import dev.supportdb.deploy.Rehearsal;
import java.io.IOException;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import liquibase.exception.CommandExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The whole changelog on data of real size, before it meets real data. */
@Command(name = "rehearse", mixinStandardHelpOptions = true,
        description = "Go forward, back and forward again on a scratch database, and check every value on the way.")
final class Rehearse implements Callable<Integer> {

    @Mixin
    private Environment environment;

    @Option(names = "--rows", defaultValue = "100000", paramLabel = "TICKETS",
            description = "How many tickets, with five times as many comments. Default: ${DEFAULT-VALUE}.")
    private long rows;

    @Override
    public Integer call() throws IOException, SQLException, CommandExecutionException {
        Settings settings = environment.settings();
        if (settings.embedded()) {
            Main.server().start();
        }
        return new Rehearsal(settings.target(), rows, System.out).run() ? 0 : 1;
    }
}
