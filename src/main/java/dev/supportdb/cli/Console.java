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

/** Prints texts that several commands share. */
final class Console {

    private Console() {
    }

    /**
     * Prints aligned rows without empty columns: words to the left, figures to the right.
     *
     * @param figures the columns with figures, counted from 0
     */
    static void table(List<List<String>> cells, IntPredicate figures) {
        List<List<String>> rows = cells.stream().map(row -> row.stream().map(PrintableText::line).toList()).toList();
        // Format indexes start with 1.
        String line = IntStream.range(0, rows.get(0).size()).filter(column -> width(rows, column) > 0)
                .mapToObj(column -> "%%%d$%s%ds".formatted(
                        column + 1, figures.test(column) ? "" : "-", width(rows, column)))
                .collect(Collectors.joining("  "));
        rows.forEach(row -> System.out.println(line.formatted(row.toArray()).stripTrailing()));
    }

    /** Prints rows of words. */
    static void table(List<List<String>> rows) {
        table(rows, column -> false);
    }

    private static int width(List<List<String>> rows, int column) {
        return rows.stream().mapToInt(row -> row.get(column).length()).max().orElseThrow();
    }

    /** Prints the features of a run, one a line, with a word before the first. */
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

    /** Prints deferred features, each with those it waits for. */
    static void deferred(Map<Feature, List<Feature>> features) {
        features.forEach((feature, others) -> System.out.printf("Deferred  %s waits for %s%n", feature.id(),
                others.stream().map(Feature::id).collect(Collectors.joining(", "))));
    }

    /** Prints the full names of changesets that were typed as numbers: {@code 016-2} is changeset 2 of feature 016. */
    static void changesets(List<Position> places) {
        places.stream().filter(place -> place.changeSet() != null)
                .forEach(place -> System.out.printf("%-10s%s%n", "Up to", place));
    }

    /** Prints a line if changesets were edited after they had run, because of which every run is refused. */
    static void editedChangesets(DatabaseState state) {
        List<RanChangeSet> edited = state.edited();
        if (!edited.isEmpty()) {
            System.out.println("Every run is refused: %s %s edited in the files after running here, such as %s. "
                    .formatted(Plural.of(edited.size(), "changeset"), edited.size() == 1 ? "was" : "were",
                            PrintableText.line(edited.get(0).getId()))
                    + "Undo the edit (git log -p of the file shows it).");
        }
    }

    /**
     * Prints a line if the database has changesets that the files lack, because they are of another branch or older.
     */
    static void unknownChangesets(DatabaseState state) {
        List<RanChangeSet> unknown = state.unknown();
        if (!unknown.isEmpty() && state.notes().otherChangelog() == null) {
            System.out.println("The database is ahead of these files: they lack %d of its changesets, such as %s"
                    .formatted(unknown.size(),
                            PrintableText.line(unknown.get(unknown.size() - 1).getId())));
        }
    }
}
