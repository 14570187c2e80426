package dev.supportdb.cli;

import dev.supportdb.changelog.Feature;
import dev.supportdb.changelog.FeatureSlice;
import dev.supportdb.changelog.Position;
import dev.supportdb.postgres.Plural;
import dev.supportdb.postgres.PrintableText;
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
    static void table(List<List<String>> cells, IntPredicate figures) {
        List<List<String>> rows = cells.stream().map(row -> row.stream().map(PrintableText::line).toList()).toList();
        // Format indexes begin with 1.
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

    /** Prints the features of a run, one a line, the first of them behind a word. */
    static void features(String word, List<FeatureSlice> slices) {
        int width = slices.stream().mapToInt(slice -> slice.feature().id().length()).max().orElse(1);
        String heading = word;
        for (FeatureSlice slice : slices) {
            int count = slice.changeSets().size();
            System.out.printf("%-10s%-" + width + "s  %s%n", heading, slice.feature().id(),
                    count == 0 ? "left out" : Plural.of(count, "changeset"));
            heading = "";
        }
    }

    /** Features that were not reached, each with those it waits for. */
    static void deferred(Map<Feature, List<Feature>> features) {
        features.forEach((feature, others) -> System.out.printf("Deferred  %s waits for %s%n", feature.id(),
                others.stream().map(Feature::id).collect(Collectors.joining(", "))));
    }

    /** Prints which changesets are meant if a number was typed: {@code 016-2} is changeset 2 of feature 016. */
    static void changesets(List<Position> places) {
        places.stream().filter(place -> place.changeSet() != null)
                .forEach(place -> System.out.printf("%-10s%s%n", "Up to", place));
    }

    /** Prints a line if the database has run more than the files have, because they are of another branch, or older. */
    static void unknownChangesets(DatabaseState state) {
        List<RanChangeSet> unknown = state.unknown();
        if (!unknown.isEmpty() && state.notes().otherChangelog() == null) {
            System.out.println("The database is ahead of these files: they lack %d of its changesets, such as %s"
                    .formatted(unknown.size(),
                            PrintableText.line(unknown.get(unknown.size() - 1).getId())));
        }
    }
}
