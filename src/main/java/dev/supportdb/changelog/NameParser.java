package dev.supportdb.changelog;

import dev.supportdb.postgres.Plural;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Parses the names that a person types into positions:
 * <pre>
 * 016, 16, ticket_metrics, 016_ticket_metrics, main/016_ticket_metrics, the path or name of the file, or the
 *   beginning of its name where nothing else begins so      all of the feature
 * 016-05, 016-5, 016_ticket_metrics-05-fill_counters        the feature up to this changeset
 * 016+1                                                     the next feature on its branch
 * before-016_ticket_metrics                                 the state before the feature, which this tag marks
 * head, heads, base                                         the end of the only branch, of every branch; the beginning
 * +2, -1                                                    from where the database is: the next two features, before
 *                                                           the last one that ran
 * current                                                   where the database is
 * crm@head, crm@base, crm@-1, crm@22                        the same on one branch
 * crm@head-1, crm@base+2, 022@head                          its last but one feature, its second; the head of the
 *                                                           branch of 022
 * </pre>
 * Capital letters make no difference.
 *
 * <p>
 * A name that matches nothing, or more than one position, is an {@link IllegalArgumentException} with suggestions.
 */
public final class NameParser {

    private static final Pattern STEPS = Pattern.compile("([+-])(\\d{1,4})");
    private static final Pattern FROM_END = Pattern.compile("(heads?|base)([+-])(\\d{1,4})", Pattern.CASE_INSENSITIVE);
    private static final Pattern FROM_FEATURE = Pattern.compile("(.+)\\+(\\d{1,4})");

    private final Changelog changelog;
    private final List<Feature> applied;
    private final List<Feature> pending;

    /** Parses names of features in the files; names relative to the state of a database match nothing. */
    public NameParser(Changelog changelog) {
        this(changelog, null, null);
    }

    /**
     * @param applied the features that a database has, in the order in which they ran
     * @param pending the features that it does not have, in the order in which they would run
     */
    public NameParser(Changelog changelog, List<Feature> applied, List<Feature> pending) {
        this.changelog = changelog;
        this.applied = applied;
        this.pending = pending;
    }

    /**
     * Returns all positions that a name stands for: {@code heads}, {@code base} and {@code +2} may stand for several.
     */
    public List<Position> places(String typed) {
        String name = typed.strip();
        if (name.isEmpty()) {
            throw new IllegalArgumentException("A name is missing: write a feature such as %s, a changeset, or heads"
                    .formatted(changelog.features().isEmpty() ? "016" : changelog.features().get(0).name()));
        }
        if (changelog.branches().isEmpty()) {
            throw new IllegalArgumentException("The changelog has no feature yet, so '%s' names nothing"
                    .formatted(name));
        }
        int at = name.lastIndexOf('@');
        if (at == name.length() - 1) {
            throw new IllegalArgumentException(
                    "'%s' is incomplete: write %1$shead, %1$s-1 or %1$sbase".formatted(name));
        }
        return at < 0 ? places(name, changelog.branches())
                : places(name.substring(at + 1), List.of(branchOf(name.substring(0, at))));
    }

    /**
     * Returns all positions that several names stand for.
     *
     * @throws IllegalArgumentException also if two names are on one branch, where only one of them can count
     */
    public List<Position> places(List<String> typed) {
        Map<String, String> names = new HashMap<>();
        List<Position> all = new ArrayList<>();
        for (String name : typed) {
            List<Position> places = places(name);
            for (String branch : places.stream().map(place -> place.feature().branch()).distinct().toList()) {
                String other = names.put(branch, name.strip());
                if (other != null) {
                    throw new IllegalArgumentException("'%s' and '%s' are both on the branch %s: name only one of them."
                            .formatted(other, name.strip(), branch));
                }
            }
            all.addAll(places);
        }
        return all;
    }

    /** Returns the only position that a name stands for. */
    public Position place(String typed) {
        List<Position> places = places(typed);
        if (places.size() != 1) {
            throw NameLookup.ambiguous(typed, places);
        }
        return places.get(0);
    }

    /** Returns the branch of a name. */
    public Branch branch(String typed) {
        List<String> names = changelog.branches().stream().map(Branch::name).toList();
        if (!names.contains(typed)) {
            throw new IllegalArgumentException(
                    "There is no branch '%s'; there are: %s".formatted(typed, String.join(", ", names)));
        }
        return changelog.branch(typed);
    }

    /** The branch of that name, or the branch of the feature of that name. */
    private Branch branchOf(String name) {
        Optional<Branch> branch =
                changelog.branches().stream().filter(any -> any.name().equalsIgnoreCase(name)).findFirst();
        List<Feature> named = branch.isPresent() ? List.of() : new NameLookup(changelog.features()).named(name);
        return named.size() == 1 ? changelog.branch(named.get(0).branch()) : branch.orElseGet(() -> branch(name));
    }

    private List<Position> places(String typed, List<Branch> branches) {
        String name = List.of("head", "heads", "base", "current").contains(typed.toLowerCase(Locale.ROOT))
                ? typed.toLowerCase(Locale.ROOT) : typed;
        if (name.equals("heads") || name.equals("head") && branches.size() == 1) {
            return branches.stream().map(branch -> Position.after(branch.head())).toList();
        }
        if (name.equals("head")) {
            throw new IllegalArgumentException("'head' is ambiguous, each branch has one: write heads for all, or %s"
                    .formatted(String.join(", ", branches.stream().map(branch -> branch.name() + "@head").toList())));
        }
        if (name.equals("base")) {
            return branches.stream().map(branch -> Position.before(branch.features().get(0))).toList();
        }
        List<Feature> features = changelog.features().stream()
                .filter(feature -> branches.stream().anyMatch(branch -> branch.features().contains(feature))).toList();
        if (name.equals("current")) {
            return current(branches);
        }
        Matcher steps = STEPS.matcher(name);
        if (steps.matches()) {
            return steps(name, steps.group(1).equals("+"), Integer.parseInt(steps.group(2)), features);
        }
        Matcher fromEnd = FROM_END.matcher(name);
        if (fromEnd.matches()) {
            return List.of(fromEnd(fromEnd, branches));
        }
        Matcher fromFeature = FROM_FEATURE.matcher(name);
        return List.of(fromFeature.matches() ? fromFeature(fromFeature, features)
                : new NameLookup(features).find(name));
    }

    /** The last applied feature of each branch, or the beginning of the branch if none is applied. */
    private List<Position> current(List<Branch> branches) {
        if (applied == null) {
            throw noDatabase("current");
        }
        return branches.stream().map(branch -> branch.features().stream().filter(applied::contains)
                .reduce((first, second) -> second).map(Position::after)
                .orElse(Position.before(branch.features().get(0)))).toList();
    }

    private static Position fromEnd(Matcher form, List<Branch> branches) {
        String name = form.group();
        if (branches.size() > 1) {
            throw new IllegalArgumentException("'%s' is ambiguous, each branch has one: name the branch, as in %s@%1$s"
                    .formatted(name, branches.get(0).name()));
        }
        List<Feature> features = branches.get(0).features();
        int count = Integer.parseInt(form.group(3));
        boolean fromBase = form.group(1).equalsIgnoreCase("base");
        if (fromBase != form.group(2).equals("+") || count > features.size()) {
            throw new IllegalArgumentException("%s is not possible: the branch %s has %d features, from base to head"
                    .formatted(name, branches.get(0).name(), features.size()));
        }
        int done = fromBase ? count : features.size() - count;
        return done == 0 ? Position.before(features.get(0)) : Position.after(features.get(done - 1));
    }

    private Position fromFeature(Matcher form, List<Feature> features) {
        Feature from = new NameLookup(features).find(form.group(1)).feature();
        List<Feature> all = changelog.branch(from.branch()).features();
        int at = all.indexOf(from) + Integer.parseInt(form.group(2));
        if (at >= all.size()) {
            int after = all.size() - 1 - all.indexOf(from);
            throw new IllegalArgumentException("%s is not possible: only %s after %s on its branch".formatted(
                    form.group(), Plural.of(after, "feature") + (after == 1 ? " comes" : " come"), from.id()));
        }
        return Position.after(all.get(at));
    }

    private static IllegalArgumentException noDatabase(String name) {
        return new IllegalArgumentException(
                "%s counts from the state of a database, and no database is connected: give a name".formatted(name));
    }

    private List<Position> steps(String name, boolean forward, int count, List<Feature> features) {
        if (applied == null) {
            throw noDatabase(name);
        }
        List<Feature> all = new ArrayList<>(forward ? pending : applied);
        all.retainAll(features);
        if (count < 1) {
            throw new IllegalArgumentException("%s goes nowhere: write %s1 or more".formatted(name, name.charAt(0)));
        }
        if (count > all.size()) {
            throw new IllegalArgumentException(all.isEmpty()
                    ? "%s is not possible: no feature %s".formatted(name, forward ? "is pending" : "is applied")
                    : "%s is not possible: only %s %s".formatted(name, Plural.of(all.size(), "feature"),
                            (all.size() == 1 ? "is " : "are ") + (forward ? "pending" : "applied")));
        }
        if (forward) {
            return all.subList(0, count).stream().map(Position::after).toList();
        }
        if (features.stream().map(Feature::branch).distinct().count() == 1) {
            // On one branch, the last is the last in the files, even if a later phase of an earlier one ran after it.
            all.sort(Comparator.comparing(features::indexOf));
        }
        Collections.reverse(all);
        return all.subList(0, count).stream().map(Position::before).toList();
    }
}
