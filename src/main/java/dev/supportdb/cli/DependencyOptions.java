package dev.supportdb.cli;

import dev.supportdb.changelog.Position;
import dev.supportdb.run.DatabaseState;
import dev.supportdb.run.UpgradePlan;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** Decides whether a plan can run: the filters must include its dependencies, and the user must have asked for them. */
final class DependencyOptions {

    private static final String NAME = "--with-dependencies";

    @Option(names = NAME, description = "first, also run what it depends on in other branches")
    private boolean withDependencies;

    /** The option as it was typed; empty if it was not. */
    Stream<String> typed() {
        return withDependencies ? Stream.of(NAME) : Stream.empty();
    }

    /** Returns whether the plan can run; prints the reason if it cannot. */
    boolean areMet(UpgradePlan plan, List<Position> places, DatabaseState standing, PositionOptions destination)
            throws IOException {
        if (places.stream().allMatch(place -> UpgradePlan.isLeftOut(place, standing))) {
            System.out.printf("Nothing has been changed: %s exclude %s.%n", destination.filters(),
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
                ? "Nothing has been changed: %s exclude what it depends on.".formatted(destination.filters())
                : "Nothing has been changed. To run these as well: " + destination.again(NAME));
        return false;
    }
}
