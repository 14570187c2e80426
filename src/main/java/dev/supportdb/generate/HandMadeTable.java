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
import java.util.stream.Stream;

/**
 * A table that was created by hand, with its parts. They are created with the table, since it is empty.
 *
 * @param objects the objects it consists of, as a fingerprint names them
 */
record HandMadeTable(ChangesetDraft draft, Set<String> objects) {

    /** The default options of a sequence that numbers rows. */
    private static final Map<String, String> PLAIN_SEQUENCE =
            Map.of("persistence", "permanent", "start", "1", "increment", "1", "minvalue", "1", "cache", "1");

    /** Returns the table; empty unless it is new and consists of columns, keys and checks only. */
    static Optional<HandMadeTable> of(Sides sides, SortedMap<String, Sides> open) {
        Fact table = sides.subject();
        ObjectFacts definition = sides.right().definition();
        return table.kind().equals("table") && sides.left().isEmpty() && !table.path().contains("\"")
                && !definition.isEmpty() && ObjectDdl.isPlain(definition)
                && Alterations.without(definition).hasOnly(
                        Set.of("persistence", "partition by", "partition of", "bound"))
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
            ObjectFacts definition = open.get(table.name()).right().definition();
            if (definition.has("partition of")) {
                return partition(definition);
            }
            parts("table column").forEach(this::column);
            open.values().stream().filter(sides -> sides.subject().kind().equals("sequence")).forEach(this::sequence);
            parts("table constraint").forEach(this::constraint);
            if (!known) {
                return Optional.empty();
            }
            ChangesetDraft draft = HandMadeChanges.draft("create", table);
            before.forEach(draft::changeSql);
            draft.changeSql("create %stable %s (%n    %s%n)%s",
                    definition.values("persistence").contains("unlogged") ? "unlogged " : "", name,
                    String.join(",\n    ", lines),
                    definition.value("partition by").map(" partition by "::concat).orElse(""));
            Alterations.between(ObjectFacts.NONE, definition).forEach(draft::changeSql);
            after.forEach(draft::changeSql);
            return Optional.of(dropped(draft));
        }

        /** A partition, whose columns, checks and indexes come from its parent. */
        private Optional<HandMadeTable> partition(ObjectFacts definition) {
            List<Sides> indexes = open.values().stream().filter(sides -> sides.subject().kind().equals("index")
                    && sides.right().values("on").contains(table.path()) && sides.right().has("part of")).toList();
            if (!definition.values("persistence").contains("permanent") || definition.has("partition by")
                    || parts("table column").stream().anyMatch(sides -> !sides.right().has("as in the parent"))) {
                return Optional.empty();
            }
            Stream.concat(parts("table column").stream(), indexes.stream())
                    .forEach(sides -> take(sides.subject().name()));
            ChangesetDraft draft = HandMadeChanges.draft("create", table)
                    .changeSql("create table %s partition of %s %s", name,
                            ObjectDdl.plain(definition.value("partition of").orElseThrow()),
                            definition.value("bound").orElseThrow());
            Alterations.between(ObjectFacts.NONE, definition).forEach(draft::changeSql);
            after.forEach(draft::changeSql);
            return known ? Optional.of(dropped(draft)) : Optional.empty();
        }

        private HandMadeTable dropped(ChangesetDraft draft) {
            return new HandMadeTable(draft.backSql("lock table %s in access exclusive mode", name)
                    .refuse(name, "select * from " + name)
                    .backSql("drop table " + name), objects);
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
            after.addAll(Alterations.between(ObjectFacts.NONE, definition));
            take(sides.subject().name());
        }

        /**
         * Takes a sequence. An identity creates its sequence; the sequence of a default must exist before the table.
         */
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

        /** Takes a constraint. A foreign key needs its own changeset, since it locks the other table too. */
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
