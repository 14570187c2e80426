package dev.supportdb.cli;

import java.io.IOException;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "down", description = "Stop that PostgreSQL; its data stays.", mixinStandardHelpOptions = true)
final class DownCommand implements Callable<Integer> {

    @Override
    public Integer call() throws IOException {
        System.out.println(EnvironmentOptions.server(OptionalInt.empty()).stop()
                ? "Stopped; \"make up\" starts it again with the same data."
                : "The embedded server is not running.");
        return 0;
    }
}
