package dev.supportdb.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "status", description = "Show where each database is, and write nothing.",
        exitCodeOnExecutionException = 2, mixinStandardHelpOptions = true,
        footer = "Exits with 0 if all are up to date, with 1 if one is not, with 2 if one could not be read.")
final class FleetStatusCommand implements Callable<Integer> {

    @Mixin
    private FleetOptions options;

    @Override
    public Integer call() throws IOException {
        return options.run((fleet, targets) -> fleet.status(targets));
    }
}
