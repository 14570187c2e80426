package dev.supportdb.changelog;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How contexts and a label filter are written. Liquibase refuses next to nothing: what it cannot read it takes for the
 * name of one label, such as {@code main or}, which selects nothing, without a word.
 */
public final class FilterForm {

    private static final String NAME = "(?!(?:and|or|not)(?![^\\s(),!@]))[^\\s(),!@]+";
    private static final String TERM = "(?:@?\\s*(?:!|not ))?\\s*@?\\s*" + NAME;
    private static final String TERMS = "\\s*" + TERM + "(?:\\s+(?:and|or)\\s+" + TERM + ")*\\s*";

    private static final Pattern NESTED = anyCase("\\(" + TERMS + "\\)");
    /** Liquibase cuts at the commas first, also at those within parentheses. */
    private static final Pattern LABELS = anyCase(TERMS + "(?:," + TERMS + ")*");
    private static final Pattern CONTEXT = anyCase("\\s*@?" + NAME + "\\s*");

    private FilterForm() {
    }

    private static Pattern anyCase(String regex) {
        return Pattern.compile(regex, Pattern.CASE_INSENSITIVE);
    }

    /** Refuses what cannot be read; either may be null or blank, for none. */
    public static void check(String contexts, String labels) throws WrongFilter {
        if (!isBlank(contexts) && !Arrays.stream(contexts.split(",", -1)).allMatch(CONTEXT.asMatchPredicate())) {
            throw new WrongFilter("The contexts '%s' cannot be read. They are names with commas between them, such as "
                    .formatted(contexts) + "'test,demo'. Nothing has been changed.");
        }
        if (!isBlank(labels) && !LABELS.matcher(withoutParentheses(labels)).matches()) {
            throw new WrongFilter("The label filter '%s' cannot be read. ".formatted(labels)
                    + "It is made of labels, with and, or, not and parentheses, such as 'main or (crm and not contract)'; "
                    + "a comma means or, outside parentheses alone. Nothing has been changed.");
        }
    }

    private static boolean isBlank(String filter) {
        return filter == null || filter.isBlank();
    }

    /** Each pair that holds what can be read has become a name. */
    private static String withoutParentheses(String labels) {
        String flat = labels;
        for (Matcher nested = NESTED.matcher(flat); nested.find(); nested = NESTED.matcher(flat)) {
            flat = nested.replaceFirst(" nested ");
        }
        return flat;
    }
}
