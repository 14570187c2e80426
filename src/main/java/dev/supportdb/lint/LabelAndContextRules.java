package dev.supportdb.lint;

import dev.supportdb.changelog.LabelFilter;
import dev.supportdb.changelog.Phase;
import dev.supportdb.changelog.Suggestions;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Rules on contexts and labels, which select a changeset. */
final class LabelAndContextRules {

    /** The folder with a file for each environment, which contains its contexts. */
    private static final String ENVIRONMENTS = "contexts";

    private static final Pattern COMMA = Pattern.compile("\\s*,\\s*");

    static final List<Rule> RULES = List.of(
            new Rule("labels-list", "Labels are one string: filters do not find labels in a YAML list.",
                    LabelAndContextRules::labelsList),
            new Rule("label", "A label of a changeset is a phase, or a branch that a master includes: filters do not "
                    + "know others.", LabelAndContextRules::label),
            new Rule("context", "A context has an @ and belongs to an environment: without the @ it also runs when no "
                    + "context is given; without an environment it never runs.", LabelAndContextRules::context));

    private LabelAndContextRules() {
    }

    private static void labelsList(ChangelogProject project, Rule.Report report) {
        for (ChangelogFile source : project.sources()) {
            source.root().all().filter(element -> element.key().equals("labels") && element.isList())
                    .forEach(labels -> report.add(source, labels, "These labels are a list.",
                            "labels: \"%s\"".formatted(labels.children().stream().map(YamlElement::text)
                                    .collect(Collectors.joining(", ")))));
        }
    }

    private static void label(ChangelogProject project, Rule.Report report) {
        Set<String> known = new TreeSet<>(Phase.ALL);
        project.includes().stream().flatMap(include -> labels(include.label())).forEach(known::add);
        for (ChangelogFile source : project.sources()) {
            project.written(source).flatMap(changeset -> changeset.child("labels").stream())
                    .forEach(labels -> labels(labels.text()).filter(word -> !known.contains(word))
                            .forEach(word -> report.add(source, labels,
                                    "'%s' is neither a branch nor a phase.".formatted(word),
                                    "labels: " + nearest(word, known))));
        }
    }

    private static void context(ChangelogProject project, Rule.Report report) {
        Set<String> known = contexts(project.root());
        for (ChangelogFile source : project.sources()) {
            source.items().flatMap(item -> item.child("contextFilter").stream()).forEach(filter -> {
                List<String> without = LabelFilter.words(filter.text()).stream()
                        .filter(word -> !word.startsWith("@")).toList();
                if (!without.isEmpty()) {
                    report.add(source, filter, "%s has no @.".formatted(String.join(", ", without)),
                            "contextFilter: \"%s\"".formatted(filter.text().replaceAll(
                                    "(?<![@\\w-])(?!(?:and|or|not)\\b)(?=[\\w])", "@")));
                }
                LabelFilter.names(filter.text()).stream()
                        .filter(word -> !known.isEmpty() && !known.contains(word))
                        .forEach(word -> report.add(source, filter,
                                "No environment in %s/ has the context %s.".formatted(ENVIRONMENTS, word),
                                "contextFilter: \"%s\"".formatted(filter.text().replaceAll(
                                        "(?<![\\w-])@?" + Pattern.quote(word) + "(?![\\w-])",
                                        "@" + nearest(word, known)))));
            });
        }
    }

    /** The labels of a changeset. They are no filter: each text between commas is one label. */
    private static Stream<String> labels(String text) {
        return COMMA.splitAsStream(text.strip()).filter(label -> !label.isEmpty());
    }

    private static String nearest(String word, Set<String> known) {
        List<String> near = Suggestions.to(word, known);
        return near.isEmpty() ? String.join("|", known) : near.get(0);
    }

    /** The contexts of all environments; empty if there are none. */
    private static Set<String> contexts(Path root) {
        Path folder = root.resolve(ENVIRONMENTS);
        if (!Files.isDirectory(folder)) {
            return Set.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".properties"))
                    .flatMap(file -> LabelFilter.names(properties(file).getProperty("contexts", "")).stream())
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Properties properties(Path file) {
        try (Reader reader = Files.newBufferedReader(file)) {
            Properties properties = new Properties();
            properties.load(reader);
            return properties;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
