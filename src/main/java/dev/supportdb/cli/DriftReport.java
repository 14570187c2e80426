package dev.supportdb.cli;

import dev.supportdb.generate.HandMadeChanges;
import dev.supportdb.postgres.PrintableText;
import dev.supportdb.schema.IgnoreList;
import dev.supportdb.verify.DriftCheck;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How a database and the changelog differ, and how the changelog can follow, for people and for programs. */
final class DriftReport {

    /** What a feature would do that takes over what was done by hand; there may be one some day again. */
    static final String ADOPTED = "adopted by hand on " + LocalDate.now();

    private final DriftCheck drift;
    private final IgnoreList ignoreList;
    private final String feature;
    private final IgnoreList.Outcome outcome;
    private final HandMadeChanges adoption;
    private final String changeSets;

    private DriftReport(DriftCheck drift, IgnoreList ignoreList, String feature) {
        this.drift = drift;
        this.ignoreList = ignoreList;
        this.feature = feature;
        this.outcome = ignoreList.apply(drift.difference());
        this.adoption = HandMadeChanges.of(outcome.difference());
        // What the files no longer have was not done by hand.
        this.changeSets = drift.gone().isEmpty() && drift.edited().isEmpty() && !isUnrecorded()
                ? adoption.changeSets(feature) : "";
    }

    /** Whether there is something, and none of it by Liquibase as far as it knows. */
    private boolean isUnrecorded() {
        return drift.changesets() == 0 && !outcome.difference().isEmpty();
    }

    /** @param feature the name of what would take over what was done by hand */
    static CheckCommand.Verdict of(DriftCheck drift, IgnoreList ignoreList, String feature) {
        DriftReport report = new DriftReport(drift, ignoreList, feature);
        return new CheckCommand.Verdict("database", report.inStep(), report.text(), report.json());
    }

    private boolean inStep() {
        return drift.gone().isEmpty() && drift.edited().isEmpty() && outcome.difference().isEmpty();
    }

    private String text() {
        if (isUnrecorded()) {
            return """
                    Nothing is recorded of this database, and it has %d object(s). One that something else has made is \
                    adopted by
                      ./supportdb stamp heads    or wherever it is; it is compared first"""
                    .formatted(outcome.difference().objects().size());
        }
        List<String> lines = new ArrayList<>();
        lines.add("The database %s what the changelog makes by its %d changesets that have run%s.".formatted(
                inStep() ? "is" : "is not", drift.changesets(), outcome.ignored().isEmpty() ? ""
                        : ", but for %d object(s) of %s".formatted(outcome.ignored().size(), ignoreList.file())));
        list(lines, "These differ as they are meant to:", List.copyOf(outcome.ignored()));
        list(lines, "The database is ahead: these have run in it, and the files no longer have them:",
                drift.gone().stream().map(PrintableText::line).toList());
        list(lines, "These have run in it, and read otherwise in the files by now:",
                drift.edited().stream().map(PrintableText::line).toList());
        list(lines, "- has the changelog alone, + has the database alone:", outcome.difference().isEmpty() ? List.of()
                : outcome.difference().toString().lines().toList());
        list(lines, "Nothing is meant by these lines any more:", outcome.idle().stream()
                .map(entry -> "%s:%d: %s".formatted(ignoreList.file(), entry.line(), entry.pattern())).toList());
        if (!changeSets.isEmpty()) {
            lines.add("""
                    To take it over:
                      ./supportdb revision "%s"    and put this in the place of its last changeset
                      ./supportdb stamp %s    here, where it is done; elsewhere an update does it

                    %s
                    """.formatted(ADOPTED, feature, changeSets.stripTrailing()));
        }
        list(lines, "For a person to write, or to take back:",
                adoption.unwritten().stream().map(PrintableText::line).toList());
        return String.join("\n", lines);
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
        json.put("changeSets", changeSets);
        json.put("unwritten", adoption.unwritten());
        return json;
    }
}
