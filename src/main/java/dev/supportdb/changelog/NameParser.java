package dev.supportdb.changelog;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a human types, and what it stands for:
 * <pre>
 * 016, 16, ticket_metrics, 016_ticket_metrics, main/016_ticket_metrics, the path of the file, or the
 *   beginning of its name where nothing else begins so      all of the feature
 * 016-05, 016_ticket_metrics-05-fill_counters               the feature up to this changeset
 * before-016_ticket_metrics                                 what the tag of this name marks
 * head, heads, base                                         the end of the only branch, of every branch; the beginning
 * +2, -1                                                    from where the database is: the next two features, before
 *                                                           the last one that ran
 * crm@head, crm@base, crm@-1, crm@22                        the same, of one branch
 * </pre>
 * What stands for nothing, or for more than one, is an {@link IllegalArgumentException} that names what would do.
 */
public final class NameParser {

    private static final Pattern STEPS = Pattern.compile("([+-])(\\d{1,4})");

    private final Changelog changelog;
    private final List<Feature> applied;
    private final List<Feature> pending;

    /** Names of what is in the files; those that start from where a database is stand for nothing here. */
    public NameParser(Changelog changelog) {
        this(changelog, null, null);
    }

    /**
     * @param applied what a database has, in the order in which it ran
     * @param pending what it does not have, in the order in which it would run
     */
    public NameParser(Changelog changelog, List<Feature> applied, List<Feature> pending) {
        this.changelog = changelog;
        this.applied = applied;
        this.pending = pending;
    }

    /** All places a name stands for: of {@code heads}, {@code base} and {@code +2} there may be several. */
    public List<Position> places(String typed) {
        String name = typed.strip();
        if (name.isEmpty()) {
            throw new IllegalArgumentException("Say which: a feature such as %s, a changeset of it, or heads"
                    .formatted(changelog.features().isEmpty() ? "016" : changelog.features().get(0).name()));
        }
        int at = name.lastIndexOf('@');
        if (at == name.length() - 1) {
            throw new IllegalArgumentException("Say what of the branch: %shead, %1$s-1 or %1$sbase".formatted(name));
        }
        return at < 0 ? places(name, changelog.branches())
                : places(name.substring(at + 1), List.of(branch(name.substring(0, at))));
    }

    /** The one place a name stands for. */
    public Position place(String typed) {
        List<Position> places = places(typed);
        if (places.size() != 1) {
            throw NameLookup.ambiguous(typed, places);
        }
        return places.get(0);
    }

    /** The branch of a name. */
    public Branch branch(String typed) {
        List<String> names = changelog.branches().stream().map(Branch::name).toList();
        if (!names.contains(typed)) {
            throw new IllegalArgumentException(
                    "There is no branch '%s'; there are: %s".formatted(typed, String.join(", ", names)));
        }
        return changelog.branch(typed);
    }

    private List<Position> places(String name, List<Branch> branches) {
        if (name.equals("heads") || name.equals("head") && branches.size() == 1) {
            return branches.stream().map(branch -> Position.after(branch.head())).toList();
        }
        if (name.equals("head")) {
            throw new IllegalArgumentException("Each of the branches has a head of its own: say heads for all, or %s"
                    .formatted(String.join(", ", branches.stream().map(branch -> branch.name() + "@head").toList())));
        }
        if (name.equals("base")) {
            return branches.stream().map(branch -> Position.before(branch.features().get(0))).toList();
        }
        List<Feature> features = changelog.features().stream()
                .filter(feature -> branches.stream().anyMatch(branch -> branch.features().contains(feature))).toList();
        Matcher steps = STEPS.matcher(name);
        return steps.matches()
                ? steps(name, steps.group(1).equals("+"), Integer.parseInt(steps.group(2)), features)
                : List.of(new NameLookup(features).find(name));
    }

    private List<Position> steps(String name, boolean forward, int count, List<Feature> features) {
        if (applied == null) {
            throw new IllegalArgumentException(
                    "%s counts from where a database is, and none has been asked: give a name".formatted(name));
        }
        List<Feature> all = new ArrayList<>(forward ? pending : applied);
        all.retainAll(features);
        if (count < 1 || count > all.size()) {
            throw new IllegalArgumentException("%s is not possible: %d feature(s) %s".formatted(
                    name, all.size(), forward ? "are pending" : "have been applied"));
        }
        if (forward) {
            return all.subList(0, count).stream().map(Position::after).toList();
        }
        if (features.stream().map(Feature::branch).distinct().count() == 1) {
            // On one branch the last is the last of the branch, though a late phase of an earlier one has run since.
            all.sort(Comparator.comparing(features::indexOf));
        }
        Collections.reverse(all);
        return all.subList(0, count).stream().map(Position::before).toList();
    }
}
