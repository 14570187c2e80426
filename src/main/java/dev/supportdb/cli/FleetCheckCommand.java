package dev.supportdb.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "check", description = "Compare each database with what the changelog makes.",
        exitCodeOnExecutionException = 2, mixinStandardHelpOptions = true)
final class FleetCheckCommand implements Callable<Integer> {

    @Mixin
    private FleetOptions options;

    @Override
    public Integer call() throws IOException {
        return options.run((fleet, targets) -> fleet.check(targets, file -> ShellWords.of(
                Stream.of(CallingFolder.launcher(), "check", "--settings=" + file))));
    }
}
