package dev.supportdb.lint;

import dev.supportdb.changelog.Phase;
import dev.supportdb.lint.ChangelogProject.Include;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Rules on branches, numbers and missing files. */
final class FeatureOrderRules {

    static final List<Rule> RULES = List.of(
            new Rule("unlabelled", "A changeset has the label of a branch, from the include: every filter selects a "
                    + "changeset without a label as well.", FeatureOrderRules::unlabelled),
            new Rule("one-head", "The label of a numbered file is the name of its folder: a branch in two folders has "
                    + "two heads.", FeatureOrderRules::oneHead),
            new Rule("number", "The numbers in a master rise, and each occurs once.", FeatureOrderRules::number),
            new Rule("not-included", "A master includes each file of the changelog by its name: a file that is not "
                    + "included never runs, and lint does not read files that are included another way.",
                    FeatureOrderRules::notIncluded));

    private FeatureOrderRules() {
    }

    private static void unlabelled(ChangelogProject project, Rule.Report report) {
        for (Include include : project.includes()) {
            if (!include.element().child("labels").map(YamlElement::isList).orElse(false)
                    && isNoBranch(include.label())) {
                report.add(include.master(), include.element(), "The changesets of this file have no branch.",
                        include(include, "labels: " + folder(include)));
            }
        }
        for (ChangelogFile source : project.sources()) {
            boolean included = project.includes().stream().anyMatch(include -> include.file().equals(source.path()));
            project.written(source).filter(changeset -> !included && isNoBranch(changeset.text("labels")))
                    .forEach(changeset -> report.add(source, changeset, "This changeset has no branch.",
                            "labels: <branch>   # and move it to a file of its own"));
        }
    }

    private static boolean isNoBranch(String labels) {
        return Arrays.stream(labels.split("\\s*,\\s*")).filter(label -> !label.isBlank()).allMatch(Phase.ALL::contains);
    }

    private static String include(Include include, String labels) {
        return "- include: {file: %s, relativeToChangelogFile: true, %s}".formatted(
                include.element().text("file"), labels);
    }

    private static String folder(Include include) {
        String[] path = include.file().split("/");
        return path.length < 2 ? include.file() : path[path.length - 2];
    }

    private static void oneHead(ChangelogProject project, Rule.Report report) {
        Map<String, ChangelogFile> home = new HashMap<>();
        for (Include include : project.includes()) {
            String folder = folder(include);
            ChangelogFile first = home.putIfAbsent(folder, include.master());
            if (include.number().isEmpty() || isNoBranch(include.label())) {
                continue;
            }
            if (!List.of(include.label().split("\\s*,\\s*")).contains(folder)) {
                report.add(include.master(), include.element(), "The folder is %s, the label is %s: two heads."
                        .formatted(folder, include.label()), include(include, "labels: " + folder));
            } else if (first != null && first != include.master()) {
                report.add(include.master(), include.element(), "The branch %s has another head in %s."
                        .formatted(folder, first.path()),
                        "# in a folder of its own\n" + include(include, "labels: <branch>"));
            }
        }
    }

    private static void number(ChangelogProject project, Rule.Report report) {
        for (ChangelogFile master : project.sources()) {
            int last = 0;
            Set<Integer> used = new HashSet<>();
            for (Include include : project.includes()) {
                if (include.master() != master || include.number().isEmpty()) {
                    continue;
                }
                int number = Integer.parseInt(include.number());
                if (!used.add(number)) {
                    report.add(master, include.element(), "The number %s is used twice.".formatted(include.number()),
                            renumbered(include, highest(project, master) + 1));
                } else if (number < last) {
                    report.add(master, include.element(), "The number %s comes after %03d."
                            .formatted(include.number(), last), renumbered(include, highest(project, master) + 1));
                } else {
                    last = number;
                }
            }
        }
    }

    private static int highest(ChangelogProject project, ChangelogFile master) {
        return project.includes().stream().filter(include -> include.master() == master)
                .map(Include::number).filter(number -> !number.isEmpty()).mapToInt(Integer::parseInt).max().orElse(0);
    }

    private static String renumbered(Include include, int number) {
        String file = include.element().text("file").replaceFirst("\\d+(?=_[^/]*$)", "%03d".formatted(number));
        return "- include: {file: %s, relativeToChangelogFile: true, labels: %s}".formatted(file, include.label());
    }

    private static void notIncluded(ChangelogProject project, Rule.Report report) {
        Set<String> named = project.sources().stream().flatMap(source -> source.root().all()
                .map(YamlElement::text)
                .filter(text -> text.contains("."))
                .flatMap(text -> List.of(text, source.path().substring(0, source.path().lastIndexOf('/') + 1) + text)
                        .stream())).collect(Collectors.toSet());
        for (ChangelogFile source : project.sources()) {
            boolean master = project.includes().stream().anyMatch(include -> include.master().equals(source));
            source.items().filter(item -> item.key().equals("includeAll") || item.key().equals("include") && !master)
                    .forEach(item -> report.add(source, item, "Lint does not read files that are included this way.",
                            "# in the master, for each file\n"
                                    + "- include: {file: <file>, relativeToChangelogFile: true, labels: <branch>}"));
        }
        try {
            ChangelogProject.files(project.root())
                    .filter(file -> project.sources().stream().noneMatch(source -> source.path().equals(file)))
                    .filter(file -> !named.contains(file))
                    .forEach(
                    file -> report.add(new ChangelogFile(file, List.of(), YamlElement.nowhere()), YamlElement.nowhere(),
                            "Nothing includes this file.", included(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String included(String file) {
        String[] path = file.split("/", 3);
        return file.endsWith(".sql")
                ? "- sqlFile: {path: %s, relativeToChangelogFile: true}".formatted(path[path.length - 1])
                : "- include: {file: %s, relativeToChangelogFile: true, labels: %s}".formatted(
                        file.substring(file.indexOf('/') + 1), path.length < 3 ? "<branch>" : path[1]);
    }
}
