package dev.supportdb.schema;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What only one of two databases has, object by object.
 *
 * @param objects the objects that differ; sorted, empty when there is no difference
 */
public record Difference(SortedMap<String, Sides> objects) {

    /**
     * A list of texts that a varchar is compared with, which the server casts to text as a whole when it is given as
     * {@code in ('a', 'b')}, and one by one when it is given as it said it itself: by a dump, to whom restores it.
     */
    private static final String VARCHAR = "'[^']*+(?:''[^']*+)*+'::character varying";
    private static final Pattern CAST_ONE = Pattern.compile("\\((" + VARCHAR + ")\\)::text");
    private static final Pattern CAST_ALL =
            Pattern.compile("\\((ARRAY\\[" + VARCHAR + "(?:, " + VARCHAR + ")*+\\])\\)::text\\[\\]");

    /**
     * @param left  facts that hold on the left only
     * @param right facts that hold on the right only
     */
    public record Sides(List<String> left, List<String> right) {}

    public Difference {
        objects = Collections.unmodifiableSortedMap(objects);
    }

    /** How the schemas differ. */
    public static Difference between(Fingerprint left, Fingerprint right) {
        return of(left.facts(), right.facts());
    }

    /** Which tables differ in their rows; a table that only one side has is a difference, even an empty one. */
    public static Difference between(Digest left, Digest right) {
        return of(facts(left), facts(right));
    }

    public boolean isEmpty() {
        return objects.isEmpty();
    }

    /** For people: each object, then what only the left has after a minus, what only the right has after a plus. */
    @Override
    public String toString() {
        return isEmpty() ? "no difference" : objects.entrySet().stream()
                .map(object -> object.getKey() + shown(object.getValue()))
                .collect(Collectors.joining("\n"));
    }

    private static Difference of(
            SortedMap<String, SortedSet<String>> left, SortedMap<String, SortedSet<String>> right) {
        SortedMap<String, Sides> objects = new TreeMap<>();
        SortedSet<String> names = new TreeSet<>(left.keySet());
        names.addAll(right.keySet());
        for (String name : names) {
            SortedSet<String> before = left.getOrDefault(name, Collections.emptySortedSet());
            SortedSet<String> after = right.getOrDefault(name, Collections.emptySortedSet());
            Sides sides = new Sides(without(before, after), without(after, before));
            if (!sides.left().isEmpty() || !sides.right().isEmpty()) {
                objects.put(name, sides);
            }
        }
        return new Difference(objects);
    }

    private static List<String> without(SortedSet<String> facts, SortedSet<String> others) {
        Set<String> same = others.stream().map(Difference::inOneForm).collect(Collectors.toSet());
        return facts.stream().filter(fact -> !same.contains(inOneForm(fact))).toList();
    }

    private static String inOneForm(String fact) {
        return CAST_ALL.matcher(CAST_ONE.matcher(fact).replaceAll("$1")).replaceAll("$1");
    }

    private static SortedMap<String, SortedSet<String>> facts(Digest digest) {
        SortedMap<String, SortedSet<String>> facts = new TreeMap<>();
        digest.tables().forEach((table, rows) -> facts.put(table, new TreeSet<>(List.of(rows.toString()))));
        return facts;
    }

    /**
     * Of long definitions, such as the body of a function, only the lines from the first to the last that differ, and
     * the first one where the other side has nothing.
     */
    private static String shown(Sides sides) {
        if (sides.left().isEmpty() || sides.right().isEmpty()) {
            return shown("\n  - ", firstLines(sides.left())) + shown("\n  + ", firstLines(sides.right()));
        }
        List<String> left = lines(sides.left());
        List<String> right = lines(sides.right());
        int shorter = Math.min(left.size(), right.size());
        int head = 0;
        while (head < shorter && left.get(head).equals(right.get(head))) {
            head++;
        }
        int tail = 0;
        while (tail < shorter - head && left.get(left.size() - 1 - tail).equals(right.get(right.size() - 1 - tail))) {
            tail++;
        }
        return shown("\n  - ", left.subList(head, left.size() - tail))
                + shown("\n  + ", right.subList(head, right.size() - tail));
    }

    private static List<String> firstLines(List<String> facts) {
        return facts.stream().map(fact -> fact.replaceFirst("(?s)\n.*", " …")).toList();
    }

    private static List<String> lines(List<String> facts) {
        return facts.stream().flatMap(fact -> Stream.of(fact.split("\n", -1))).toList();
    }

    private static String shown(String sign, List<String> lines) {
        return lines.stream().map(line -> sign + line).collect(Collectors.joining());
    }
}
