package dev.supportdb.generate;

import dev.supportdb.changelog.Phase;
import dev.supportdb.postgres.SqlLiteral;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Changesets for enum types. */
final class EnumTypeChanges {

    private final List<ChangesetDraft> drafts = new ArrayList<>();
    private final List<ChangesetDraft> drops = new ArrayList<>();

    /**
     * @param now    values by type, as the changelog has them
     * @param models as the models have them
     */
    EnumTypeChanges(Map<String, List<String>> now, Map<String, List<String>> models) {
        List<ChangesetDraft> created = new ArrayList<>();
        models.forEach((type, values) -> {
            List<String> before = now.get(type);
            if (before == null) {
                created.add(create(type, values));
            } else {
                values.stream().filter(value -> !before.contains(value))
                        .forEach(value -> drafts.add(addValue(type, value)));
                List<String> gone = before.stream().filter(value -> !values.contains(value)).toList();
                if (!gone.isEmpty()) {
                    drops.add(replace(type, String.join(", ", gone)));
                }
            }
        });
        // A value stays, and so would everything before it.
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

    /** Changes that take something away, commented out. */
    List<ChangesetDraft> drops() {
        return drops;
    }

    private static ChangesetDraft create(String type, List<String> values) {
        return new ChangesetDraft("create_" + type, "Create type " + type)
                .warn("the models do not tell the order of the values of %s, and it cannot be changed later: put "
                        + "them in order", type)
                .changeSql(create(values, type)).backSql("drop type %s", type);
    }

    private static ChangesetDraft addValue(String type, String value) {
        return new ChangesetDraft("add_%s_to_%s".formatted(value, type),
                "Add the value %s to %s".formatted(value, type))
                .warn("PostgreSQL cannot take the value %s out of %s again: this rollback refuses, and with it a "
                        + "downgrade of the whole feature, for ever. Where the rest is to be undone in one step, give "
                        + "the value a feature of its own: take the rest out of the models, and autogenerate for the "
                        + "value first", value, type)
                .changeSql("alter type %s add value if not exists %s", type, SqlLiteral.of(value))
                .stays("a value of an enum type cannot be taken back");
    }

    private static ChangesetDraft replace(String type, String values) {
        return new ChangesetDraft("replace_" + type, "Replace %s by one without %s".formatted(type, values))
                .warn("the models do without %s of %s, and PostgreSQL cannot take a value out of a type: say what "
                        + "becomes of the rows that have it, and go over to a new type as main/005 does", values, type)
                .changeSql("TODO").backSql("TODO").commentedOut();
    }

    private static ChangesetDraft drop(String type, List<String> values) {
        return new ChangesetDraft("drop_" + type, "Drop type " + type)
                .warn("no model uses type %s any more; its values may be in another order here", type)
                .labelled(Phase.CONTRACT)
                .changeSql("drop type %s", type).backSql(create(values, type)).commentedOut();
    }

    static String create(List<String> values, String type) {
        return "create type %s as enum (%s)".formatted(type,
                String.join(", ", values.stream().map(SqlLiteral::of).toList()));
    }
}
