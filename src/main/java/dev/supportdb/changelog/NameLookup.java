package dev.supportdb.changelog;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import liquibase.changelog.ChangeSet;

/** Finds the feature or the changeset that a name stands for. */
final class NameLookup {

    private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");
    private static final Pattern CHANGESET = Pattern.compile("(.+)-0*(\\d+)");
    private static final String BEFORE = "before-";

    private final List<Feature> features;

    NameLookup(List<Feature> features) {
        this.features = features;
    }

    /** Finds the position of a name. A full name wins over a shortened one. */
    Position find(String name) {
        List<Position> found = Stream.of(changeSets(name), wholes(named(name)), before(name), shortened(name),
                begun(name))
                .filter(places -> !places.isEmpty()).findFirst().orElseThrow(() -> unknown(name));
        if (found.size() > 1) {
            throw ambiguous(name, found);
        }
        return found.get(0);
    }

    private static IllegalArgumentException isBranch(String name) {
        return new IllegalArgumentException(
                "'%1$s' is a branch: write %1$s@head for its last feature, or one of the features that "
                        .concat("./supportdb history --branch=%1$s lists.").formatted(name));
    }

    static IllegalArgumentException ambiguous(String name, List<Position> found) {
        return new IllegalArgumentException("'%s' is ambiguous and stands for %d: %s. Name one of them.".formatted(
                name, found.size(), String.join(", ", found.stream().map(Position::toString).toList())));
    }

    /** Finds the features with this full name, ignoring case. */
    List<Feature> named(String name) {
        return features.stream().filter(feature -> Stream.of(feature.path(), feature.id(), feature.name(),
                        feature.title(), feature.number()).anyMatch(name::equalsIgnoreCase)
                || isEnd(feature.path(), name)
                || isNumber(name) && isNumber(feature.number()) && number(name) == number(feature.number())).toList();
    }

    /** Matches {@code 016_ticket_metrics.yaml} and {@code main/016_ticket_metrics.yaml}. */
    private static boolean isEnd(String path, String name) {
        return name.contains(".") && ("/" + path).toLowerCase(Locale.ROOT).endsWith("/" + name.toLowerCase(Locale.ROOT));
    }

    private static List<Position> wholes(List<Feature> features) {
        return features.stream().map(Position::after).toList();
    }

    /** Finds changesets by id, or by path, id and author as Liquibase writes them. */
    private List<Position> changeSets(String name) {
        return features.stream().flatMap(feature -> changeSets(feature, changeSet ->
                changeSet.getId().equalsIgnoreCase(name) || changeSet.toString(false).equals(name))).toList();
    }

    private static Stream<Position> changeSets(Feature feature, Predicate<ChangeSet> which) {
        return feature.changeSets().stream().filter(which).map(changeSet -> Position.after(feature, changeSet));
    }

    private List<Position> before(String name) {
        return !name.toLowerCase(Locale.ROOT).startsWith(BEFORE) ? List.of()
                : named(name.substring(BEFORE.length())).stream().map(Position::before).toList();
    }

    private List<Position> shortened(String name) {
        Matcher form = CHANGESET.matcher(name);
        return !form.matches() ? List.of() : named(form.group(1)).stream().flatMap(feature ->
                changeSets(feature, changeSet -> changeSet.getId().matches(
                        "%s-0*%s-.*".formatted(Pattern.quote(feature.name()), form.group(2))))).toList();
    }

    private List<Position> begun(String name) {
        if (features.stream().anyMatch(feature -> feature.branch().equals(name))) {
            throw isBranch(name);
        }
        return isNumber(name) ? List.of() : features.stream()
                .filter(feature -> Stream.of(feature.name(), feature.title(), feature.id())
                        .anyMatch(whole -> whole.regionMatches(true, 0, name, 0, name.length())))
                .map(Position::after).toList();
    }

    private IllegalArgumentException unknown(String name) {
        Matcher form = CHANGESET.matcher(name);
        List<String> changeSets = !form.matches() ? List.of() : named(form.group(1)).stream()
                .flatMap(feature -> feature.changeSets().stream()).map(ChangeSet::getId).toList();
        List<String> near = changeSets.isEmpty() ? near(name.replaceFirst("^.*/|^" + BEFORE, "")) : changeSets;
        return new IllegalArgumentException("There is no feature or changeset '%s'. %s".formatted(name, near.isEmpty()
                ? "List the names: ./supportdb history" : "Nearest: %s.".formatted(String.join(", ", near))));
    }

    private List<String> near(String name) {
        List<Feature> numbered = features.stream().filter(feature -> isNumber(feature.number())).toList();
        if (isNumber(name) && numbered.stream().allMatch(feature -> number(feature.number()) < number(name))) {
            // A number beyond the last one is more likely mistyped than a later feature.
            List<String> near = Suggestions.to(name, numbered.stream().map(Feature::number).toList());
            if (!near.isEmpty()) {
                return numbered.stream().filter(feature -> near.contains(feature.number())).map(Feature::id).toList();
            }
        }
        if (isNumber(name)) {
            return numbered.stream()
                    .sorted(Comparator.comparingInt(feature -> Math.abs(number(feature.number()) - number(name))))
                    .limit(2).map(Feature::id).toList();
        }
        List<String> known = features.stream().flatMap(feature -> Stream.of(feature.title(), feature.name())).toList();
        return Suggestions.to(name, known).stream().flatMap(near -> named(near).stream())
                .map(Feature::id).distinct().toList();
    }

    private static boolean isNumber(String text) {
        return NUMBER.matcher(text).matches();
    }

    /** Parses a number, ignoring leading zeros. */
    private static int number(String text) {
        return Integer.parseInt(text);
    }
}
