package dev.supportdb.cli;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "update", description = "Update the databases that are behind.", mixinStandardHelpOptions = true,
        footer = {"Databases that are up to date are skipped, so the same command resumes.",
            "Ctrl-C lets running databases finish their changeset, and starts no other.",
            "Exits with the worst code of all databases, and with 3 if some were not begun."})
final class FleetUpdateCommand implements Callable<Integer> {

    @Mixin
    private FleetOptions options;

    @Option(names = "--to", paramLabel = "NAME", description = "only up to this feature, named as for upgrade")
    private List<String> names = List.of();

    @Option(names = "--canary", paramLabel = "N", defaultValue = "1", converter = FleetOptions.Count.class,
            description = "update the first N first, and the others only if these succeed (default: ${DEFAULT-VALUE})")
    private int canary;

    @Option(names = "--stop-after", paramLabel = "N", defaultValue = "1", converter = FleetOptions.Count.class,
            description = "start no other database after N failures (default: ${DEFAULT-VALUE})")
    private int stopAfter;

    @Override
    public Integer call() throws IOException {
        return options.withCanary(canary, stopAfter).run((fleet, targets) -> fleet.update(targets, names));
    }
}
