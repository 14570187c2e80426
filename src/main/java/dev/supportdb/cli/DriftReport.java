package dev.supportdb.cli;

import dev.supportdb.generate.HandMadeChanges;
import dev.supportdb.postgres.Plural;
import dev.supportdb.postgres.PrintableText;
import dev.supportdb.schema.Difference;
import dev.supportdb.schema.IgnoreList;
import dev.supportdb.verify.DriftCheck;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The differences between a database and its changelog, and changesets that remove them, for people and programs. */
final class DriftReport {

    /** The message of a feature that adopts manual changes; dated, since there may be several. */
    static final String ADOPTED = "adopted by hand on " + LocalDate.now();

    /** Returns a command for the environment of the database, to be pasted. */
    interface Commands {
        String of(String command, String... words);
    }

    private final DriftCheck drift;
    private final IgnoreList ignoreList;
    private final String feature;
    private final Commands commands;
    private final IgnoreList.Outcome outcome;
    private final HandMadeChanges adoption;
    private final String changeSets;

    private DriftReport(DriftCheck drift, IgnoreList ignoreList, String feature, Commands commands) {
        this.drift = drift;
        this.ignoreList = ignoreList;
        this.feature = feature;
        this.commands = commands;
        this.outcome = ignoreList.apply(drift.difference());
        this.adoption = HandMadeChanges.of(outcome.difference());
        // A difference that comes from missing or edited changesets is no manual change.
        this.changeSets = drift.gone().isEmpty() && drift.edited().isEmpty() && !isUnrecorded()
                ? adoption.changeSets(feature) : "";
    }

    /** Returns whether the database has objects and no history. */
    private boolean isUnrecorded() {
        return drift.changesets() == 0 && !outcome.difference().isEmpty();
    }

    /** @param feature the name of the feature that would adopt the manual changes */
    static CheckCommand.Verdict of(DriftCheck drift, IgnoreList ignoreList, String feature, Commands commands) {
        DriftReport report = new DriftReport(drift, ignoreList, feature, commands);
        return new CheckCommand.Verdict("database", report.inStep(), report.text(), report.json());
    }

    private boolean inStep() {
        return drift.gone().isEmpty() && drift.edited().isEmpty() && outcome.difference().isEmpty();
    }

    private String text() {
        if (isUnrecorded()) {
            return """
                    This database has no history, and it has %s. If another tool has created the schema, record where \
                    it is; it is compared first:
                      %s    or the feature it is at"""
                    .formatted(Plural.of(outcome.difference().objects().size(), "object"),
                            commands.of("stamp", "heads"));
        }
        List<String> lines = new ArrayList<>();
        lines.add("The database %s its changelog, %s applied%s.".formatted(
                inStep() ? "matches" : "does not match", Plural.of(drift.changesets(), "changeset"),
                outcome.ignored().isEmpty() ? "" : "; %s ignored by %s".formatted(
                        Plural.of(outcome.ignored().size(), "object"), ignoreList.file())));
        list(lines, "Intended differences:", List.copyOf(outcome.ignored()));
        list(lines, "The database is ahead: these have run, and are not in the changelog files:",
                drift.gone().stream().map(PrintableText::line).toList());
        list(lines, "These were edited in the files after they ran:",
                drift.edited().stream().map(PrintableText::line).toList());
        list(lines, "- only in the changelog, + only in the database:", outcome.difference().isEmpty() ? List.of()
                : outcome.difference().toString().lines().toList());
        list(lines, "If these are somebody else's, add to %s, with the reason:".formatted(ignoreList.file()),
                outcome.difference().objects().values().stream().filter(DriftReport::isNewSchema)
                        .map(schema -> PrintableText.line(schema.subject().name()) + "  # whose it is").toList());
        list(lines, "These ignore entries no longer match anything:", outcome.idle().stream()
                .map(entry -> "%s:%d: %s".formatted(ignoreList.file(), entry.line(), entry.pattern())).toList());
        if (!changeSets.isEmpty()) {
            lines.add("""
                    To add it to the changelog:
                      %s    and replace its last changeset by this
                      %s    here, where it is applied; elsewhere an update applies it

                    %s
                    """.formatted(commands.of("revision", ADOPTED), commands.of("stamp", feature),
                            changeSets.stripTrailing()));
        }
        list(lines, "To write by hand, or to undo by hand:",
                adoption.unwritten().stream().map(PrintableText::line).toList());
        return String.join("\n", lines);
    }

    private static boolean isNewSchema(Difference.Sides sides) {
        return sides.subject().kind().equals("schema") && sides.right().has("exists");
    }

    private static void list(List<String> lines, String heading, List<String> items) {
        if (!items.isEmpty()) {
            lines.add(heading);
            items.forEach(item -> lines.add("  " + item));
        }
    }

    private Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("changesets", drift.changesets());
        json.put("gone", drift.gone());
        json.put("edited", drift.edited());
        json.put("objects", outcome.difference().objects().entrySet().stream().map(object -> {
            Map<String, Object> sides = new LinkedHashMap<>();
            sides.put("object", object.getKey());
            sides.put("changelog", object.getValue().left().lines());
            sides.put("database", object.getValue().right().lines());
            return sides;
        }).toList());
        json.put("ignored", outcome.ignored());
        json.put("idle", outcome.idle().stream().map(IgnoreList.Entry::pattern).toList());
        json.put("feature", changeSets.isEmpty() ? null : feature);
        json.put("toAdd", changeSets);
        json.put("unwritten", adoption.unwritten());
        return json;
    }
}
