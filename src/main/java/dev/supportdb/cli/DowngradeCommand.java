package dev.supportdb.cli;

import dev.supportdb.changelog.FeatureSlice;
import dev.supportdb.changelog.LabelFilter;
import dev.supportdb.changelog.Position;
import dev.supportdb.deploy.RunRecord;
import dev.supportdb.postgres.Plural;
import dev.supportdb.run.DatabaseState;
import dev.supportdb.run.DowngradePlan;
import dev.supportdb.run.TargetDatabase;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "downgrade", description = "Bring the database back to a feature, or to its base.",
        footer = {"Undoes the features after NAME on its branch; before-NAME also undoes NAME. Features of other "
            + "branches are undone only if they depend on these, and with --with-dependents. Exits with 1, and has "
            + "changed nothing, if a feature that stays depends on one that would be undone, or data would be lost.", "",
            "  ./supportdb downgrade -1            undo the last feature",
            "  ./supportdb downgrade 016           undo what came after 016",
            "  ./supportdb downgrade before-016    undo 016 as well",
            "  ./supportdb downgrade 016 crm@-1    several places, each on its branch"},
        mixinStandardHelpOptions = true)
final class DowngradeCommand implements Callable<Integer> {

    @Mixin
    private PositionOptions destination;

    @Mixin
    private DiscardOption discard;

    @Option(names = "--with-dependents", description = "also undo the features of other branches that depend on it")
    private boolean withDependents;

    @Override
    public Integer call() throws IOException, SQLException, LiquibaseException {
        if (!destination.isGiven()) {
            throw destination.misuse("A name is missing: %s, or a name such as 016, crm@-1 or base."
                    .formatted(destination.command("downgrade", "-1")));
        }
        DatabaseState standing = destination.state();
        List<Position> places = destination.places(standing.names());
        DowngradePlan alone = DowngradePlan.to(places, standing);
        DowngradePlan plan = alone.withDependents(standing);
        List<FeatureSlice> undone = plan.undone();
        if (!alone.dependents().isEmpty() && !withDependents) {
            String dependents = alone.dependents().stream().map(place -> place.feature().id())
                    .collect(Collectors.joining(", "));
            System.out.printf("Cannot downgrade to %s: %s %s on what would be undone. Nothing was rolled back.%n"
                    + "To downgrade these as well, %s%n", destination.inWords(), dependents,
                    alone.dependents().size() == 1 ? "depends" : "depend", remedy(undone));
            return 1;
        }
        if (destination.countsBack() && count(alone.undone(), standing) > places.size()) {
            Console.features("Downgrade", undone);
            System.out.printf("Nothing has been changed: this undoes more features than you counted, because the one "
                    + "that ran last is not the last of its branch. To undo all of these: %s%n",
                    destination.forNames(places, options(withDependents)));
            return 1;
        }
        String command = destination.forNames(plan.places(), options(false));

        MigrationProgress work = new MigrationProgress(() -> {
            Console.features("Downgrade", undone);
            Console.changesets(plan.places());
        });
        if (!undone.isEmpty()) {
            discard.in(work.migration(destination.target())).only(plan.part().by(command)).rollback();
        }
        RunRecord.undone(destination.target(), command, work.changesets());
        if (work.changesets() == 0) {
            Console.changesets(plan.places());
        }
        System.out.println("Database  "
                + (work.changesets() == 0 ? "already at that position, nothing to do" : work.inWords("undone")));
        return 0;
    }

    /** The rest of a sentence: the command that undoes all of these, or why this filter has none. */
    private String remedy(List<FeatureSlice> undone) throws IOException {
        TargetDatabase target = destination.target();
        boolean leftOut = undone.stream().flatMap(slice -> slice.changeSets().stream())
                .anyMatch(changeSet -> LabelFilter.excludes(target.contexts(), target.labels(), changeSet));
        return leftOut ? "use --with-dependents and a filter that includes them, unlike %s.".formatted(
                destination.filters())
                : "%s in all: %s".formatted(Plural.of(undone.size(), "feature"), destination.again(options(true)));
    }

    /** The options of the same command, to be pasted. */
    private String[] options(boolean withDependents) {
        return Stream.concat(withDependents ? Stream.of("--with-dependents") : Stream.empty(), discard.typed())
                .toArray(String[]::new);
    }

    /** The number of applied features. A tag that a rollback has kept does not count. */
    private static long count(List<FeatureSlice> slices, DatabaseState standing) {
        return slices.stream().filter(slice -> standing.ran(slice.feature()).isPresent()).count();
    }
}
