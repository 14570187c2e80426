package dev.supportdb.cli;

import dev.supportdb.changelog.Position;
import dev.supportdb.preflight.ChangesetSubset;
import dev.supportdb.run.DatabaseState;
import dev.supportdb.run.UpgradePlan;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "upgrade", description = "Bring the database forward to a feature, or to the head of every branch.",
        footer = {"Exits with 1, and has changed nothing, when it depends on another branch that is not named.",
            "",
            "  ./supportdb upgrade              the head of every branch",
            "  ./supportdb upgrade 016          016 and what is before it on its branch",
            "  ./supportdb upgrade +1           the next feature",
            "  ./supportdb upgrade crm@head     one branch, as --branch=crm does"},
        mixinStandardHelpOptions = true)
final class UpgradeCommand implements Callable<Integer> {

    @Mixin
    private PositionOptions destination;

    @Mixin
    private DependencyOptions needs;

    @Override
    public Integer call() throws IOException, LiquibaseException {
        if (destination.isGiven() && destination.countsBack()) {
            throw destination.misuse("'%s' counts back, and an upgrade goes forward. To undo: %s"
                    .formatted(destination.inWords(), destination.asTyped("downgrade")));
        }
        DatabaseState standing = destination.state();
        List<Position> places = destination.placesOrHeads(standing.names());
        UpgradePlan plan = UpgradePlan.to(places, standing);
        if (!needs.areMet(plan, places, standing, destination)) {
            return 1;
        }

        MigrationProgress work = new MigrationProgress(() -> {
            Console.features("First", plan.needed());
            Console.features("Upgrade", plan.own());
            Console.changesets(places);
        });
        // Runs even if nothing is pending, to fill a backfill again that a rollback has started to undo.
        work.migration(destination.target()).only(ChangesetSubset.of(plan.all())).update();
        if (work.changesets() == 0) {
            Console.changesets(places);
        }
        System.out.println("Database  "
                + (work.changesets() > 0 ? work.inWords("applied")
                : destination.isGiven() ? "already at that position or after it, nothing to do"
                : "up to date, nothing to do"));
        Console.deferred(plan.deferred());
        Console.unknownChangesets(standing);
        return 0;
    }
}
