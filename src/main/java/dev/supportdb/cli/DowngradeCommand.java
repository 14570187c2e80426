package dev.supportdb.cli;

import dev.supportdb.changelog.FeatureSlice;
import dev.supportdb.changelog.Position;
import dev.supportdb.run.DatabaseState;
import dev.supportdb.run.DowngradePlan;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "downgrade", description = "Bring the database back to a feature, or to its base.",
        footer = {"NAME stays: what came after it on its branch is undone, before-NAME undoes it as well. Other "
            + "branches stay. Exits with 1, and has changed nothing, when something that stays depends on what would be "
            + "undone, or data would be lost.", "",
            "  ./supportdb downgrade -1            undo the last feature",
            "  ./supportdb downgrade 016           undo what came after 016",
            "  ./supportdb downgrade before-016    undo 016 as well",
            "  ./supportdb downgrade crm@-1 base   several places, each on its branch"},
        mixinStandardHelpOptions = true)
final class DowngradeCommand implements Callable<Integer> {

    @Mixin
    private PositionOptions destination;

    @Mixin
    private DiscardOption discard;

    @Override
    public Integer call() throws IOException, LiquibaseException {
        if (!destination.isGiven()) {
            throw destination.misuse("Say how far: ./supportdb downgrade -1, or a name such as 016, crm@-1 or base.");
        }
        DatabaseState standing = destination.state();
        List<Position> places = destination.places(standing.names());
        DowngradePlan plan = DowngradePlan.to(places, standing);
        List<FeatureSlice> undone = plan.undone();
        Console.features("Downgrade", undone);
        if (destination.countsBack() && count(undone, standing) > places.size()) {
            System.out.printf("Nothing has been changed: that is more than was counted, for what ran last is not the "
                    + "last of its branch. To undo all of this: %s%n", destination.forNames(places));
            return 1;
        }

        MigrationProgress work = new MigrationProgress();
        if (!undone.isEmpty()) {
            discard.in(work.migration(destination.target())).only(plan.part().by(destination.forNames(places)))
                    .rollback();
        }
        System.out.println("Database  "
                + (work.changesets() == 0 ? "that far back already, nothing to do" : work.inWords("undone")));
        return 0;
    }

    /** A tag that was left behind counts for nothing. */
    private static long count(List<FeatureSlice> shares, DatabaseState standing) {
        return shares.stream().filter(share -> standing.ran(share.feature()).isPresent()).count();
    }
}
