package dev.supportdb.changelog;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Begins a feature: a file with the next free number, from {@code template.yaml} beside the master, and its include at
 * the end of the master. The template is a feature's file with {@code {{message}}}, {@code {{name}}}, {@code {{path}}}
 * and {@code {{ticket}}} where these belong; a line that asks for what was not given is left out.
 */
public final class Scaffold {

    private static final Pattern FILE = Pattern.compile("(\\d{3,})_.*\\.yaml");
    private static final Pattern PLACE = Pattern.compile("\\{\\{(\\w+)}}");
    private static final Pattern BRANCH = Pattern.compile("[a-z][a-z0-9_]*");
    private static final String CHANGE_SET = "\n  - changeSet:";

    private final Path root;
    private final Path master;

    /**
     * @param root   the project's folder
     * @param master path of the master changelog from there
     */
    public Scaffold(Path root, String master) {
        this.root = root;
        this.master = root.resolve(master);
    }

    /** What a feature with this message on this branch is called, {@code 029_add_tags}; the number is the next free one. */
    public Begun begin(String branch, String message) throws IOException {
        if (!BRANCH.matcher(branch).matches()) {
            throw new IllegalArgumentException("A branch is a folder and a label, in lower case: not '" + branch + "'");
        }
        String title = message.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_").replaceAll("^_|_$", "");
        if (title.isEmpty()) {
            throw new IllegalArgumentException("Say in a few words what the feature does, such as m=\"add tags\"");
        }
        String name = "%03d_%s".formatted(highest() + 1, title);
        Path folder = master.resolveSibling(branch);
        return new Begun(branch, name, message.strip().replaceAll("\\s+", " "), root.relativize(folder.resolve(name + ".yaml")));
    }

    /** A number is taken as soon as a file has it, whether the master includes that already or not. */
    private int highest() throws IOException {
        try (Stream<Path> files = Files.walk(master.resolveSibling("").normalize(), 2)) {
            return files.map(file -> FILE.matcher(file.getFileName().toString())).filter(Matcher::matches)
                    .mapToInt(file -> Integer.parseInt(file.group(1))).max().orElse(0);
        }
    }

    /**
     * A feature that has a name and is yet to be written.
     *
     * @param branch  folder and label
     * @param name    number and title
     * @param message what it does, in words
     * @param path    of its file, from the project's folder
     */
    public record Begun(String branch, String name, String message, Path path) {}

    /**
     * Writes its file and includes it.
     *
     * @param ticket     may be null
     * @param changeSets what stands in the file after the tag, in place of the template's; null for the template's own
     */
    public void write(Begun feature, String ticket, String changeSets) throws IOException {
        Path file = root.resolve(feature.path());
        if (Files.exists(file)) {
            throw new FileAlreadyExistsException(feature.path() + " is there already");
        }
        String text = fill(Files.readString(template()), feature, ticket);
        if (changeSets != null) {
            text = head(text) + "\n" + changeSets;
        }
        // The master first: it is the one that may not be writable, or not be what this expects.
        String includes = Files.readString(master);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        Files.writeString(master, includes + (includes.endsWith("\n") ? "" : "\n")
                + "  - include: {file: %s/%s.yaml, relativeToChangelogFile: true, labels: %s}%n"
                        .formatted(feature.branch(), feature.name(), feature.branch()));
    }

    private Path template() {
        return master.resolveSibling("template.yaml");
    }

    private static String fill(String template, Begun feature, String ticket) {
        Map<String, String> values = new HashMap<>(Map.of("message", feature.message(), "name", feature.name(),
                "path", feature.path().toString().replace('\\', '/')));
        values.put("ticket", ticket);
        return template.lines()
                .filter(line -> PLACE.matcher(line).results().map(place -> place.group(1))
                        .noneMatch(key -> values.containsKey(key) && values.get(key) == null))
                .map(line -> PLACE.matcher(line).replaceAll(place -> Matcher.quoteReplacement(
                        Objects.requireNonNullElse(values.get(place.group(1)), place.group()))))
                .collect(joining("\n", "", "\n"));
    }

    /** As far as the end of the first changeset, which sets the tag. */
    private String head(String text) {
        int tag = text.indexOf(CHANGE_SET);
        int next = text.indexOf(CHANGE_SET, tag + 1);
        if (tag < 0) {
            throw new IllegalStateException(template() + " has no changeset that sets the tag");
        }
        String head = next < 0 ? text : text.substring(0, next);
        // What the template says of its own changes goes with them.
        return head.replaceFirst("(\\n *#.*)+\\n*$", "").stripTrailing() + "\n";
    }
}
