package dev.supportdb.cli;

import dev.supportdb.deploy.Drift;
import dev.supportdb.schema.IgnoreList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How a database and the changelog differ, for people and for programs. */
final class DriftReport {

    private DriftReport() {
    }

    static Check.Verdict of(Drift drift, IgnoreList ignoreList) {
        IgnoreList.Outcome outcome = ignoreList.apply(drift.difference());
        boolean inStep = drift.gone().isEmpty() && drift.edited().isEmpty() && outcome.difference().isEmpty();
        return new Check.Verdict("database", inStep, text(drift, outcome, inStep, ignoreList), json(drift, outcome));
    }

    private static String text(Drift drift, IgnoreList.Outcome outcome, boolean inStep, IgnoreList ignoreList) {
        List<String> lines = new ArrayList<>();
        lines.add("The database %s what the changelog makes by its %d changesets that have run%s.".formatted(
                inStep ? "is" : "is not", drift.changesets(), outcome.ignored().isEmpty() ? ""
                        : ", but for %d object(s) of %s".formatted(outcome.ignored().size(), ignoreList.file())));
        list(lines, "The database is ahead: these have run in it, and the files no longer have them:", drift.gone());
        list(lines, "These have run in it, and read otherwise in the files by now:", drift.edited());
        if (!outcome.difference().isEmpty()) {
            list(lines, "- has the changelog alone, + has the database alone:",
                    outcome.difference().toString().lines().toList());
        }
        list(lines, "Nothing is meant by these lines any more:", outcome.idle().stream()
                .map(entry -> "%s:%d: %s".formatted(ignoreList.file(), entry.line(), entry.pattern())).toList());
        return String.join("\n", lines);
    }

    private static void list(List<String> lines, String heading, List<String> items) {
        if (!items.isEmpty()) {
            lines.add(heading);
            items.forEach(item -> lines.add("  " + item));
        }
    }

    private static Map<String, Object> json(Drift drift, IgnoreList.Outcome outcome) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("changesets", drift.changesets());
        json.put("gone", drift.gone());
        json.put("edited", drift.edited());
        json.put("objects", outcome.difference().objects().entrySet().stream().map(object -> {
            Map<String, Object> sides = new LinkedHashMap<>();
            sides.put("object", object.getKey());
            sides.put("changelog", object.getValue().left());
            sides.put("database", object.getValue().right());
            return sides;
        }).toList());
        json.put("ignored", outcome.ignored());
        json.put("idle", outcome.idle().stream().map(IgnoreList.Entry::pattern).toList());
        return json;
    }
}
