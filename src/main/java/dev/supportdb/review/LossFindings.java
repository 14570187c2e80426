package dev.supportdb.review;

import dev.supportdb.schema.Difference;
import dev.supportdb.schema.Fact;
import dev.supportdb.schema.ObjectFacts;
import dev.supportdb.schema.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The findings about objects and rows that are lost after a changeset, forward.
 *
 * @param own      the objects that the same file has created, also in an earlier phase, by their names in the
 * fingerprint
 * @param contract whether it runs after the end of the old application
 * @param restored whether its rollback restored everything
 * @param sql      all its SQL
 */
record LossFindings(Snapshot before, Snapshot after, Set<String> own, boolean contract, boolean restored, String sql,
        Notation notation) {

    /** Kinds of objects that applications name. */
    private static final Set<String> USED = Set.of("table", "table column", "view", "view column", "materialized view",
            "materialized view column", "function", "procedure", "aggregate", "type");

    /** Kinds of objects that others may have attached to a table, and that are dropped with it or with a column. */
    private static final Set<String> ATTACHED = Set.of("view", "materialized view", "function", "policy", "trigger",
            "table constraint", "index", "statistics object", "rule", "publication relation");

    List<Finding> all() {
        List<Finding> findings = new ArrayList<>();
        for (String object : gone()) {
            Fact subject = before.schema().objects().get(object).facts().get(0);
            if (own.contains(object) || goneWithItsTable(subject)) {
                continue;
            }
            if (ATTACHED.contains(subject.kind()) && !isNamed(subject) && !isDroppedWithItsColumns(object, subject)) {
                findings.add(Finding.of(Judgement.LOSES, false, ("%s is gone, and nothing in the changeset names it: "
                        + "it depended on what was dropped.").formatted(said(object)), null)
                        .instead(notation.note("name the lost object: create it again, or drop it in its own step")));
            } else if (USED.contains(subject.kind()) && !contract && !isTriggerFunction(object)) {
                findings.add(Finding.of(Judgement.LOSES, false,
                        "%s is gone, and an old application still uses it: this belongs to the phase contract."
                                .formatted(said(object)), null).instead(notation.contract()));
            }
        }
        guards(findings);
        labels(findings);
        rows(findings);
        return findings;
    }

    List<String> made() {
        return onlyIn(after, before);
    }

    List<String> gone() {
        return onlyIn(before, after);
    }

    private static List<String> onlyIn(Snapshot one, Snapshot other) {
        Set<String> names = new TreeSet<>(one.schema().objects().keySet());
        names.removeAll(other.schema().objects().keySet());
        return List.copyOf(names);
    }

    private boolean goneWithItsTable(Fact subject) {
        boolean part = subject.part() != null;
        return part && after.schema().objects().keySet().stream().noneMatch(name -> name.endsWith(" " + subject.path())
                && !name.contains(" on "));
    }

    private boolean isNamed(Fact subject) {
        String name = subject.part() != null ? subject.part() : subject.object().replaceFirst("\\(.*", "");
        return Pattern.compile("(?i)(?<!\\w)" + Pattern.quote(name.replace("\"", "")) + "(?!\\w)").matcher(sql).find();
    }

    /**
     * Returns whether it is an index or a constraint whose table or columns are all dropped, which needs no finding. If
     * only some of its columns are dropped, it needs one.
     */
    private boolean isDroppedWithItsColumns(String object, Fact subject) {
        ObjectFacts facts = before.schema().objects().get(object);
        String table = subject.kind().equals("index") ? facts.value("on").orElse("") : subject.path();
        List<String> columns = facts.values("column");
        boolean indexOfGoneTable = subject.kind().equals("index") && !exists("table " + table)
                && !exists("table " + "public." + table);
        return indexOfGoneTable || !columns.isEmpty() && columns.stream().map(column -> table + "." + column)
                .noneMatch(column -> exists("table column " + column) || exists("table column public." + column));
    }

    private boolean exists(String object) {
        return after.schema().objects().containsKey(object);
    }

    /** Returns whether it is a trigger function, which no application calls. */
    private boolean isTriggerFunction(String object) {
        return before.schema().objects().get(object).facts().stream()
                .anyMatch(fact -> fact.value().toLowerCase(Locale.ROOT).contains("returns trigger"));
    }

    /** Finds lost protection of rows: a disabled trigger or foreign key, a table without a primary key. */
    private void guards(List<Finding> findings) {
        Difference.between(before.schema(), after.schema()).objects().forEach((object, sides) -> {
            boolean off = !isOff(sides.left()) && isOff(sides.right()) && !sides.left().isEmpty();
            boolean key = isKey(sides.left()) && sides.right().isEmpty() && !contract
                    && !goneWithItsTable(sides.subject()) && after.schema().objects().values().stream()
                    .noneMatch(other -> isKey(other) && other.facts().get(0).path().equals(sides.subject().path()));
            if ((off || key) && !own.contains(object)) {
                findings.add(Finding.of(Judgement.LOSES, false, (off ? "%s is off, so nothing enforces its rule."
                        : "%s is gone, and nothing else identifies the rows: this belongs to the phase contract.")
                        .formatted(said(object)), null).instead(off
                        ? notation.note("switch it on again in the same step") : notation.contract()));
            }
        });
    }

    private static boolean isOff(ObjectFacts facts) {
        return facts.value("fires").filter("disabled"::equals).isPresent()
                || facts.has("its triggers not all enabled");
    }

    private static boolean isKey(ObjectFacts facts) {
        return facts.value("constraint type").filter("primary key"::equals).isPresent();
    }

    private void labels(List<Finding> findings) {
        Difference.between(before.schema(), after.schema()).objects().forEach((object, sides) -> {
            List<String> gone = new ArrayList<>(sides.left().values("label"));
            gone.removeAll(sides.right().values("label"));
            if (!gone.isEmpty() && !sides.right().isEmpty() && !contract && !own.contains(object)) {
                findings.add(Finding.of(Judgement.LOSES, false, ("%s no longer has %s, and an old application "
                        + "still uses it: this belongs to the phase contract.").formatted(said(object),
                        String.join(", ", gone)), null).instead(notation.contract()));
            }
        });
    }

    /** Finds lost rows. Rows that the rollback restores are not lost. */
    private void rows(List<Finding> findings) {
        before.data().tables().forEach((table, rows) -> {
            var now = after.data().tables().get(table);
            if (!restored && now != null && now.count() < rows.count() && !own.contains("table " + table)) {
                findings.add(new Finding(Judgement.LOSES, false, "%s of %s rows of %s are gone, and do not come back."
                        .formatted(LockFindings.count(rows.count() - now.count()), LockFindings.count(rows.count()),
                                LockFindings.brief(table)),
                        null, table, null, null, rows.count() - now.count(), null, null));
            }
        });
    }

    private static String said(String object) {
        String brief = object.replaceFirst(" public\\.", " ").replaceFirst("^table column", "column");
        return Character.toUpperCase(brief.charAt(0)) + brief.substring(1);
    }
}
