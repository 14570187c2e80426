package dev.supportdb.generate;

import dev.supportdb.schema.Difference.Sides;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A table that was made by hand, with all that comes and goes with it: what it has to be filled right is there from the
 * start, for it is empty.
 *
 * @param objects what it consists of, as a fingerprint names it
 */
record HandMadeTable(ChangesetDraft draft, Set<String> objects) {

    private static final Pattern TABLE = Pattern.compile("table ((?:public\\.)?[^ .\"]+(?:\\.[^ .\"]+)?)");

    /** Of one that the server numbers rows by as it does by default. */
    private static final Pattern PLAIN_SEQUENCE = Pattern.compile(
            "permanent, \\w+ start 1 increment 1 minvalue 1 maxvalue \\d+ cache 1, owned by (.*)");

    /** Empty for what is no new table, or not one of nothing but columns, keys and checks. */
    static Optional<HandMadeTable> of(String object, SortedMap<String, Sides> open) {
        Matcher table = TABLE.matcher(object);
        Sides sides = open.get(object);
        if (!table.matches() || sides == null || !sides.left().isEmpty()
                || !"permanent".equals(HandMadeChanges.definition(sides.right()))) {
            return Optional.empty();
        }
        return new Writer(table.group(1), object, open).write();
    }

    private static final class Writer {

        private final String qualified;
        private final String name;
        private final SortedMap<String, Sides> open;
        private final Set<String> objects = new HashSet<>();
        private final List<String> before = new ArrayList<>();
        private final List<String> lines = new ArrayList<>();
        private final List<String> after = new ArrayList<>();
        private boolean known = true;

        Writer(String qualified, String object, SortedMap<String, Sides> open) {
            this.qualified = qualified;
            this.name = ObjectDdl.plain(qualified);
            this.open = open;
            take(object);
        }

        Optional<HandMadeTable> write() {
            open.forEach((object, sides) -> {
                if (object.startsWith("table column " + qualified + ".")) {
                    column(object, HandMadeChanges.definition(sides.right()));
                } else if (object.startsWith("sequence ")) {
                    sequence(object, HandMadeChanges.definition(sides.right()));
                }
            });
            open.forEach((object, sides) -> {
                if (object.startsWith("table constraint ") && object.endsWith(" on " + qualified)) {
                    constraint(object, HandMadeChanges.definition(sides.right()));
                }
            });
            if (!known) {
                return Optional.empty();
            }
            ChangesetDraft draft = HandMadeChanges.draft("create", "table " + qualified);
            before.forEach(draft::changeSql);
            draft.changeSql("create table %s (%n    %s%n)", name, String.join(",\n    ", lines));
            after.forEach(draft::changeSql);
            draft.backSql("lock table %s in access exclusive mode", name)
                    .refuse(name, "select * from " + name)
                    .backSql("drop table " + name);
            return Optional.of(new HandMadeTable(draft, objects));
        }

        private void take(String object) {
            objects.add(object);
            Optional<List<String>> notes =
                    CommentsAndGrants.change(object, List.of(), HandMadeChanges.notes(open.get(object).right()));
            notes.ifPresentOrElse(after::addAll, () -> known = false);
        }

        private void column(String object, String definition) {
            known &= ObjectDdl.isPlain(definition);
            lines.add(object.substring(("table column " + qualified + ".").length()) + " "
                    + ObjectDdl.written(definition));
            take(object);
        }

        /** One of an identity comes with it, one of a default has to be there before. */
        private void sequence(String object, String definition) {
            Matcher plain = PLAIN_SEQUENCE.matcher(definition == null ? "" : definition);
            if (!plain.matches() || !plain.group(1).startsWith(qualified + ".")) {
                return;
            }
            Sides column = open.get("table column " + plain.group(1));
            if (column != null && !HandMadeChanges.definition(column.right()).contains(" as identity")) {
                String sequence = ObjectDdl.plain(object.substring("sequence ".length()));
                before.add(ObjectDdl.sequence(sequence, definition));
                after.add(0, "alter sequence %s owned by %s"
                        .formatted(sequence, ObjectDdl.plain(plain.group(1))));
            }
            take(object);
        }

        /** A foreign key is apart: it locks the other table too. */
        private void constraint(String object, String definition) {
            if (definition.startsWith("FOREIGN KEY ")) {
                return;
            }
            String constraint = object.substring("table constraint ".length(), object.lastIndexOf(" on "));
            known &= ObjectDdl.isPlain(definition);
            lines.add("constraint " + constraint + " " + ObjectDdl.house(definition));
            take(object);
            String index = "index " + qualified.replaceFirst("[^.]+$", "") + constraint;
            if (open.containsKey(index)) {
                take(index);
            }
        }
    }
}
