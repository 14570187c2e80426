package dev.supportdb.cli;

import dev.supportdb.changelog.FeatureSlice;
import dev.supportdb.changelog.Position;
import dev.supportdb.run.DatabaseState;
import dev.supportdb.run.DowngradePlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "downgrade", description = "Bring the database back to a feature, or to its base.",
        footer = "What is above it on its branch goes as well; other branches stay. Exits with 1, and has changed "
                + "nothing, when something that stays stands on it, or data would be lost.",
        mixinStandardHelpOptions = true)
final class DowngradeCommand implements Callable<Integer> {

    @Mixin
    private PositionOptions destination;

    @Option(names = "--steps", paramLabel = "COUNT", description = "how many features to go back")
    private String steps;

    @Override
    public Integer call() throws IOException, LiquibaseException {
        destination.steps(steps, "-");
        if (!destination.isGiven()) {
            throw destination.misuse("Say how far: steps=1, or to=NAME, such as 016, crm@-1 or base.");
        }
        DatabaseState standing = DatabaseState.of(destination.target(), Path.of(""));
        List<Position> places = destination.places(standing.names());
        DowngradePlan plan = DowngradePlan.to(places, standing);
        List<FeatureSlice> undone = plan.undone();
        Console.features("Downgrade", undone);
        if (destination.countsBack() && count(undone, standing) > places.size()) {
            System.out.printf("Nothing has been changed: that is more than was counted, for what ran last is not the "
                    + "last of its branch. To undo all of this, name where to go: to='%s'%n",
                    String.join(" ", places.stream().map(Position::toString).toList()));
            return 1;
        }

        MigrationProgress work = new MigrationProgress();
        if (!undone.isEmpty()) {
            work.migration(destination.target()).only(plan.part()).rollback();
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
