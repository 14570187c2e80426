package dev.supportdb.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "fleet", description = "Show, update, compare or review several databases with one command.",
        synopsisSubcommandLabel = "status|update|check|review", mixinStandardHelpOptions = true,
        subcommands = {FleetStatusCommand.class, FleetUpdateCommand.class, FleetCheckCommand.class,
            FleetReviewCommand.class})
final class FleetCommand implements Runnable {

    @Spec
    private CommandSpec command;

    @Override
    public void run() {
        command.commandLine().usage(command.commandLine().getOut());
    }
}
