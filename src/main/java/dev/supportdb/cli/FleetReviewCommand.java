package dev.supportdb.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "review", exitCodeOnExecutionException = ExitCode.MISUSED, mixinStandardHelpOptions = true,
        description = {"Measure what is pending in each database, and write its review into a folder.",
            "Databases with the same history and the same schema are measured once, for the sizes of the largest."},
        footer = "Exits as ./supportdb review does for the worst of them.")
final class FleetReviewCommand implements Callable<Integer> {

    @Mixin
    private FleetOptions options;

    @Option(names = "--to", paramLabel = "NAME",
            description = "only the pending changesets up to a name, as for review")
    private String to;

    @Option(names = "--rows", paramLabel = "ROWS", description = "number of rows in each table, as for review")
    private String rows;

    @Option(names = "--out", paramLabel = "FOLDER",
            description = "the folder for the reviews, each in a folder with the name of its database (default: "
                    + "target/fleet-review)")
    private Path folder = CallingFolder.ofProject("target/fleet-review");

    @Override
    public Integer call() throws IOException {
        List<String> words =
                Stream.of(option("--to", to), option("--rows", rows)).filter(Objects::nonNull).toList();
        return options.run((fleet, targets) -> fleet.review(targets, words, folder));
    }

    private static String option(String name, String value) {
        return value == null ? null : name + "=" + value;
    }
}
