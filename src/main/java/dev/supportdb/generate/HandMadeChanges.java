package dev.supportdb.generate;

import dev.supportdb.schema.Difference;
import dev.supportdb.schema.Difference.Sides;
import dev.supportdb.schema.Fact;
import dev.supportdb.schema.ObjectFacts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Changes that were made by hand, as the changesets that would have made them, and those that a person must write:
 * changes that lose rows, or have no rollback.
 *
 * @param drafts    in the order in which they can run
 * @param unwritten the other objects, with the reason
 */
public record HandMadeChanges(List<ChangesetDraft> drafts, List<String> unwritten) {

    /** The order of kinds: an object comes after those it depends on. */
    private static final List<String> ORDER = List.of("schema", "extension", "sequence", "type", "domain constraint",
            "table", "table column", "function", "procedure", "table constraint", "view", "materialized view", "index",
            "statistics object", "trigger", "rule", "policy", "event trigger", "publication", "publication relation",
            "default acl");
    private static final Pattern CAST = Pattern.compile("::[\\w ]+(?:\\([\\d,]+\\))?|[()]");

    /** @param difference left the changelog, right the database */
    public static HandMadeChanges of(Difference difference) {
        return new Writer(difference).write();
    }

    /** Returns the changesets as text for a feature's file, after its tag. */
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

    private static final class Writer {

        private final SortedMap<String, Sides> open;
        private final SortedMap<String, ChangesetDraft> made = new TreeMap<>();
        private final SortedMap<String, ChangesetDraft> dropped = new TreeMap<>(Comparator.reverseOrder());
        private final SortedMap<String, String> unwritten = new TreeMap<>();
        private final Set<String> done = new HashSet<>();

        Writer(Difference difference) {
            open = new TreeMap<>(difference.objects());
        }

        HandMadeChanges write() {
            HandMadeRenames renames = HandMadeRenames.of(open);
            unwritten.putAll(renames.reasons());
            open.values().stream().filter(renames::explain).forEach(sides -> done.add(sides.subject().name()));
            open.values().stream().filter(sides -> !done.contains(sides.subject().name())).toList()
                    .forEach(sides -> HandMadeTable.of(sides, open).ifPresent(table -> {
                        done.addAll(table.objects());
                        made.put(place(sides.subject()), table.draft());
                    }));
            open.values().stream().filter(sides -> !done.contains(sides.subject().name()) && !comesWithAnother(sides))
                    .sorted(Comparator.comparing(sides -> place(sides.subject()))).forEach(this::write);
            List<ChangesetDraft> drafts = new ArrayList<>(made.values());
            drafts.addAll(dropped.values());
            return new HandMadeChanges(drafts, unwritten.entrySet().stream()
                    .map(entry -> entry.getKey() + ": " + entry.getValue()).toList());
        }

        private void write(Sides sides) {
            Optional<String> missing = missing(sides);
            Optional<ChangesetDraft> draft =
                    missing.isPresent() || followsFromType(sides) ? Optional.empty() : change(sides);
            draft.ifPresentOrElse(found -> (isGone(sides) ? dropped : made).put(place(sides.subject()), found),
                    () -> unwritten.put(sides.subject().name(), missing
                            .map("needs %s, which is for a person to write"::formatted).orElseGet(() -> reason(sides))));
        }

        /**
         * Returns whether the object comes with another one: parts with their table, columns with their view, an index
         * with its constraint, a sequence with its column.
         */
        private boolean comesWithAnother(Sides sides) {
            Fact subject = sides.subject();
            ObjectFacts facts = sides.left().isEmpty() ? sides.right() : sides.left();
            return switch (subject.kind()) {
                case "index" -> isWhole("table", facts.value("on").orElse(""))
                        || facts.value("part of").filter(index -> open.containsKey("index " + index)).isPresent()
                        || open.values().stream().map(Sides::subject).anyMatch(other ->
                                other.kind().equals("table constraint") && other.part().equals(subject.object())
                                && other.schema().equals(subject.schema()));
                case "sequence" -> owner(facts).filter(column -> isGone(column) || hasIdentity(column)
                        || isAdded(column) && change(column).isEmpty()).isPresent();
                default -> facts.has("as in the parent") && (isAdded(sides) || isGone(sides))
                        || subject.part() != null && (subject.kind().endsWith("view column")
                        && differs(subject.kind().replace(" column", ""), subject.path())
                        || subject.kind().equals("composite type column") && isWhole("type", subject.path())
                        || Stream.of("table", "foreign table").anyMatch(kind -> isWhole(kind, subject.path())));
            };
        }

        private boolean isWhole(String kind, String path) {
            Sides sides = open.get(kind + " " + path);
            return sides != null && !made.containsKey(place(sides.subject())) && (isAdded(sides) || isGone(sides));
        }

        /** Returns whether it is a view whose columns have changed. */
        private boolean columnsDiffer(Fact subject) {
            return subject.kind().equals("view") && open.values().stream()
                    .anyMatch(sides -> sides.subject().kind().equals("view column")
                            && sides.subject().path().equals(subject.path()) && (isAdded(sides) || isGone(sides)));
        }

        private boolean differs(String kind, String path) {
            Sides sides = open.get(kind + " " + path);
            return sides != null && !sides.left().definition().equals(sides.right().definition());
        }

        /** The column that owns a sequence, if that differs too. */
        private Optional<Sides> owner(ObjectFacts sequence) {
            return sequence.value("owned by").map(column -> open.get("table column " + column));
        }

        private static boolean hasIdentity(Sides column) {
            return column.left().has("identity") || column.right().has("identity");
        }

        /** The new object that its text names and for which no statement can be written, if there is one. */
        private Optional<String> missing(Sides sides) {
            ObjectFacts facts = sides.right();
            return unwritten.keySet().stream().filter(open::containsKey).map(open::get).filter(Writer::isAdded)
                    .map(Sides::subject)
                    .filter(other -> other.part() == null ? speaksOf(facts, other.path())
                            : speaksOf(facts, other.part()) && (speaksOf(facts, other.path())
                                    || facts.facts().get(0).path().equals(other.path())))
                    .map(Fact::name).findFirst();
        }

        private static boolean speaksOf(ObjectFacts facts, String name) {
            Pattern word = Pattern.compile("(?<![\\w.])" + Pattern.quote(name) + "(?!\\w)");
            return facts.facts().stream().anyMatch(fact -> word.matcher(fact.value()).find());
        }

        private Optional<ChangesetDraft> change(Sides sides) {
            ObjectFacts from = sides.left().definition();
            ObjectFacts to = sides.right().definition();
            if (takesRows(sides) || !from.isEmpty() && !to.isEmpty() && columnsDiffer(sides.subject())) {
                return Optional.empty();
            }
            if (to.has("label") && from.has("label")) {
                Optional<List<String>> added =
                        EnumTypeChanges.added(ObjectDdl.plain(sides.subject()), from.values("label"), to.values("label"));
                if (added.isPresent()) {
                    ChangesetDraft draft = draft("change", sides.subject());
                    added.get().forEach(draft::changeSql);
                    return Optional.of(draft.stays("a value of an enum type cannot be taken back"));
                }
            }
            Optional<ObjectDdl> there = way(sides, from, to);
            Optional<ObjectDdl> back = way(sides, to, from);
            Optional<List<String>> notes = notes(sides, Sides::left, Sides::right);
            Optional<List<String>> notesBack = notes(sides, Sides::right, Sides::left);
            if (there.isEmpty() || back.isEmpty() || notes.isEmpty() || notesBack.isEmpty()) {
                return Optional.empty();
            }
            ChangesetDraft draft = draft(isAdded(sides) ? "add" : isGone(sides) ? "drop" : "change", sides.subject())
                    .change(there.get());
            if (!isGone(sides)) {
                notes.get().forEach(draft::changeSql);
            }
            if (isAdded(sides) && sides.subject().kind().equals("table column") && to.value("generated").isEmpty()
                    && to.value("identity").isEmpty()) {
                String table = ObjectDdl.plain(sides.subject());
                String column = sides.subject().part();
                draft.refuse(table + "." + column, "select * from %s where %s is %s".formatted(table, column,
                        to.value("default").map("distinct from "::concat).orElse("not null")));
            }
            draft.back(back.get());
            if (!isAdded(sides)) {
                notesBack.get().forEach(draft::backSql);
            }
            return Optional.of(draft);
        }

        private Optional<ObjectDdl> way(Sides sides, ObjectFacts from, ObjectFacts to) {
            Optional<ObjectDdl> way = ObjectDdl.of(from, to);
            if (from.isEmpty() || to.isEmpty() || from.value("identity").equals(to.value("identity"))) {
                return way;
            }
            Fact column = sides.subject();
            Optional<ObjectFacts> sequence = open.values().stream()
                    .map(found -> found.left().isEmpty() ? found.right() : found.left())
                    .filter(facts -> facts.value("owned by")
                            .equals(Optional.of(column.path() + "." + column.part()))).findFirst();
            return way.flatMap(ddl -> from.has("identity") && to.has("identity")
                    ? Optional.of(ddl.numbered(column, to.value("identity"), Optional.empty()))
                    : sequence.map(facts -> ddl.numbered(column, to.value("identity"), Optional.of(facts))));
        }

        /**
         * The comments and privileges of an object, and of the columns of a view, which are dropped and created with
         * it.
         */
        private Optional<List<String>> notes(Sides sides, Function<Sides, ObjectFacts> from,
                Function<Sides, ObjectFacts> to) {
            Fact subject = sides.subject();
            List<Optional<List<String>>> all = Stream.concat(Stream.of(sides), open.values().stream()
                    .filter(other -> subject.kind().endsWith("view")
                            && other.subject().kind().equals(subject.kind() + " column")
                            && other.subject().path().equals(subject.path()) && comesWithAnother(other)))
                    .map(found -> CommentsAndGrants.change(from.apply(found).notes(), to.apply(found).notes())).toList();
            return all.stream().allMatch(Optional::isPresent)
                    ? Optional.of(all.stream().flatMap(notes -> notes.get().stream()).toList()) : Optional.empty();
        }

        /**
         * Returns whether the difference only follows from the changed type of a column, as in its indexes and checks.
         */
        private boolean followsFromType(Sides sides) {
            return !sides.left().definition().isEmpty() && isSameButForTypes(sides)
                    && !sides.subject().kind().equals("table column")
                    && open.values().stream().anyMatch(other -> other.subject().kind().equals("table column")
                            && !other.left().value("type").equals(other.right().value("type")));
        }

        private static boolean isSameButForTypes(Sides sides) {
            return withoutTypes(sides.left().definition()).equals(withoutTypes(sides.right().definition()));
        }

        /** The expressions without the casts that the server adds for the types of the columns. */
        private static List<String> withoutTypes(ObjectFacts definition) {
            return definition.facts().stream()
                    .map(fact -> fact.aspect() + " " + CAST.matcher(fact.value()).replaceAll("")).toList();
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

        /** A sort key for the order of creation; objects that need a person come first. */
        private String place(Fact subject) {
            int place = ORDER.indexOf(subject.kind());
            return "%02d %02d %s".formatted(place + 1, depth(subject.name()), subject.name());
        }

        /** The length of the longest chain of views that it reads. */
        private int depth(String object) {
            Sides sides = open.get(object);
            if (sides == null || !sides.subject().kind().endsWith("view")) {
                return 0;
            }
            String text = sides.left().value("as").orElse("") + sides.right().value("as").orElse("");
            return open.values().stream().map(Sides::subject)
                    .filter(other -> other.kind().endsWith("view") && !other.name().equals(object)
                            && text.contains(other.path()))
                    .mapToInt(other -> 1 + depth(other.name())).max().orElse(0);
        }

        private static String reason(Sides sides) {
            ObjectFacts from = sides.left().definition();
            ObjectFacts to = sides.right().definition();
            boolean isColumn = sides.subject().kind().equals("table column");
            return takesRows(sides)
                    ? "is missing, with its rows; restore it, or drop it in a feature of phase contract"
                    : to.has("invalid")
                            ? "is an invalid index, left by a failed build; re-run the update that builds it, or drop it"
                    : isColumn && isAdded(sides) && to.has("not null") && !to.has("default") && !to.has("identity")
                            && !to.has("generated")
                            ? "is required and has no default: the old rows need a backfill first"
                    : isColumn && isAdded(sides)
                            ? "would rewrite every row; write a feature with a backfill"
                    : !from.isEmpty() && !isColumn && isSameButForTypes(sides)
                            ? "follows from the type of a column"
                    : isColumn && from.has("type") && to.has("type") && Stream.of("type", "collate", "generated")
                            .anyMatch(aspect -> !from.value(aspect).equals(to.value(aspect)))
                            ? "another type or expression may rewrite the table; write a feature for it"
                    : from.has("persistence") && !to.isEmpty() && !from.value("persistence").equals(to.value("persistence"))
                            ? "a change between logged and unlogged rewrites the table; write a feature for it"
                    : sides.subject().kind().equals("view") && !from.isEmpty() && !to.isEmpty()
                            ? "has other columns: drop it and create it again, with everything that depends on it"
                    : to.has("its triggers not all enabled")
                            ? "is not enforced: \"alter table %s enable trigger all\" switches its triggers on again"
                                    .formatted(ObjectDdl.plain(to.value("references").orElse(sides.subject().path())))
                    : sides.subject().kind().equals("index") && to.has("only")
                            ? "is of a partitioned table: build it concurrently on each partition and attach it"
                    : to.value("constraint type").equals(Optional.of("exclude"))
                            ? "would block writers while its index is built; write it by hand"
                    : "has no automatic migration; write the change and its rollback by hand";
        }
    }
}
