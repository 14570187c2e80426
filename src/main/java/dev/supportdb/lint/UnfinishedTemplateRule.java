package dev.supportdb.lint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Finds features that still have the template's text. */
final class UnfinishedTemplateRule {

    static final Rule RULE = new Rule("template", "The open parts of the template are filled in: until then an upgrade "
            + "refuses.", UnfinishedTemplateRule::find);

    private static final List<String> PLACES = List.of("id", "comment", "changes", "rollback");

    private UnfinishedTemplateRule() {
    }

    private static void find(ChangelogProject project, Rule.Report report) {
        for (ChangelogFile source : project.sources()) {
            List<YamlElement> open = open(project, source);
            project.written(source).forEach(changeset -> PLACES.forEach(place ->
                    changeset.child(place).filter(written -> isOpen(changeset, written, open)).ifPresent(written ->
                            report.add(source, written, "This is still the template's %s."
                                    .formatted(place), instead(written)))));
        }
    }

    private static String instead(YamlElement place) {
        return switch (place.key()) {
            case "id" -> "id: \"%s-<verb>_<object>\"".formatted(place.text().replaceFirst("-[^-]*$", ""));
            case "comment" -> "comment: <what it does, in one line>";
            case "changes" -> "changes:\n  - addColumn: <what>   # or whatever it does: one visible change";
            default -> "rollback:\n  - dropColumn: <what>   # what gives back schema and data";
        };
    }

    /**
     * Returns whether the changes of this changeset are still those of the template, so its rollback need not be
     * complete.
     */
    static boolean isOpen(ChangelogProject project, ChangelogFile source, YamlElement changeset) {
        return isOpen(changeset, "changes", open(project, source));
    }

    private static boolean isOpen(YamlElement changeset, YamlElement written, List<YamlElement> open) {
        // With changes of its own, an empty rollback may be right.
        return isOpen(changeset, written.key(), open)
                && (!written.key().equals("rollback") || isOpen(changeset, "changes", open));
    }

    private static boolean isOpen(YamlElement changeset, String place, List<YamlElement> open) {
        return changeset.child(place).filter(written -> open.stream()
                .anyMatch(template -> template.child(place).filter(written::isSame).isPresent())).isPresent();
    }

    /** The changesets of the template that refuse to run, with the names of this file filled in. */
    private static List<YamlElement> open(ChangelogProject project, ChangelogFile source) {
        Path file = project.root().resolve(ChangelogProject.TEMPLATE);
        if (!Files.exists(file)) {
            return List.of();
        }
        String name = source.path().replaceFirst("^.*/", "").replaceFirst("\\.\\w+$", "");
        try {
            String text = Files.readString(file).replace("{{name}}", name).replace("{{path}}", source.path());
            return ChangelogFile.of(ChangelogProject.TEMPLATE, text).items("changeSet").stream()
                    .filter(changeset -> changeset.child("changes").stream()
                            .flatMap(changes -> changes.children().stream())
                            .anyMatch(change -> change.key().equals("refuse"))).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
