package dev.supportdb.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Lines whose cells stand below each other. */
final class TextTable {

    private final List<List<String>> lines = new ArrayList<>();

    /** Adds a line. All lines have the same number of cells. */
    void line(List<String> cells) {
        lines.add(cells);
    }

    @Override
    public String toString() {
        int[] widths = IntStream.range(0, lines.get(0).size())
                .map(column -> lines.stream().mapToInt(line -> line.get(column).length()).max().orElseThrow())
                .toArray();
        return lines.stream()
                .map(line -> IntStream.range(0, widths.length)
                        .mapToObj(column -> line.get(column) + " ".repeat(widths[column] - line.get(column).length()))
                        .collect(Collectors.joining("  ")).stripTrailing() + "\n")
                .collect(Collectors.joining());
    }
}
