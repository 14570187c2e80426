package dev.supportdb.generate;

import dev.supportdb.schema.Difference.Sides;
import dev.supportdb.schema.Fact;
import dev.supportdb.schema.ObjectFacts;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/**
 * A table that was made by hand, with all that comes and goes with it: what it has to be filled right is there from the
 * start, for it is empty.
 *
 * @param objects what it consists of, as a fingerprint names it
 */
record HandMadeTable(ChangesetDraft draft, Set<String> objects) {

    /** A sequence that numbers the rows as one does by default. */
    private static final Map<String, String> PLAIN_SEQUENCE =
            Map.of("persistence", "permanent", "start", "1", "increment", "1", "minvalue", "1", "cache", "1");

    /** Empty for what is no new table, or not one of nothing but columns, keys and checks. */
    static Optional<HandMadeTable> of(Sides sides, SortedMap<String, Sides> open) {
        Fact table = sides.subject();
        ObjectFacts definition = sides.right().definition();
        return table.kind().equals("table") && sides.left().isEmpty() && !table.path().contains("\"")
                && definition.facts().size() == 1 && definition.value("persistence").equals(Optional.of("permanent"))
                ? new Writer(table, open).write() : Optional.empty();
    }

    private static final class Writer {

        private final Fact table;
        private final String name;
        private final SortedMap<String, Sides> open;
        private final Set<String> objects = new HashSet<>();
        private final List<String> before = new ArrayList<>();
        private final List<String> lines = new ArrayList<>();
        private final List<String> after = new ArrayList<>();
        private boolean known = true;

        Writer(Fact table, SortedMap<String, Sides> open) {
            this.table = table;
            this.name = ObjectDdl.plain(table);
            this.open = open;
            take(table.name());
        }

        Optional<HandMadeTable> write() {
            parts("table column").forEach(this::column);
            open.values().stream().filter(sides -> sides.subject().kind().equals("sequence")).forEach(this::sequence);
            parts("table constraint").forEach(this::constraint);
            if (!known) {
                return Optional.empty();
            }
            ChangesetDraft draft = HandMadeChanges.draft("create", table);
            before.forEach(draft::changeSql);
            draft.changeSql("create table %s (%n    %s%n)", name, String.join(",\n    ", lines));
            after.forEach(draft::changeSql);
            draft.backSql("lock table %s in access exclusive mode", name)
                    .refuse(name, "select * from " + name)
                    .backSql("drop table " + name);
            return Optional.of(new HandMadeTable(draft, objects));
        }

        private List<Sides> parts(String kind) {
            return open.values().stream().filter(sides -> sides.subject().kind().equals(kind)
                    && sides.subject().path().equals(table.path())).toList();
        }

        private void take(String object) {
            objects.add(object);
            Optional<List<String>> notes = CommentsAndGrants.change(ObjectFacts.NONE, open.get(object).right().notes());
            notes.ifPresentOrElse(after::addAll, () -> known = false);
        }

        private void column(Sides sides) {
            ObjectFacts definition = sides.right().definition();
            known &= ObjectDdl.isPlain(definition);
            lines.add(CatalogColumn.of(definition).sql());
            take(sides.subject().name());
        }

        /** One of an identity comes with it, one of a default has to be there before. */
        private void sequence(Sides sides) {
            ObjectFacts definition = sides.right().definition();
            String owner = definition.value("owned by").orElse("");
            Optional<Sides> column = parts("table column").stream()
                    .filter(found -> owner.equals(table.path() + "." + found.subject().part())).findFirst();
            if (column.isEmpty() || definition.has("cycle") || !PLAIN_SEQUENCE.entrySet().stream()
                    .allMatch(aspect -> definition.values(aspect.getKey()).contains(aspect.getValue()))) {
                return;
            }
            if (!column.get().right().has("identity")) {
                String sequence = ObjectDdl.plain(sides.subject());
                before.add(ObjectDdl.sequence(sequence, definition));
                after.add(0, "alter sequence %s owned by %s".formatted(sequence, ObjectDdl.plain(owner)));
            }
            take(sides.subject().name());
        }

        /** A foreign key is apart: it locks the other table too. */
        private void constraint(Sides sides) {
            ObjectFacts definition = sides.right().definition();
            String constraint = sides.subject().part();
            if (definition.value("constraint type").equals(Optional.of("foreign key"))) {
                return;
            }
            known &= ObjectDdl.isPlain(definition);
            lines.add("constraint " + constraint + " " + ObjectDdl.constraint(definition));
            take(sides.subject().name());
            String index = "index " + table.schema() + "." + constraint;
            if (open.containsKey(index)) {
                take(index);
            }
        }
    }
}
