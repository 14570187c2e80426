package dev.supportdb.cli;

import dev.supportdb.run.TargetDatabase;
import dev.supportdb.verify.RollbackCheck;
import java.io.IOException;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import liquibase.exception.CommandExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Proves the rollback of every changeset before it is needed. */
@Command(name = "rollback-check", exitCodeOnExecutionException = ExitCode.MISUSED, mixinStandardHelpOptions = true,
        description = "Run, undo and run again each changeset on scratch databases, and compare.")
final class RollbackCheckCommand implements Callable<Integer> {

    @Mixin
    private EnvironmentOptions environment;

    @Mixin
    private ScratchServerOptions scratch;

    @Option(names = "--rows", defaultValue = "500", paramLabel = "TICKETS",
            description = "the size of the demo data (default: ${DEFAULT-VALUE}, which covers all cases)")
    private long rows;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws IOException, SQLException, CommandExecutionException {
        if (rows < 1) {
            throw new ParameterException(command.commandLine(), "The demo data needs at least one ticket, not " + rows);
        }
        TargetDatabase server = scratch.runningServer(environment);
        try (ProgressLine progress = new ProgressLine()) {
            return new RollbackCheck(server, rows, System.out, progress::show).run() ? 0 : 1;
        }
    }
}
