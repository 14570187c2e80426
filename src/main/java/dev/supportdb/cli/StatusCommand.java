package dev.supportdb.cli;

import dev.supportdb.run.LiquibaseRunner;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import liquibase.exception.CommandExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "status", description = "List the changesets that are pending, as mvn liquibase:status does.",
        exitCodeOnExecutionException = ExitCode.MISUSED, mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {

    @Mixin
    private EnvironmentOptions environment;

    @Override
    public Integer call() throws IOException, CommandExecutionException {
        LiquibaseRunner migration = new LiquibaseRunner(environment.settings().target());
        System.out.println(migration.run("status", Map.of("verbose", true)).strip());
        return ExitCode.DONE;
    }
}
