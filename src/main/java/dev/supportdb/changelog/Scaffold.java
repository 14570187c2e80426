package dev.supportdb.changelog;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.exception.LiquibaseException;

/**
 * Begins a feature: a file with the next free number, from {@code template.yaml} beside the master, and its include at
 * the end of the master. The template is a feature's file with {@code {{message}}}, {@code {{name}}}, {@code {{path}}}
 * and {@code {{ticket}}} where these belong; a line that asks for what was not given is left out.
 */
public final class Scaffold {

    private static final Pattern FILE = Pattern.compile("(\\d{3,})_.*\\.yaml");
    private static final Pattern BRANCH = Pattern.compile("[a-z][a-z0-9_]*");

    /** A filter would take them for something else. */
    private static final Set<String> OPERATORS = Set.of("and", "or", "not");

    /** Longer ones are cut at a word, for files, tags and ids bear them. */
    private static final int LENGTH = 40;

    private final Path root;
    private final String changelog;
    private final Map<String, String> parameters;

    /**
     * @param root       the project's folder
     * @param master     path of the master changelog from there
     * @param parameters what stands for the placeholders in its files
     */
    public Scaffold(Path root, String master, Map<String, String> parameters) {
        this.root = root;
        this.changelog = master;
        this.parameters = Map.copyOf(parameters);
    }

    /**
     * What is there already.
     *
     * @throws IOException when the master is in no state to be added to
     */
    public Changelog changelog() throws IOException, LiquibaseException {
        master();
        return Changelog.read(root, changelog, parameters);
    }

    /**
     * What a feature with this message on this branch is called, {@code 029_add_tags}; the number is the next free one.
     *
     * @throws IllegalArgumentException when one of the two will not do
     * @throws IOException              when the changelog is in no state to be added to
     */
    public Begun begin(String branch, String message) throws IOException {
        if (!BRANCH.matcher(branch).matches() || OPERATORS.contains(branch) || Phase.ALL.contains(branch)) {
            throw new IllegalArgumentException(
                    "A branch is a folder and a label, one word in lower case: not '%s'".formatted(branch));
        }
        Master master = master();
        Optional<Path> owner = master.ownerOf(branch);
        if (owner.isPresent()) {
            throw new IllegalArgumentException("The branch %s is of %s: choose an environment that has it".formatted(
                    branch, root.relativize(owner.get())));
        }
        String title = title(message);
        String name = "%03d_%s".formatted(nextNumber(master), title);
        return new Begun(branch, name, oneLine(message),
                root.relativize(master.file().resolveSibling(branch).resolve(name + ".yaml")), Optional.empty());
    }

    private static String title(String message) {
        String letters = Normalizer.normalize(message, Normalizer.Form.NFKD).replaceAll("\\p{M}", "");
        String title = letters.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_").replaceAll("^_|_$", "");
        if (title.isEmpty()) {
            String nothingLeft = message.isBlank() ? ""
                    : "Of '%s' nothing is left for the name of a file. ".formatted(message.strip());
            throw new IllegalArgumentException(
                    nothingLeft + "Say in a few words what the feature does, such as m=\"add tags\"");
        }
        return title.length() <= LENGTH ? title : title.substring(0, LENGTH + 1).replaceFirst("_[^_]*$|.$", "");
    }

    /** A number is taken as soon as a file has it, whether the master includes that already or not. */
    private int nextNumber(Master master) throws IOException {
        SortedMap<Integer, List<Path>> numbers = new TreeMap<>(files(master).stream()
                .collect(Collectors.groupingBy(Scaffold::number)));
        int next = numbers.isEmpty() ? 1 : numbers.lastKey() + 1;
        Optional<List<Path>> twice = numbers.values().stream().filter(files -> files.size() > 1).findFirst();
        if (twice.isPresent()) {
            throw new IOException("""
                    The number %03d is used by several files:
                      %s
                    Give one that is deployed nowhere yet the number %03d: in the name of its file, and of its \
                    folder if there is one,
                    in its text, and in %s, where its include then goes to the end. Nothing has been written."""
                    .formatted(number(twice.get().get(0)), twice.get().stream().map(Path::toString)
                            .collect(Collectors.joining("\n  ")), next, changelog));
        }
        return next;
    }

    /** Those with a number that another master does not have. */
    private List<Path> files(Master master) throws IOException {
        try (Stream<Path> folders = Files.list(master.file().resolveSibling(""))) {
            List<Path> found = new ArrayList<>();
            for (Path folder : folders.filter(Files::isDirectory).sorted().toList()) {
                if (master.ownerOf(folder.getFileName().toString()).isEmpty()) {
                    try (Stream<Path> files = Files.list(folder)) {
                        files.filter(file -> FILE.matcher(file.getFileName().toString()).matches()).sorted()
                                .map(root::relativize).forEach(found::add);
                    }
                }
            }
            return found;
        }
    }

    private static int number(Path path) {
        Matcher file = FILE.matcher(path.getFileName().toString());
        return file.matches() ? Integer.parseInt(file.group(1)) : 0;
    }

    /**
     * A feature that has a name and is yet to be written.
     *
     * @param branch    folder and label
     * @param name      number and title
     * @param message   what it does, in words
     * @param path      of its file, from the project's folder
     * @param condition what has to be there before it
     */
    public record Begun(String branch, String name, String message, Path path, Optional<Condition> condition) {

        /** The same, with preconditions. */
        public Begun on(Condition needed) {
            return new Begun(branch, name, message, path, Optional.of(needed));
        }
    }

    /**
     * Writes its file and includes it: both, or neither.
     *
     * @param ticket     may be null
     * @param changeSets what stands in the file after the tag, in place of the template's; null for the template's own
     * @throws IOException also when another feature has its title, or Liquibase cannot read what would be there
     */
    public void write(Begun feature, String ticket, String changeSets) throws IOException {
        Master master = master();
        refuseNamesake(feature, master);
        Map<String, String> words = new HashMap<>(Map.of("message", feature.message(), "name", feature.name(),
                "path", feature.path().toString().replace('\\', '/')));
        words.put("ticket", ticket == null || ticket.isBlank() ? null : oneLine(ticket));
        Template template = Template.read(master.file().resolveSibling("template.yaml")).with(words);
        if (changeSets != null) {
            template = template.followedBy(changeSets);
        }
        if (feature.condition().isPresent()) {
            template = template.on(feature.condition().get());
        }
        new Addition(root, master, parameters).write(feature, template);
    }

    /** A person types the title, and means one feature. */
    private void refuseNamesake(Begun feature, Master master) throws IOException {
        String title = feature.name().replaceFirst("\\d+", "");
        for (Path file : files(master)) {
            if (file.getFileName().toString().replaceFirst("\\d+", "").equals(title + ".yaml")) {
                throw new FileAlreadyExistsException("There is %s already%s. Nothing has been written.".formatted(file,
                        master.includes(root.relativize(root.resolve(file)))
                                ? ": choose other words" : ", which nothing includes: include it, or delete it"));
            }
        }
    }

    private Master master() throws IOException {
        return Master.read(root, root.resolve(changelog));
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s+", " ");
    }
}
