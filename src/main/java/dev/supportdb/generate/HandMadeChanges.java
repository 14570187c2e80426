package dev.supportdb.generate;

import dev.supportdb.schema.Difference;
import dev.supportdb.schema.Difference.Sides;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
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
    private static final Pattern KIND = Pattern.compile("(table column|table constraint|\\w+) .*", Pattern.DOTALL);
    private static final Pattern COLUMN = Pattern.compile("table column public\\.([^.\"]+)\\.([^.\"]+)");

    /** @param difference left the changelog, right the database */
    public static HandMadeChanges of(Difference difference) {
        SortedMap<String, Sides> open = new TreeMap<>(difference.objects());
        SortedMap<String, ChangesetDraft> drafts = new TreeMap<>(
                Comparator.comparing(HandMadeChanges::order).thenComparing(Comparator.naturalOrder()));
        difference.objects().keySet().forEach(object -> HandMadeTable.of(object, open).ifPresent(table -> {
            open.keySet().removeAll(table.objects());
            drafts.put(object, table.draft());
        }));
        // A unique constraint brings its index.
        open.keySet().removeIf(object -> object.startsWith("index ") && isOfConstraint(object, open));
        // A view brings its columns.
        open.keySet().removeIf(object -> object.startsWith("view column ")
                && open.containsKey("view " + object.substring("view column ".length(), object.lastIndexOf('.'))));
        List<String> unwritten = new ArrayList<>();
        open.forEach((object, sides) -> change(object, sides).filter(draft -> !followsFromType(object, sides, open))
                .ifPresentOrElse(draft -> drafts.put(object, draft),
                        () -> unwritten.add(object + ": " + reason(object, sides))));
        return new HandMadeChanges(List.copyOf(drafts.values()), unwritten);
    }

    /** The changesets as they stand in a feature's file after its tag. */
    public String changeSets(String feature) {
        return ChangesetDraft.text(drafts, feature);
    }

    /**
     * @param verb   create, add, change or drop
     * @param object as a fingerprint names it
     */
    static ChangesetDraft draft(String verb, String object) {
        String what = object.replaceFirst("^table (column|constraint) ", "").replace("public.", "");
        return new ChangesetDraft(verb + "_" + what.replaceAll("\\(.*|\"", ""),
                "%s %s, as was done by hand".formatted(verb.substring(0, 1).toUpperCase(Locale.ROOT)
                        + verb.substring(1), what));
    }

    /** Of a column that has another type by now, an index says so, too, and so does a check. */
    private static boolean followsFromType(String object, Sides sides, SortedMap<String, Sides> open) {
        String from = definition(sides.left());
        String to = definition(sides.right());
        return from != null && to != null && !from.equals(to) && withoutTypes(from).equals(withoutTypes(to))
                && !object.startsWith("table column ")
                && open.keySet().stream().anyMatch(other -> other.startsWith("table column "));
    }

    private static String withoutTypes(String definition) {
        return definition.replaceAll("::[\\w ]+(?:\\([\\d,]+\\))?|[()]", "");
    }

    private static boolean isOfConstraint(String index, SortedMap<String, Sides> open) {
        String name = index.substring(index.lastIndexOf('.') + 1);
        return open.keySet().stream().anyMatch(object -> object.startsWith("table constraint " + name + " on "));
    }

    private static Optional<ChangesetDraft> change(String object, Sides sides) {
        String from = definition(sides.left());
        String to = definition(sides.right());
        if (takesRows(object, from, to)) {
            return Optional.empty();
        }
        Optional<ObjectDdl> there = ObjectDdl.of(object, from, to);
        Optional<ObjectDdl> back = ObjectDdl.of(object, to, from);
        Optional<List<String>> notes = CommentsAndGrants.change(object, notes(sides.left()), notes(sides.right()));
        Optional<List<String>> notesBack = CommentsAndGrants.change(object, notes(sides.right()), notes(sides.left()));
        if (there.isEmpty() || back.isEmpty() || notes.isEmpty() || notesBack.isEmpty()) {
            return Optional.empty();
        }
        String verb = from == null && to != null ? "add" : to == null && from != null ? "drop" : "change";
        ChangesetDraft draft = draft(verb, object).change(there.get());
        if (to != null || from == null) {
            notes.get().forEach(draft::changeSql);
        }
        Matcher column = COLUMN.matcher(object);
        if (from == null && to != null && column.matches() && !to.contains(" generated")) {
            draft.refuse(column.group(1) + "." + column.group(2), "select * from %s where %s is distinct from %s"
                    .formatted(column.group(1), column.group(2),
                            to.contains(" default ") ? to.substring(to.indexOf(" default ") + 9) : "null"));
        }
        draft.back(back.get());
        if (from != null || to == null) {
            notesBack.get().forEach(draft::backSql);
        }
        return Optional.of(draft);
    }

    private static boolean takesRows(String object, String from, String to) {
        return from != null && to == null && object.startsWith("table ") && !object.startsWith("table constraint ");
    }

    /** Null for none: then only what is said of it differs. */
    static String definition(List<String> facts) {
        return facts.stream().filter(fact -> !CommentsAndGrants.isNote(fact)).findFirst().orElse(null);
    }

    static List<String> notes(List<String> facts) {
        return facts.stream().filter(CommentsAndGrants::isNote).toList();
    }

    private static int order(String object) {
        Matcher kind = KIND.matcher(object);
        int place = kind.matches() ? ORDER.indexOf(kind.group(1)) : -1;
        return place < 0 ? ORDER.size() : place;
    }

    private static String reason(String object, Sides sides) {
        String from = definition(sides.left());
        String to = definition(sides.right());
        return takesRows(object, from, to)
                ? "is gone with its rows; bring it back, or drop it in a feature of phase contract"
                : to != null && to.endsWith(", invalid")
                        ? "is left of a build that failed; the update that began it makes it anew, else drop it"
                : from == null && to != null && to.endsWith(" not null")
                        ? "is required and has no default: the old rows need a backfill first"
                : from == null && object.startsWith("table column ")
                        ? "would write every row where it is added; that is for a feature with a backfill"
                : from != null && to != null && withoutTypes(from).equals(withoutTypes(to))
                        ? "follows from the type of a column"
                : from != null && to != null && object.startsWith("table column ")
                        ? "another type or way of storing writes the table; that is for a feature of its own"
                : "how to come there and back is for a person to write";
    }
}
