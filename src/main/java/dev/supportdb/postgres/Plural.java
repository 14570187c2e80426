package dev.supportdb.postgres;

import java.util.List;
import java.util.Locale;

/** Formats counts in a message: {@code 1 row}, {@code 1,200 rows}, {@code 3 batches}, {@code a, b and 12 more}. */
public final class Plural {

    private Plural() {
    }

    /** Returns the number, and the noun in its singular or plural. */
    public static String of(long number, String noun) {
        String ending = number == 1 ? "" : noun.endsWith("ch") ? "es" : "s";
        return String.format(Locale.ROOT, "%,d %s%s", number, noun, ending);
    }

    /** Returns the first names, and how many more there are. */
    public static String some(List<String> names, int most) {
        return String.join(", ", names.subList(0, Math.min(most, names.size())))
                + (names.size() > most ? String.format(Locale.ROOT, " and %,d more", names.size() - most) : "");
    }
}
