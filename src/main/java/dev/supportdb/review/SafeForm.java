package dev.supportdb.review;

import dev.supportdb.changelog.OnlineDdl;
import dev.supportdb.schema.Difference;
import dev.supportdb.schema.Fact;
import dev.supportdb.schema.ObjectFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The safe form to write instead of a blocking change, made from the objects that the changeset has changed.
 *
 * @param made    the changes of the changeset; the right side is the result
 * @param indexes the definitions of its new indexes, by their names in the fingerprint
 */
record SafeForm(Difference made, Map<String, String> indexes, Notation notation) {

    /** The finding with its safe form, if there is one. */
    Finding of(Finding finding) {
        if (finding.judgement() != Judgement.BLOCKING || finding.instead() != null || finding.table() == null) {
            return finding;
        }
        String table = LockFindings.brief(finding.table());
        if (finding.lock() == LockMode.ROW_EXCLUSIVE) {
            return finding.instead(notation.backfill(table));
        }
        if (finding.back()) {
            return finding;
        }
        List<String> forms = new ArrayList<>();
        indexes.forEach((index, definition) -> forms.add(notation.outsideTransaction(List.of(
                "drop index concurrently if exists " + index,
                definition.replaceFirst("(?i)\\bindex\\b", "index concurrently").replaceFirst("(?i)^create", "create")
                        .replaceFirst(" USING btree", "")))));
        made.objects().forEach((object, sides) -> {
            Fact subject = sides.subject();
            if (object.startsWith("table constraint ") && sides.left().isEmpty()
                    && sides.right().value("definition").filter(SafeForm::canBeValidated).isPresent()) {
                forms.add(notation.outsideTransaction(OnlineDdl.validated(LockFindings.brief(subject.path()),
                        subject.part(), sides.right().value("definition").orElseThrow())));
            } else if (object.startsWith("table column ")) {
                column(LockFindings.brief(subject.path()), subject.part(), sides.left(), sides.right(), forms);
            }
        });
        return forms.isEmpty() ? finding : finding.instead(String.join("", forms));
    }

    private static boolean canBeValidated(String definition) {
        return definition.startsWith("CHECK") || definition.startsWith("FOREIGN KEY");
    }

    private void column(String table, String column, ObjectFacts before, ObjectFacts after,
            List<String> forms) {
        String type = after.value("type").orElse("");
        if (before.isEmpty()) {
            after.value("default").ifPresent(value -> forms.add(notation.addColumn(table, column, type)));
        } else if (!type.equals(before.value("type").orElse(""))) {
            forms.add(notation.replaceColumn(table, column, type));
        } else if (after.has("not null") && !before.has("not null")) {
            forms.add(notation.outsideTransaction(OnlineDdl.require(table, column)));
        }
    }
}
