package dev.supportdb.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The option for the number of changesets to roll back. */
final class CountOption {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(names = "--count", defaultValue = "1", paramLabel = "CHANGESETS",
            description = "number of changesets, counted from the last (default: ${DEFAULT-VALUE})")
    private String count;

    int value() {
        if (!count.matches("[1-9][0-9]{0,8}")) {
            throw new ParameterException(command.commandLine(),
                    "--count must be a whole number from 1 on, not '%s'.".formatted(count));
        }
        return Integer.parseInt(count);
    }
}
