package dev.supportdb.cli;

import static java.util.function.Predicate.not;

import dev.supportdb.changelog.Feature;
import dev.supportdb.changelog.FeatureSlice;
import dev.supportdb.changelog.Position;
import dev.supportdb.postgres.Plural;
import dev.supportdb.preflight.ChangesetSubset;
import dev.supportdb.run.DatabaseState;
import dev.supportdb.run.DowngradePlan;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.run.UpgradePlan;
import dev.supportdb.schema.Difference;
import dev.supportdb.schema.IgnoreList;
import dev.supportdb.verify.DriftCheck;
import dev.supportdb.verify.ExpectedSchema;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.changelog.ChangeSet;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "stamp", description = "Record where the database is (baseline), and run nothing.",
        footer = "Records NAME and everything before it as run, and what comes after it on its branch as not run. "
                + "First, the schema is compared with a fresh database at that place; rows are not compared. Exits "
                + "with 1, and has recorded nothing, when they differ.",
        mixinStandardHelpOptions = true)
final class StampCommand implements Callable<Integer> {

    @Mixin
    private PositionOptions destination;

    @Mixin
    private DependencyOptions needs;

    @Mixin
    private ScratchServerOptions scratch;

    @Option(names = "--force", description = "record it without comparing the schema")
    private boolean force;

    @Override
    public Integer call() throws IOException, SQLException, LiquibaseException {
        TargetDatabase target = destination.target();
        DatabaseState standing = destination.state();
        if (!destination.isGiven()) {
            throw destination.misuse("A name is missing: %s, or a name such as 016, crm@head or base."
                    .formatted(destination.command("stamp", "heads")));
        }
        List<Position> places = destination.places(standing.names());
        UpgradePlan run = UpgradePlan.to(places, standing);
        DowngradePlan notRun = DowngradePlan.to(places, standing);
        if (standing.notes().otherChangelog() != null) {
            throw new CommandExecutionException(standing.notes().otherChangelog());
        }
        if (!force && standing.notes().otherTool() != null) {
            throw new CommandExecutionException(standing.notes().otherTool());
        }
        if (!needs.areMet(run, places, standing, destination)) {
            return 1;
        }
        if (run.all().isEmpty() && notRun.undone().isEmpty()) {
            System.out.println("Database  already recorded like this, nothing to do; to compare it: "
                    + destination.command("check"));
            return 0;
        }
        DatabaseState.requireWritable(target, Path.of(""));
        refuseContradiction(run, notRun, standing);
        ChangesetSubset forgotten = notRun.part().by(destination.forNames(places, options(force))).forgetting();
        if (!notRun.undone().isEmpty()) {
            // Refuses before anything is recorded and a scratch database is built.
            new LiquibaseRunner(target).only(forgotten).rollbackSql(Integer.MAX_VALUE);
        }
        Console.features("Record", run.all());
        Console.features("Forget", notRun.undone());
        Console.changesets(places);
        if (!force && !isTrue(standing, places, run, notRun, target)) {
            return 1;
        }

        MigrationProgress work = new MigrationProgress();
        work.migration(target).only(ChangesetSubset.of(run.all())).run("changelogSync", Map.of());
        if (!notRun.undone().isEmpty()) {
            work.migration(target).only(forgotten).rollback();
        }
        say(run.all(), "run");
        say(notRun.undone(), "not run");
        Console.deferred(run.deferred());
        return 0;
    }

    /** The options of the same command, to be pasted. */
    private String[] options(boolean force) {
        return Stream.concat(needs.typed(), force ? Stream.of("--force") : Stream.empty()).toArray(String[]::new);
    }

    /** Refuses names that contradict each other: one would undo what another depends on. */
    private void refuseContradiction(UpgradePlan run, DowngradePlan notRun, DatabaseState standing) {
        Set<ChangeSet> forgotten = changeSets(notRun.undone()).collect(Collectors.toSet());
        for (FeatureSlice slice : run.all()) {
            for (Feature needed : standing.changelog().missing(slice.feature(), not(forgotten::contains))) {
                throw destination.misuse("%s depends on %s, which would be recorded as not run: name only one of them."
                        .formatted(slice.feature().id(), needed.id()));
            }
        }
    }

    /** Returns whether the schema matches the stamp; prints the differences if it does not. */
    private boolean isTrue(DatabaseState standing, List<Position> places, UpgradePlan run, DowngradePlan notRun,
            TargetDatabase target) throws IOException, SQLException, LiquibaseException {
        Set<ChangeSet> claimed = new HashSet<>(changeSets(run.all()).toList());
        standing.changelog().features().stream().flatMap(feature -> feature.changeSets().stream())
                .filter(changeSet -> standing.ran(changeSet).isPresent()).forEach(claimed::add);
        changeSets(notRun.undone()).forEach(claimed::remove);

        IgnoreList ignoreList = scratch.ignoreList(target);
        ExpectedSchema expected = new ExpectedSchema(scratch.server(target), Path.of(""),
                failed -> leavingOut(failed, places, run, standing, target));
        Difference difference = ignoreList.apply(DriftCheck.assuming(claimed::contains, target, expected)).difference();
        if (!difference.isEmpty()) {
            System.out.printf("The schema does not match: - only in the changelog at that place, + only in the "
                    + "database:%n%s%n", difference.toString().indent(2).stripTrailing());
            Console.unknownChangesets(standing);
            // Printed last, because the differences may fill many screens.
            System.out.println("The schema does not match, so nothing was recorded. To record it anyway: "
                    + destination.again(options(true)));
        }
        return difference.isEmpty();
    }

    /** Advice to exclude the branch of a failed changeset, if others are named that do not depend on it. */
    private static String leavingOut(ChangeSet failed, List<Position> places, UpgradePlan run, DatabaseState standing,
            TargetDatabase target) {
        String branch = run.own().stream().filter(slice -> slice.changeSets().contains(failed))
                .map(slice -> slice.feature().branch()).findFirst().orElse("");
        List<String> others = places.stream().map(place -> place.feature().branch())
                .filter(not(branch::equals)).toList();
        boolean isLabel = failed.getInheritableLabels().stream()
                .anyMatch(labels -> labels.getLabels().contains(branch));
        boolean isNeeded = others.stream()
                .anyMatch(other -> standing.changelog().branch(other).needs().contains(branch));
        return others.isEmpty() || !isLabel || isNeeded ? "" : "%n--labels='%s' excludes the branch %s.".formatted(
                target.labels() == null ? "!" + branch
                        : "(%s) and !%s".formatted(target.labels().replaceAll("\\s*,\\s*", " or "), branch), branch);
    }

    private static Stream<ChangeSet> changeSets(Collection<FeatureSlice> slices) {
        return slices.stream().flatMap(slice -> slice.changeSets().stream());
    }

    private static void say(List<FeatureSlice> slices, String what) {
        if (!slices.isEmpty()) {
            System.out.printf("Database  %s recorded as %s%n",
                    Plural.of(changeSets(slices).count(), "changeset"), what);
        }
    }
}
