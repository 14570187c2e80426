package dev.supportdb.cli;

import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Rows under each other, without the columns that hold nothing: words begin on the left, figures end on the right. */
final class Columns {

    private Columns() {
    }

    /** @param figures which columns are figures, counted from 0 */
    static void print(List<List<String>> rows, IntPredicate figures) {
        // Places are counted from 1 in a format.
        String line = IntStream.range(0, rows.get(0).size()).filter(column -> width(rows, column) > 0)
                .mapToObj(column -> "%%%d$%s%ds".formatted(
                        column + 1, figures.test(column) ? "" : "-", width(rows, column)))
                .collect(Collectors.joining("  "));
        rows.forEach(row -> System.out.println(line.formatted(row.toArray()).stripTrailing()));
    }

    /** Rows of words. */
    static void print(List<List<String>> rows) {
        print(rows, column -> false);
    }

    private static int width(List<List<String>> rows, int column) {
        return rows.stream().mapToInt(row -> row.get(column).length()).max().orElseThrow();
    }
}
