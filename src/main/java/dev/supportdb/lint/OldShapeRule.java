package dev.supportdb.lint;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.Feature;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Finds features of the phase contract that do not declare which old shape they drop. Applies to changelogs that have
 * the table for it.
 */
final class OldShapeRule {

    static final Rule RULE = new Rule("old-shape", "A feature with the phase contract has a row in old_shapes, which "
            + "names the column that goes or changes: without it, nothing can tell before the contract whether an old "
            + "application still uses it.", OldShapeRule::find);

    private static final String TABLE = "old_shapes";

    private static final Pattern INSERT =
            Pattern.compile("^insert\\s+into\\s+(?:public\\.)?" + TABLE + "\\b", Pattern.CASE_INSENSITIVE);

    private OldShapeRule() {
    }

    private static void find(ChangelogProject project, Rule.Report report) {
        if (project.changesets().stream().noneMatch(changeset -> changeset.created().contains(TABLE))) {
            return;
        }
        for (Changelog changelog : project.changelogs()) {
            for (Feature feature : changelog.features()) {
                List<ParsedChangeset> own = project.changesets().stream()
                        .filter(changeset -> changeset.source().path().equals(feature.path())).toList();
                if (own.stream().noneMatch(changeset -> isDeclared(changeset, feature.name()))) {
                    own.stream().filter(ParsedChangeset::isContract).findFirst()
                            .ifPresent(contract -> report.add(contract.source(), contract.element(),
                                    "No row in old_shapes names the column that an old application still uses.",
                                    insert(feature.name())));
                }
            }
        }
    }

    private static boolean isDeclared(ParsedChangeset changeset, String feature) {
        return changeset.statements().anyMatch(statement ->
                INSERT.matcher(statement.text()).find() && statement.text().contains("'" + feature + "'"));
    }

    private static String insert(String feature) {
        return """
                # in a changeset of the phase expand; without old_write where no write tells an old application
                - insert:
                    tableName: old_shapes
                    columns:
                      - column: {name: feature, value: %s}
                      - column: {name: table_name, value: <table>}
                      - column: {name: column_name, value: <column>}
                      - column: {name: old_write, value: <what only an old application writes>}
                """.formatted(feature).strip();
    }
}
