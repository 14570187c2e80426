package dev.supportdb.generate;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.LabelFilter;
import dev.supportdb.changelog.Phase;
import java.io.IOException;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import liquibase.exception.LiquibaseException;

/**
 * Creates a feature: a file with the next free number, from {@code template.yaml} beside the master, and its include at
 * the end of the master. The template is a feature file with the placeholders {@code {{message}}}, {@code {{name}}},
 * {@code {{path}}} and {@code {{ticket}}}; a line with a placeholder without a value is left out.
 */
public final class FeatureScaffold {

    private static final Pattern BRANCH = Pattern.compile("[a-z][a-z0-9_]*");

    /** The longest title. Longer ones are cut at a word, because files, tags and ids contain them. */
    private static final int LENGTH = 40;

    private final Path root;
    private final String changelog;
    private final Map<String, String> parameters;

    /**
     * @param root       the project's folder
     * @param master     path of the master changelog from there
     * @param parameters the values of the changelog parameters in its files
     */
    public FeatureScaffold(Path root, String master, Map<String, String> parameters) {
        this.root = root;
        this.changelog = master;
        this.parameters = Map.copyOf(parameters);
    }

    /**
     * Returns the existing changelog.
     *
     * @throws IOException if nothing can be added to the master
     * @throws LiquibaseException if Liquibase cannot parse it
     */
    public Changelog changelog() throws IOException, LiquibaseException {
        Changelog existing = Changelog.read(root, changelog, parameters);
        master();
        return existing;
    }

    /**
     * Returns a new feature with this message on this branch, named such as {@code 029_add_tags}; the number is the
     * next free one.
     *
     * @throws IllegalArgumentException if the branch or the message cannot be used
     * @throws IOException              if nothing can be added to the changelog, or another feature has this title
     */
    public Begun begin(String branch, String message) throws IOException {
        if (!BRANCH.matcher(branch).matches() || LabelFilter.isOperator(branch) || Phase.ALL.contains(branch)) {
            throw new IllegalArgumentException(
                    "'%s' cannot be a branch: a branch is a folder and a label, one word in lower case"
                            .formatted(branch));
        }
        MasterChangelog master = master();
        Optional<Path> owner = master.ownerOf(branch);
        if (owner.isPresent()) {
            throw new IllegalArgumentException(("The branch %s belongs to %s: choose an environment of that changelog "
                    + "with --env").formatted(
                    branch, root.relativize(owner.get())));
        }
        FeatureNumber numbered = new FeatureNumber(root, master);
        String name = numbered.leftBehind(branch, title(message)).orElse(name(message, numbered));
        Path path = root.relativize(master.file().resolveSibling(branch).resolve(name + ".yaml"));
        numbered.refuseTaken(path);
        return new Begun(branch, name, oneLine(message), path, Optional.empty());
    }

    /** Returns the name that a feature with this message would get now. */
    public String name(String message) throws IOException {
        return name(message, new FeatureNumber(root, master()));
    }

    private static String name(String message, FeatureNumber numbered) throws IOException {
        return "%03d_%s".formatted(numbered.next(), title(message));
    }

    private static String title(String message) {
        String letters = Normalizer.normalize(message, Normalizer.Form.NFKD).replaceAll("\\p{M}", "");
        String title = letters.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_").replaceAll("^_|_$", "");
        if (title.isEmpty()) {
            String nothingLeft = message.isBlank() ? ""
                    : "'%s' has no letters for the name of a file. ".formatted(message.strip());
            throw new IllegalArgumentException(
                    nothingLeft + "Describe the feature in a few words, such as \"add tags\"");
        }
        return title.length() <= LENGTH ? title : title.substring(0, LENGTH + 1).replaceFirst("_[^_]*$|.$", "");
    }

    /**
     * A feature with a name that is not written yet.
     *
     * @param branch    folder and label
     * @param name      number and title
     * @param message   what it does, in words
     * @param path      the path of its file, from the project's folder
     * @param condition its preconditions
     */
    public record Begun(String branch, String name, String message, Path path,
            Optional<FeaturePreconditions> condition) {

        /** Returns this feature with preconditions. */
        public Begun on(FeaturePreconditions needed) {
            return new Begun(branch, name, message, path, Optional.of(needed));
        }
    }

    /**
     * Writes the feature's file and includes it: both, or neither.
     *
     * @param ticket     may be null
     * @param changeSets what stands in the file after the tag, in place of the template's; null for the template's own
     * @throws IOException also if Liquibase cannot read the result
     */
    public void write(Begun feature, String ticket, String changeSets) throws IOException {
        Path file = root.resolve(changelog).resolveSibling("template.yaml");
        FeatureTemplate template = filled(FeatureTemplate.read(file), feature, ticket, changeSets);
        new MasterEdit(root, master(), parameters).write(feature, template);
    }

    private static FeatureTemplate filled(FeatureTemplate template, Begun feature, String ticket, String changeSets)
            throws IOException {
        Map<String, String> words = new HashMap<>(Map.of("message", feature.message(), "name", feature.name(),
                "path", feature.path().toString().replace('\\', '/')));
        words.put("ticket", ticket == null || ticket.isBlank() ? null : oneLine(ticket));
        FeatureTemplate filled = template.with(words);
        filled = changeSets == null ? filled : filled.followedBy(changeSets);
        return feature.condition().isPresent() ? filled.on(feature.condition().get()) : filled;
    }

    private MasterChangelog master() throws IOException {
        return MasterChangelog.read(root, root.resolve(changelog));
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s+", " ");
    }
}
