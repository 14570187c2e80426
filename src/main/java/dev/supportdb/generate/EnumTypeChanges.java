package dev.supportdb.generate;

import dev.supportdb.changelog.Phase;
import dev.supportdb.postgres.SqlLiteral;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Changesets for enum types. */
final class EnumTypeChanges {

    private final List<ChangesetDraft> drafts = new ArrayList<>();
    private final List<ChangesetDraft> drops = new ArrayList<>();

    /**
     * @param now    values by type, as in the changelog
     * @param models values by type, as in the models
     */
    EnumTypeChanges(Map<String, List<String>> now, Map<String, List<String>> models) {
        List<ChangesetDraft> created = new ArrayList<>();
        models.forEach((type, values) -> {
            List<String> before = now.get(type);
            if (before == null) {
                created.add(create(type, values));
            } else {
                List<String> kept = before.stream().filter(values::contains).toList();
                for (int i = 0; i < values.size(); i++) {
                    if (!before.contains(values.get(i))) {
                        drafts.add(addValue(type, values.get(i), next(values.subList(i, values.size()), kept)));
                    }
                }
                List<String> gone = before.stream().filter(value -> !kept.contains(value)).toList();
                if (!gone.isEmpty()) {
                    drops.add(replace(type, String.join(", ", gone)));
                }
                if (!kept.equals(values.stream().filter(kept::contains).toList())) {
                    drops.add(reorder(type, values));
                }
            }
        });
        // A new value cannot be rolled back, and neither can anything before it, so values come first and types after
        // them.
        drafts.addAll(created);
        now.forEach((type, values) -> {
            if (!models.containsKey(type)) {
                drops.add(drop(type, values));
            }
        });
    }

    List<ChangesetDraft> drafts() {
        return drafts;
    }

    /** Changesets that drop something, commented out. */
    List<ChangesetDraft> drops() {
        return drops;
    }

    private static ChangesetDraft create(String type, List<String> values) {
        return new ChangesetDraft("create_" + type, "Create type " + type)
                .warn("the values of %s compare in this order, and it cannot be changed later", type)
                .changeSql(create(values, type)).backSql("drop type %s", type);
    }

    /** The place of a new value: before the next existing one, else at the end. */
    private static String next(List<String> fromHere, List<String> before) {
        return fromHere.stream().filter(before::contains).findFirst()
                .map(value -> " before " + SqlLiteral.of(value)).orElse("");
    }

    private static ChangesetDraft addValue(String type, String value, String place) {
        return new ChangesetDraft("add_%s_to_%s".formatted(value, type),
                "Add the value %s to %s".formatted(value, type))
                .warn("PostgreSQL cannot remove the value %s from %s again: this rollback refuses, and with it "
                        + "every downgrade of the whole feature. To undo the rest in one step, put the value in a "
                        + "feature of its own: remove the rest from the models, and run autogenerate for the value "
                        + "first", value, type)
                .changeSql("alter type %s add value if not exists %s%s", type, SqlLiteral.of(value), place)
                .stays("a value of an enum type cannot be taken back");
    }

    private static ChangesetDraft replace(String type, String values) {
        return new ChangesetDraft("replace_" + type, "Replace %s by one without %s".formatted(type, values))
                .warn("the models do not use %s of %s, and PostgreSQL cannot remove a value from a type: decide "
                        + "what becomes of the rows that have it, and change to a new type as main/005 does",
                        values, type)
                .changeSql("TODO").backSql("TODO").commentedOut();
    }

    private static ChangesetDraft reorder(String type, List<String> values) {
        return new ChangesetDraft("reorder_" + type, "Put the values of %s in another order".formatted(type))
                .warn("the models have the values of %s in the order %s, and PostgreSQL cannot change the order of a "
                        + "type. Put the constants in the order of the type, with NAMED_ORDINAL_ENUM where they are "
                        + "mapped (NAMED_ENUM sorts them by name), or change to a new type as main/005 does", type,
                        String.join(", ", values))
                .changeSql("TODO").backSql("TODO").commentedOut();
    }

    private static ChangesetDraft drop(String type, List<String> values) {
        return new ChangesetDraft("drop_" + type, "Drop type " + type)
                .warn("no model uses type %s any more", type)
                .labelled(Phase.CONTRACT).dropping(type)
                .changeSql("drop type %s", type).backSql(create(values, type)).commentedOut();
    }

    /** Renames values if only names differ; empty for any other change. */
    static Optional<List<String>> renamed(String type, List<String> before, List<String> after) {
        List<Integer> places = IntStream.range(0, Math.min(before.size(), after.size()))
                .filter(i -> !before.get(i).equals(after.get(i))).boxed().toList();
        return before.size() != after.size() || places.stream().anyMatch(i -> before.contains(after.get(i))
                || after.contains(before.get(i))) ? Optional.empty()
                : Optional.of(places.stream().map(i -> "alter type %s rename value %s to %s".formatted(type,
                        SqlLiteral.of(before.get(i)), SqlLiteral.of(after.get(i)))).toList());
    }

    /**
     * Adds each new value in its place; empty for any other change.
     *
     * @param before the current values, in order
     * @param after  the wanted values, in order
     */
    static Optional<List<String>> added(String type, List<String> before, List<String> after) {
        if (!after.stream().filter(before::contains).toList().equals(before)) {
            return Optional.empty();
        }
        List<String> statements = new ArrayList<>();
        for (int i = 0; i < after.size(); i++) {
            if (!before.contains(after.get(i))) {
                statements.add("alter type %s add value if not exists %s%s".formatted(type,
                        SqlLiteral.of(after.get(i)), next(after.subList(i, after.size()), before)));
            }
        }
        return Optional.of(statements);
    }

    static String create(List<String> values, String type) {
        return "create type %s as enum (%s)".formatted(type,
                String.join(", ", values.stream().map(SqlLiteral::of).toList()));
    }
}
