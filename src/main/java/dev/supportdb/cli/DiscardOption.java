package dev.supportdb.cli;

import dev.supportdb.run.LiquibaseRunner;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** The option for the data that a rollback may discard. */
final class DiscardOption {

    @Option(names = "--discard", defaultValue = "", paramLabel = "NAMES",
            description = "tables and columns whose data may be discarded, separated by commas, as the refusal names "
                    + "them; or all")
    private String names;

    LiquibaseRunner in(LiquibaseRunner migration) {
        return names.isBlank() ? migration : migration.discarding(names);
    }

    /** The option as it was typed; empty where it was not. */
    Stream<String> typed() {
        return names.isBlank() ? Stream.empty() : Stream.of("--discard=" + names);
    }
}
