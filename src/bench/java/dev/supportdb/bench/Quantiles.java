package dev.supportdb.bench;

import java.util.List;
import java.util.Locale;

/** A summary of several samples of one figure. */
record Quantiles(double median, double least, double most) {

    /** @param samples at least one */
    static Quantiles of(List<Double> samples) {
        double[] sorted = samples.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int upper = sorted.length / 2;
        int lower = (sorted.length - 1) / 2;
        return new Quantiles((sorted[lower] + sorted[upper]) / 2, sorted[0], sorted[sorted.length - 1]);
    }

    /** The median alone where there is nothing else to say. */
    @Override
    public String toString() {
        return text(least).equals(text(most)) ? text(median) : text(median) + " (" + range() + ")";
    }

    String range() {
        return text(least) + "–" + text(most);
    }

    /** Three digits or more, and none that mean nothing. */
    static String text(double value) {
        boolean whole = value == Math.rint(value) || Math.abs(value) >= 100;
        return String.format(Locale.ROOT, whole ? "%,.0f" : Math.abs(value) >= 10 ? "%.1f" : "%.2f", value);
    }
}
