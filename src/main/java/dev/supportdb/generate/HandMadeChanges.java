package dev.supportdb.generate;

import dev.supportdb.schema.Difference;
import dev.supportdb.schema.Difference.Sides;
import dev.supportdb.schema.Fact;
import dev.supportdb.schema.ObjectFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What somebody has changed by hand, as the changesets that would have done it, and what has to be written by a person:
 * what takes rows along, or has no way back.
 *
 * @param drafts    in the order in which they can run
 * @param unwritten the other objects, with the reason
 */
public record HandMadeChanges(List<ChangesetDraft> drafts, List<String> unwritten) {

    /** Types before tables, tables before what is on them. */
    private static final List<String> ORDER = List.of("schema", "sequence", "type", "table", "table column", "function",
            "procedure", "table constraint", "index", "view", "trigger");
    private static final Pattern CAST = Pattern.compile("::[\\w ]+(?:\\([\\d,]+\\))?|[()]");

    /** @param difference left the changelog, right the database */
    public static HandMadeChanges of(Difference difference) {
        SortedMap<String, Sides> open = new TreeMap<>(difference.objects());
        SortedMap<String, ChangesetDraft> drafts = new TreeMap<>();
        difference.objects().values().forEach(sides -> HandMadeTable.of(sides, open).ifPresent(table -> {
            open.keySet().removeAll(table.objects());
            drafts.put(place(sides.subject()), table.draft());
        }));
        // A unique constraint brings its index.
        open.values().removeIf(sides -> sides.subject().kind().equals("index")
                && isOfConstraint(sides.subject(), open));
        // A view brings its columns.
        open.values().removeIf(sides -> sides.subject().kind().equals("view column")
                && open.containsKey("view " + sides.subject().path()));
        List<String> unwritten = new ArrayList<>();
        open.values().forEach(sides -> change(sides).filter(draft -> !followsFromType(sides, open))
                .ifPresentOrElse(draft -> drafts.put(place(sides.subject()), draft),
                        () -> unwritten.add(sides.subject().name() + ": " + reason(sides))));
        return new HandMadeChanges(List.copyOf(drafts.values()), unwritten);
    }

    /** The changesets as they stand in a feature's file after its tag. */
    public String changeSets(String feature) {
        return ChangesetDraft.text(drafts, feature);
    }

    /** @param verb create, add, change or drop */
    static ChangesetDraft draft(String verb, Fact subject) {
        String what = described(subject);
        return new ChangesetDraft(verb + "_" + what.replace("(", " ").replace(")", "").replace("\"", "").strip(),
                "%s %s, as was done by hand".formatted(verb.substring(0, 1).toUpperCase(Locale.ROOT)
                        + verb.substring(1), what));
    }

    private static String described(Fact subject) {
        String place = ObjectDdl.plain(subject);
        return switch (subject.kind()) {
            case "table column" -> place + "." + subject.part();
            case "view column" -> "view column " + place + "." + subject.part();
            case "table constraint" -> subject.part() + " on " + place;
            default -> subject.kind() + " " + (subject.part() == null ? place : subject.part() + " on " + place);
        };
    }

    /** Of a column that has another type by now, an index says so, too, and so does a check. */
    private static boolean followsFromType(Sides sides, SortedMap<String, Sides> open) {
        return !sides.left().definition().isEmpty() && isSameButForTypes(sides)
                && !sides.subject().kind().equals("table column")
                && open.values().stream().anyMatch(other -> other.subject().kind().equals("table column"));
    }

    private static boolean isSameButForTypes(Sides sides) {
        return withoutTypes(sides.left().definition()).equals(withoutTypes(sides.right().definition()));
    }

    /** Expressions without their casts, which the server adds as the types of the columns require. */
    private static List<String> withoutTypes(ObjectFacts definition) {
        return definition.facts().stream().map(fact -> fact.aspect() + " " + CAST.matcher(fact.value()).replaceAll(""))
                .toList();
    }

    private static boolean isOfConstraint(Fact index, SortedMap<String, Sides> open) {
        return open.values().stream().map(Sides::subject).anyMatch(other -> other.kind().equals("table constraint")
                && other.part().equals(index.object()) && other.schema().equals(index.schema()));
    }

    private static Optional<ChangesetDraft> change(Sides sides) {
        ObjectFacts from = sides.left().definition();
        ObjectFacts to = sides.right().definition();
        if (takesRows(sides)) {
            return Optional.empty();
        }
        Optional<ObjectDdl> there = ObjectDdl.of(from, to);
        Optional<ObjectDdl> back = ObjectDdl.of(to, from);
        Optional<List<String>> notes = CommentsAndGrants.change(sides.left().notes(), sides.right().notes());
        Optional<List<String>> notesBack = CommentsAndGrants.change(sides.right().notes(), sides.left().notes());
        if (there.isEmpty() || back.isEmpty() || notes.isEmpty() || notesBack.isEmpty()) {
            return Optional.empty();
        }
        String verb = isAdded(sides) ? "add" : isGone(sides) ? "drop" : "change";
        ChangesetDraft draft = draft(verb, sides.subject()).change(there.get());
        if (!isGone(sides)) {
            notes.get().forEach(draft::changeSql);
        }
        if (isAdded(sides) && sides.subject().kind().equals("table column") && to.value("generated").isEmpty()
                && to.value("identity").isEmpty()) {
            String table = ObjectDdl.plain(sides.subject());
            String column = sides.subject().part();
            draft.refuse(table + "." + column, "select * from %s where %s is distinct from %s"
                    .formatted(table, column, to.value("default").orElse("null")));
        }
        draft.back(back.get());
        if (!isAdded(sides)) {
            notesBack.get().forEach(draft::backSql);
        }
        return Optional.of(draft);
    }

    private static boolean isAdded(Sides sides) {
        return sides.left().definition().isEmpty() && !sides.right().definition().isEmpty();
    }

    private static boolean isGone(Sides sides) {
        return sides.right().definition().isEmpty() && !sides.left().definition().isEmpty();
    }

    private static boolean takesRows(Sides sides) {
        return isGone(sides) && List.of("table", "table column").contains(sides.subject().kind());
    }

    /** Sorts the objects in the order in which they can be made. */
    private static String place(Fact subject) {
        int place = ORDER.indexOf(subject.kind());
        return "%02d %s".formatted(place < 0 ? ORDER.size() : place, subject.name());
    }

    private static String reason(Sides sides) {
        ObjectFacts from = sides.left().definition();
        ObjectFacts to = sides.right().definition();
        boolean isColumn = sides.subject().kind().equals("table column");
        return takesRows(sides)
                ? "is gone with its rows; bring it back, or drop it in a feature of phase contract"
                : to.has("invalid")
                        ? "is left of a build that failed; the update that began it makes it anew, else drop it"
                : isColumn && isAdded(sides) && to.has("not null") && !to.has("default") && !to.has("identity")
                        && !to.has("generated")
                        ? "is required and has no default: the old rows need a backfill first"
                : isColumn && isAdded(sides)
                        ? "would write every row where it is added; that is for a feature with a backfill"
                : !from.isEmpty() && isSameButForTypes(sides)
                        ? "follows from the type of a column"
                : !from.isEmpty() && isColumn
                        ? "another type or way of storing writes the table; that is for a feature of its own"
                : "how to come there and back is for a person to write";
    }
}
