package dev.supportdb.changelog;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.Labels;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.RanChangeSet;
import liquibase.changelog.filter.ContextChangeSetFilter;
import liquibase.changelog.filter.LabelChangeSetFilter;
import liquibase.exception.CommandExecutionException;

/**
 * Reads and checks label filters and contexts. Liquibase accepts nearly everything: it takes text that it cannot read,
 * such as {@code main or}, for the name of one label, and then selects nothing, without a message.
 */
public final class LabelFilter {

    /** Thrown for contexts or a label filter that cannot be meant; the user must give another one. */
    public static final class Refused extends CommandExecutionException {

        private static final long serialVersionUID = 1L;

        private Refused(String message) {
            super(message);
        }
    }

    private static final String NAME = "(?!(?:and|or|not)(?![^\\s(),!@]))[^\\s(),!@]+";
    private static final String TERM = "(?:@?\\s*(?:!|not ))?\\s*@?\\s*" + NAME;
    private static final String TERMS = "\\s*" + TERM + "(?:\\s+(?:and|or)\\s+" + TERM + ")*\\s*";

    private static final Pattern NESTED = anyCase("\\(" + TERMS + "\\)");
    /** Liquibase splits at commas first, also at commas within parentheses. */
    private static final Pattern LABELS = anyCase(TERMS + "(?:," + TERMS + ")*");
    private static final Pattern CONTEXT = anyCase("\\s*@?" + NAME + "\\s*");

    private static final Set<String> OPERATORS = Set.of("and", "or", "not");
    private static final Pattern BETWEEN = Pattern.compile("[\\s(),!]+");

    private LabelFilter() {
    }

    private static Pattern anyCase(String regex) {
        return Pattern.compile(regex, Pattern.CASE_INSENSITIVE);
    }

    /** Returns the names in a filter as they are written, some with an @ before them. */
    public static List<String> words(String filter) {
        return BETWEEN.splitAsStream(filter).filter(word -> !word.isEmpty() && !isOperator(word)).toList();
    }

    /** Returns the names in a filter, without the @. */
    public static List<String> names(String filter) {
        return words(filter).stream().map(word -> word.replaceFirst("^@", "")).filter(name -> !name.isEmpty()).toList();
    }

    /** Returns whether a filter would not take the word for a name. */
    public static boolean isOperator(String word) {
        return OPERATORS.contains(word.toLowerCase(Locale.ROOT));
    }

    /** Refuses contexts or a label filter that cannot be parsed; either may be null or blank, for none. */
    public static void checkSyntax(String contexts, String labels) throws Refused {
        if (!isBlank(contexts) && !Arrays.stream(contexts.split(",", -1)).allMatch(CONTEXT.asMatchPredicate())) {
            throw new Refused("The contexts '%s' cannot be read. Write names separated by commas, such as "
                    .formatted(contexts) + "'test,demo'. Nothing has been changed.");
        }
        if (!isBlank(labels) && !LABELS.matcher(withoutParentheses(labels)).matches()) {
            throw new Refused("The label filter '%s' cannot be read. ".formatted(labels)
                    + "Combine labels with and, or, not and parentheses, such as "
                    + "'main or (crm and not contract)'; a comma outside parentheses means or. "
                    + "Nothing has been changed.");
        }
    }

    private static boolean isBlank(String filter) {
        return filter == null || filter.isBlank();
    }

    /** Replaces each valid expression in parentheses with a name, from the inside out. */
    private static String withoutParentheses(String labels) {
        String flat = labels;
        for (Matcher nested = NESTED.matcher(flat); nested.find(); nested = NESTED.matcher(flat)) {
            flat = nested.replaceFirst(" nested ");
        }
        return flat;
    }

    /**
     * Refuses a filter with a label that no changeset has, or had when it ran: a mistyped label would select nothing,
     * without a message, or too much after a "not". A changelog need not use the labels of phases.
     */
    public static void checkLabels(LabelExpression filter, DatabaseChangeLog changeLog, List<RanChangeSet> history)
            throws Refused {
        Set<String> known = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        known.addAll(Phase.ALL);
        Stream.concat(changeLog.getChangeSets().stream().flatMap(LabelFilter::labels),
                        history.stream().map(RanChangeSet::getLabels).filter(Objects::nonNull))
                .map(Labels::getLabels).flatMap(Set::stream).forEach(known::add);
        List<String> unknown = filter == null ? List.of() : names(filter.toString()).stream()
                .filter(word -> !known.contains(word)).toList();
        if (!unknown.isEmpty()) {
            throw new Refused(
                    "There is no label '%s'. The labels of this changelog: %s. Nothing has been changed."
                            .formatted(String.join("', '", unknown), String.join(", ", known)));
        }
    }

    /** Returns whether contexts or a label filter, either of which may be null, leave a changeset out. */
    public static boolean excludes(String contexts, String labels, ChangeSet changeSet) {
        return !new ContextChangeSetFilter(new Contexts(contexts)).accepts(changeSet).isAccepted()
                || !new LabelChangeSetFilter(new LabelExpression(labels)).accepts(changeSet).isAccepted();
    }

    private static Stream<Labels> labels(ChangeSet changeSet) {
        return Stream.concat(Stream.of(changeSet.getLabels()), changeSet.getInheritableLabels().stream());
    }
}
