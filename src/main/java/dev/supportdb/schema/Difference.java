package dev.supportdb.schema;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What only one of two databases has, object by object.
 *
 * @param objects the objects that differ; sorted, empty when there is no difference
 */
public record Difference(SortedMap<String, Sides> objects) {

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
            if (!before.equals(after)) {
                objects.put(name, new Sides(without(before, after), without(after, before)));
            }
        }
        return new Difference(objects);
    }

    private static List<String> without(SortedSet<String> facts, SortedSet<String> others) {
        return facts.stream().filter(fact -> !others.contains(fact)).toList();
    }

    private static SortedMap<String, SortedSet<String>> facts(Digest digest) {
        SortedMap<String, SortedSet<String>> facts = new TreeMap<>();
        digest.tables().forEach((table, rows) -> facts.put(table, new TreeSet<>(List.of(rows.toString()))));
        return facts;
    }

    /** Of long definitions, such as the body of a function, only the lines from the first to the last that differ. */
    private static String shown(Sides sides) {
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

    private static List<String> lines(List<String> facts) {
        return facts.stream().flatMap(fact -> Stream.of(fact.split("\n", -1))).toList();
    }

    private static String shown(String sign, List<String> lines) {
        return lines.stream().map(line -> sign + line).collect(Collectors.joining());
    }
}
