package dev.supportdb.generate;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toSet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The template of a feature's file.
 *
 * @param text the text, with placeholders such as {@code {{name}}}
 */
record FeatureTemplate(Path file, String text) {

    private static final Pattern PLACE = Pattern.compile("\\{\\{(\\w+)}}");
    private static final Pattern CHANGES = Pattern.compile("(?m)^( +)changes:");
    private static final String CHANGE_SET = "\n  - changeSet:";

    /** @throws IOException if the file does not exist or cannot be read */
    static FeatureTemplate read(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new NoSuchFileException("The template of new features does not exist: " + file);
        }
        return new FeatureTemplate(file, MasterChangelog.text(file));
    }

    /**
     * Replaces the placeholders with values. Leaves out a line whose placeholder has the value null.
     *
     * @param words the value for each known placeholder
     * @throws IOException if the template has an unknown placeholder, or lacks {@code name} or {@code path}
     */
    FeatureTemplate with(Map<String, String> words) throws IOException {
        Set<String> places = PLACE.matcher(text).results().map(place -> place.group(1)).collect(toSet());
        for (String place : places) {
            if (!words.containsKey(place)) {
                throw new IOException("%s has an unknown placeholder {{%s}}. Known: {{%s}}. Nothing has been written."
                        .formatted(
                        file, place, String.join("}}, {{", new TreeSet<>(words.keySet()))));
            }
        }
        for (String place : List.of("name", "path")) {
            if (!places.contains(place)) {
                throw new IOException("%s has no placeholder {{%s}}, which a feature needs. Nothing has been written."
                        .formatted(file, place));
            }
        }
        return of(text.lines()
                .filter(line -> PLACE.matcher(line).results().map(place -> place.group(1))
                        .noneMatch(key -> words.containsKey(key) && words.get(key) == null))
                .map(line -> PLACE.matcher(line).replaceAll(place -> Matcher.quoteReplacement(
                        words.get(place.group(1)))))
                .collect(joining("\n", "", "\n")));
    }

    /**
     * Adds preconditions: to the first changeset with changes, without which the update fails before the others, or to
     * each changeset if the feature is deferred.
     *
     * @throws IOException if no changeset has changes
     */
    FeatureTemplate on(FeaturePreconditions condition) throws IOException {
        StringBuilder conditioned = new StringBuilder();
        Matcher changes = CHANGES.matcher(text);
        for (boolean first = true; changes.find() && (first || condition.waits()); first = false) {
            String lines = first ? condition.yaml() : condition.yamlAgain();
            changes.appendReplacement(conditioned, Matcher.quoteReplacement(
                    lines.indent(changes.group(1).length()) + changes.group()));
        }
        if (conditioned.isEmpty()) {
            throw new IOException(file + " has no changeset with changes, so no precondition can be added");
        }
        return of(changes.appendTail(conditioned).toString());
    }

    /**
     * Replaces the changesets after the first, which sets the tag.
     *
     * @throws IOException if the template has no changeset
     */
    FeatureTemplate followedBy(String changeSets) throws IOException {
        int tag = text.indexOf(CHANGE_SET);
        int next = text.indexOf(CHANGE_SET, tag + 1);
        if (tag < 0) {
            throw new IOException(file + " has no changeset that sets the tag");
        }
        String head = next < 0 ? text : text.substring(0, next);
        // Removes the template's comments on its own changes together with these changes.
        return of(head.replaceFirst("(\\n *#.*)+\\n*$", "").stripTrailing() + "\n\n" + changeSets);
    }

    private FeatureTemplate of(String other) {
        return new FeatureTemplate(file, other);
    }
}
