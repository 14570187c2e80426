package dev.supportdb.schema;

import dev.supportdb.postgres.PrintableText;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The facts that only one of two databases has, object by object.
 *
 * @param objects the objects that differ; sorted, empty if there is no difference
 */
public record Difference(SortedMap<String, Sides> objects) {

    /**
     * A varchar literal in a list that a varchar column is compared with. The server casts the list to text as a whole
     * if it was written as {@code in ('a', 'b')}, and item by item if it comes from the server's own definition, as
     * after a restore of a dump.
     */
    private static final String VARCHAR = "'[^']*+(?:''[^']*+)*+'::character varying";
    private static final Pattern CAST_ONE = Pattern.compile("\\((" + VARCHAR + ")\\)::text");
    private static final Pattern CAST_ALL =
            Pattern.compile("\\((ARRAY\\[" + VARCHAR + "(?:, " + VARCHAR + ")*+\\])\\)::text\\[\\]");

    /**
     * The facts of an object that only one side has. If its definition differs, both definitions are complete.
     *
     * @param left  empty if the left has no facts of its own
     * @param right empty if the right has no facts of its own
     */
    public record Sides(ObjectFacts left, ObjectFacts right) {

        public boolean isEmpty() {
            return left.isEmpty() && right.isEmpty();
        }

        /** Returns any of the facts, for the names in it. */
        public Fact subject() {
            return (left.isEmpty() ? right : left).facts().get(0);
        }
    }

    public Difference {
        objects = Collections.unmodifiableSortedMap(objects);
    }

    /** Returns the differences of two schemas. */
    public static Difference between(SchemaFingerprint left, SchemaFingerprint right) {
        return of(left.objects(), right.objects());
    }

    /**
     * Returns the tables that differ in their rows; a table that only one side has is a difference, even an empty one.
     */
    public static Difference between(DataDigest left, DataDigest right) {
        return of(rows(left), rows(right));
    }

    public boolean isEmpty() {
        return objects.isEmpty();
    }

    /** Returns the differences without comments, owners and privileges. */
    public Difference definitions() {
        SortedMap<String, Sides> definitions = new TreeMap<>();
        objects.forEach((name, sides) -> {
            Sides defined = new Sides(sides.left().definition(), sides.right().definition());
            if (!defined.isEmpty()) {
                definitions.put(name, defined);
            }
        });
        return new Difference(definitions);
    }

    /**
     * Returns a text for people: each object, then facts only on the left after a minus, facts only on the right after
     * a plus.
     */
    @Override
    public String toString() {
        return isEmpty() ? "no difference" : objects.entrySet().stream()
                .map(object -> PrintableText.line(object.getKey()) + shown(object.getValue()))
                .collect(Collectors.joining("\n"));
    }

    private static Difference of(SortedMap<String, ObjectFacts> left, SortedMap<String, ObjectFacts> right) {
        SortedMap<String, Sides> objects = new TreeMap<>();
        SortedSet<String> names = new TreeSet<>(left.keySet());
        names.addAll(right.keySet());
        for (String name : names) {
            ObjectFacts before = left.getOrDefault(name, ObjectFacts.NONE);
            ObjectFacts after = right.getOrDefault(name, ObjectFacts.NONE);
            Sides sides = new Sides(without(before, after), without(after, before));
            if (!sides.isEmpty()) {
                objects.put(name, sides);
            }
        }
        return new Difference(objects);
    }

    private static ObjectFacts without(ObjectFacts facts, ObjectFacts others) {
        boolean sameDefinition = inOneForm(facts.definition()).equals(inOneForm(others.definition()));
        return facts.only(fact -> fact.isDefinition() ? !sameDefinition : !others.facts().contains(fact));
    }

    private static List<Fact> inOneForm(ObjectFacts facts) {
        return facts.facts().stream().map(fact -> fact.with(inOneForm(fact.value()))).toList();
    }

    private static String inOneForm(String value) {
        return CAST_ALL.matcher(CAST_ONE.matcher(value).replaceAll("$1")).replaceAll("$1");
    }

    private static SortedMap<String, ObjectFacts> rows(DataDigest digest) {
        SortedMap<String, ObjectFacts> tables = new TreeMap<>();
        digest.tables().forEach((table, rows) -> tables.put(table,
                new ObjectFacts(List.of(new Fact("table", null, table, null, "rows", rows.toString())))));
        return tables;
    }

    /**
     * The text to show. Of a long definition, such as a function body, only the lines from the first to the last
     * difference, and only the first line if the other side has nothing.
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

    private static List<String> firstLines(ObjectFacts facts) {
        return facts.lines().stream().map(text -> text.replaceFirst("(?s)\n.*", " …")).toList();
    }

    private static List<String> lines(ObjectFacts facts) {
        return facts.lines().stream().flatMap(text -> Stream.of(text.split("\n", -1))).toList();
    }

    private static String shown(String sign, List<String> lines) {
        return lines.stream().map(line -> sign + line).collect(Collectors.joining());
    }
}
