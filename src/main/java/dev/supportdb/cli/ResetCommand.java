package dev.supportdb.cli;

import java.io.IOException;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "reset", description = "Stop that PostgreSQL and delete its data.",
        mixinStandardHelpOptions = true)
final class ResetCommand implements Callable<Integer> {

    @Override
    public Integer call() throws IOException {
        EnvironmentOptions.server(OptionalInt.empty()).reset();
        System.out.println("The embedded server and its data were deleted; \"make up\" creates a new one.");
        return 0;
    }
}
