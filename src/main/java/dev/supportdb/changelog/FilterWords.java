package dev.supportdb.changelog;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** The names in a context or label filter. */
public final class FilterWords {

    private static final Set<String> OPERATORS = Set.of("and", "or", "not");
    private static final Pattern BETWEEN = Pattern.compile("[\\s(),!]+");

    private FilterWords() {
    }

    /** As they are written, some with an @ before them. */
    public static List<String> of(String filter) {
        return BETWEEN.splitAsStream(filter).filter(word -> !word.isEmpty() && !isOperator(word)).toList();
    }

    /** Without it. */
    public static List<String> names(String filter) {
        return of(filter).stream().map(word -> word.replaceFirst("^@", "")).filter(name -> !name.isEmpty()).toList();
    }

    /** Whether a filter would take the word for something else than a name. */
    public static boolean isOperator(String word) {
        return OPERATORS.contains(word.toLowerCase(Locale.ROOT));
    }
}
