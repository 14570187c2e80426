package dev.supportdb.changelog;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Suggests names for one that does not exist. */
public final class Suggestions {

    private static final int MANY_ENOUGH = 3;

    private Suggestions() {
    }

    /**
     * Returns the names that differ from the typed one by a third or less, that contain it, or that it begins with
     * before a dash; nearest first.
     */
    public static List<String> to(String typed, Collection<String> names) {
        String wanted = typed.toLowerCase(Locale.ROOT);
        return names.stream()
                .filter(name -> distance(wanted, name) <= Math.max(1, name.length() / 3)
                        || wanted.length() > 2 && name.contains(wanted) || wanted.startsWith(name + "-"))
                .sorted(Comparator.comparingInt(name -> distance(wanted, name)))
                .limit(MANY_ENOUGH).toList();
    }

    /** The number of letters to add, drop or replace to turn one text into the other (Levenshtein distance). */
    private static int distance(String from, String to) {
        int[] above = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int[] row = new int[to.length() + 1];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = above[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, 1 + Math.min(above[j], row[j - 1]));
            }
            above = row;
        }
        return above[to.length()];
    }
}
