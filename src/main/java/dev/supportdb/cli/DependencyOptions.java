package dev.supportdb.cli;

import dev.supportdb.changelog.Position;
import dev.supportdb.run.DatabaseState;
import dev.supportdb.run.UpgradePlan;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Whether a plan can be followed: with what the environment chooses, and without what nobody has asked for. */
final class DependencyOptions {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(names = "--with-dependencies", description = "before it, also what it needs of other branches")
    private boolean withDependencies;

    /** Says why where they are not. */
    boolean areMet(UpgradePlan plan, List<Position> places, DatabaseState standing, PositionOptions destination)
            throws IOException {
        if (places.stream().allMatch(place -> UpgradePlan.isLeftOut(place, standing))) {
            System.out.printf("Nothing has been changed: %s leave out %s.%n", destination.filters(),
                    places.stream().map(Position::toString).collect(Collectors.joining(", ")));
            return false;
        }
        boolean leftOut = plan.needed().stream().anyMatch(share -> share.changeSets().isEmpty());
        if (plan.needed().isEmpty() || withDependencies && !leftOut) {
            return true;
        }
        Console.features("Asked for", plan.own());
        Console.features("Needs", plan.needed());
        System.out.println(leftOut
                ? "Nothing has been changed: %s leave out what it needs.".formatted(destination.filters())
                : "Nothing has been changed. To bring these along: make %s%s with-dependencies=1".formatted(
                        command.name(), destination.makeArguments()));
        return false;
    }
}
