package dev.supportdb.cli;

import dev.supportdb.changelog.Feature;
import dev.supportdb.changelog.FeatureSlice;
import dev.supportdb.changelog.Position;
import dev.supportdb.run.DatabaseState;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import liquibase.changelog.RanChangeSet;

/** Writes for people what several commands have to say. */
final class Console {

    private Console() {
    }

    /**
     * Rows under each other, without the columns that hold nothing: words begin on the left, figures end on the right.
     *
     * @param figures which columns are figures, counted from 0
     */
    static void table(List<List<String>> rows, IntPredicate figures) {
        // Places are counted from 1 in a format.
        String line = IntStream.range(0, rows.get(0).size()).filter(column -> width(rows, column) > 0)
                .mapToObj(column -> "%%%d$%s%ds".formatted(
                        column + 1, figures.test(column) ? "" : "-", width(rows, column)))
                .collect(Collectors.joining("  "));
        rows.forEach(row -> System.out.println(line.formatted(row.toArray()).stripTrailing()));
    }

    /** Rows of words. */
    static void table(List<List<String>> rows) {
        table(rows, column -> false);
    }

    private static int width(List<List<String>> rows, int column) {
        return rows.stream().mapToInt(row -> row.get(column).length()).max().orElseThrow();
    }

    /** What a run is about to work on, a line for each feature, the first of them behind a word. */
    static void features(String word, List<FeatureSlice> slices) {
        int width = slices.stream().mapToInt(slice -> slice.feature().id().length()).max().orElse(1);
        String heading = word;
        for (FeatureSlice slice : slices) {
            int count = slice.changeSets().size();
            System.out.printf("%-10s%-" + width + "s  %s%n", heading, slice.feature().id(),
                    count == 0 ? "left out" : MigrationProgress.changesets(count));
            heading = "";
        }
    }

    /** Features that were not reached, each with those it waits for. */
    static void deferred(Map<Feature, List<Feature>> features) {
        features.forEach((feature, others) -> System.out.printf("Deferred  %s waits for %s%n", feature.id(),
                others.stream().map(Feature::id).collect(Collectors.joining(", "))));
    }

    /** Which changesets are meant, where a number was typed for one: {@code 016-2} counts nothing. */
    static void changesets(List<Position> places) {
        places.stream().filter(place -> place.changeSet() != null)
                .forEach(place -> System.out.printf("%-10s%s%n", "As far as", place));
    }

    /** A line when the database has run more than the files have: they are of another branch, or older. */
    static void unknownChangesets(DatabaseState state) {
        List<RanChangeSet> unknown = state.unknown();
        if (!unknown.isEmpty()) {
            System.out.println("The database is ahead of these files: they do not have %d of its changesets, such as %s"
                    .formatted(unknown.size(), unknown.get(unknown.size() - 1).getId()));
        }
    }
}
