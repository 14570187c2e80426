package dev.supportdb.schema;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A list of intended differences. A file has one on each line, with its reason: {@code index public.ix_trial_*  # why}.
 * Before the reason comes an object with all its parts, a schema with all its objects, or an object and, after a colon,
 * a line of its difference. An asterisk matches anything, and a name without a schema is in public. Lines that begin
 * with # are comments.
 *
 * @param file    its file, for messages
 * @param entries in the order of the file
 */
public record IgnoreList(Path file, List<Entry> entries) {

    /** Kinds of objects that have parts. */
    private static final List<String> WHOLES = List.of("table", "foreign table", "view", "materialized view", "type");

    private static final Pattern FORM = Pattern.compile("(\\S.*?)\\s+#\\s*(\\S.*)");

    /** @param line counted from 1 */
    public record Entry(int line, String pattern, String reason) {

        /** Matches the parts between the asterisks, from left to right, without a regular expression. */
        private boolean covers(String text) {
            String[] parts = pattern.split("\\*+", -1);
            if (parts.length == 1) {
                return text.equals(pattern);
            }
            if (!text.startsWith(parts[0])) {
                return false;
            }
            int at = parts[0].length();
            String last = parts[parts.length - 1];
            for (String part : Arrays.asList(parts).subList(1, parts.length - 1)) {
                int found = text.indexOf(part, at);
                if (found < 0) {
                    return false;
                }
                at = found + part.length();
            }
            return text.length() - last.length() >= at && text.endsWith(last);
        }

        /**
         * Returns whether the entry names neither an object nor a fact, so that it would match everything, or
         * everything of a kind.
         */
        private boolean namesNothing() {
            String[] sides = pattern.split(":(\\s+|$)", 2);
            String[] words = sides[0].split("\\s+");
            String name = words[words.length - 1].replaceAll("[*.]+", "");
            boolean isFact = sides.length == 2 && !sides[1].replace("*", "").isBlank();
            return !isFact && (name.isEmpty() || name.equals("public") || words.length == 1 && pattern.contains("*"));
        }
    }

    /**
     * The rest of a difference.
     *
     * @param difference the differences that are not ignored
     * @param ignored    the objects that were ignored completely or in part
     * @param idle       the entries that match nothing
     */
    public record Outcome(Difference difference, Set<String> ignored, List<Entry> idle) {}

    /**
     * Reads the file; ignores nothing if it does not exist.
     *
     * @throws IllegalArgumentException if an entry has no reason, or would match everything
     */
    public static IgnoreList read(Path file) throws IOException {
        List<String> lines = lines(file);
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            Matcher form = FORM.matcher(line);
            if (!form.matches()) {
                throw new IllegalArgumentException("%s:%d: '%s' has no reason. Write it after the pattern: %s  # why"
                        .formatted(file, i + 1, line, line));
            }
            Entry entry = new Entry(i + 1, form.group(1), form.group(2));
            if (entry.namesNothing()) {
                throw new IllegalArgumentException("%s:%d: '%s' would hide more than anybody means. Name the object: "
                        .formatted(file, i + 1, entry.pattern()) + "table public.trial_*  # why");
            }
            entries.add(entry);
        }
        return new IgnoreList(file, List.copyOf(entries));
    }

    private static List<String> lines(Path file) throws IOException {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            throw new IOException("%s cannot be read as UTF-8: %s".formatted(file, e.getMessage()), e);
        }
    }

    /** Removes the intended differences from a difference. */
    public Outcome apply(Difference difference) {
        Set<Entry> used = new LinkedHashSet<>();
        Set<String> ignored = new LinkedHashSet<>();
        SortedMap<String, Difference.Sides> left = new TreeMap<>();
        difference.objects().forEach((object, sides) -> {
            List<String> names = names(sides);
            Difference.Sides rest = new Difference.Sides(
                    without(names, sides.left(), used), without(names, sides.right(), used));
            if (!rest.equals(sides)) {
                ignored.add(object);
            }
            if (!rest.isEmpty()) {
                left.put(object, rest);
            }
        });
        return new Outcome(new Difference(left), ignored,
                entries.stream().filter(entry -> !used.contains(entry)).toList());
    }

    /** The name of the object, of the object it is a part of, and of its schema. */
    private static List<String> names(Difference.Sides sides) {
        Fact subject = sides.subject();
        List<String> names = new ArrayList<>(List.of(subject.name()));
        if (subject.part() != null) {
            WHOLES.forEach(kind -> names.add(kind + " " + subject.path()));
        }
        for (ObjectFacts facts : List.of(sides.left(), sides.right())) {
            facts.value("on").filter(on -> subject.kind().equals("index"))
                    .ifPresent(on -> WHOLES.forEach(kind -> names.add(kind + " " + on)));
            facts.value("owned by").ifPresent(column ->
                    names.add("table " + column.substring(0, column.lastIndexOf('.'))));
        }
        if (subject.schema() != null) {
            names.add("schema " + subject.schema());
        }
        List.copyOf(names).forEach(name -> names.add(name.replaceFirst(" public\\.", " ")));
        return names;
    }

    private ObjectFacts without(List<String> names, ObjectFacts facts, Set<Entry> used) {
        return new ObjectFacts(facts.statements()
                .filter(statement -> !isCovered(names, FactText.of(statement), used))
                .flatMap(statement -> statement.facts().stream()).toList());
    }

    private boolean isCovered(List<String> names, String text, Set<Entry> used) {
        List<Entry> covering = entries.stream().filter(entry -> names.stream().anyMatch(entry::covers)
                || names.stream().anyMatch(name -> entry.covers(name + ": " + text))).toList();
        used.addAll(covering);
        return !covering.isEmpty();
    }
}
