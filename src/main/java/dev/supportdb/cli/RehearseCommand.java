package dev.supportdb.cli;

import dev.supportdb.run.TargetDatabase;
import dev.supportdb.verify.Rehearsal;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Callable;
import liquibase.exception.CommandExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The whole changelog on data of real size, before it meets real data. */
@Command(name = "rehearse", exitCodeOnExecutionException = ExitCode.MISUSED, mixinStandardHelpOptions = true,
        description = "Go forward, back and forward again on a scratch database, and check every value.")
final class RehearseCommand implements Callable<Integer> {

    @Mixin
    private EnvironmentOptions environment;

    @Mixin
    private ScratchServerOptions scratch;

    @Option(names = "--rows", defaultValue = "100000", paramLabel = "TICKETS",
            description = "the size of the demo data (default: ${DEFAULT-VALUE})")
    private long rows;

    @Option(names = "--max-seconds", paramLabel = "SECONDS",
            description = "fail when all changesets together take longer, forward for the first time")
    private Double most;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws IOException, SQLException, CommandExecutionException {
        ConnectionSettings settings = environment.settings();
        refuse(most != null && !(most > 0), "--max-seconds is a number of seconds, more than none, not " + most);
        refuse(rows < 1, "There is nothing to rehearse on " + rows + " rows: give at least one.");
        refuse(!settings.target().changelog().equals(Rehearsal.CHANGELOG),
                "A rehearsal is of %s, and the environment %s has %s: choose another one.".formatted(
                        Rehearsal.CHANGELOG, settings.environment(), settings.target().changelog()));
        Duration limit = most == null ? null : Duration.ofMillis(Math.round(most * 1000));
        return new Rehearsal(scratch.runningServer(environment), rows, limit, System.out).run() ? 0 : 1;
    }

    private void refuse(boolean misused, String why) {
        if (misused) {
            throw new ParameterException(command.commandLine(), why);
        }
    }
}
