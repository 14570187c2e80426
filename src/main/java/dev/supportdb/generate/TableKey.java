package dev.supportdb.generate;

import dev.supportdb.schema.Fact;
import dev.supportdb.schema.ObjectFacts;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A primary, unique or foreign key.
 *
 * @param table     as a changelog names it
 * @param type      {@code primary key}, {@code unique} or {@code foreign key}
 * @param columns   quoted as SQL needs them
 * @param toTable   the referenced table with its schema; empty for the other types
 * @param toColumns empty for the other types
 * @param onUpdate  such as {@code cascade}; empty for no action
 * @param onDelete  likewise
 */
record TableKey(String table, String name, String type, List<String> columns, Optional<String> toTable,
        List<String> toColumns, Optional<String> onUpdate, Optional<String> onDelete) {

    /** Returns the key; empty for a constraint of another type. */
    static Optional<TableKey> of(ObjectFacts constraint) {
        Fact subject = constraint.facts().get(0);
        return constraint.value("constraint type").filter(List.of("primary key", "unique", "foreign key")::contains)
                .map(type -> new TableKey(ObjectDdl.plain(subject), subject.part(), type, constraint.values("column"),
                        constraint.value("references"), constraint.values("referenced column"),
                        constraint.value("on update"), constraint.value("on delete")));
    }

    boolean isForeign() {
        return toTable.isPresent();
    }

    /** The referenced table, as a changelog names it. */
    String references() {
        return ObjectDdl.plain(toTable.orElseThrow());
    }

    String columnList() {
        return String.join(", ", columns);
    }

    /** The key as written in a statement. */
    String sql() {
        return "%s (%s)%s%s%s".formatted(type, columnList(),
                isForeign() ? " references %s (%s)".formatted(references(), String.join(", ", toColumns)) : "",
                onUpdate.map(" on update "::concat).orElse(""), onDelete.map(" on delete "::concat).orElse(""));
    }

    /** The key as the server writes it, in its plain form. */
    String definition() {
        return "%s (%s)%s%s%s".formatted(type.toUpperCase(Locale.ROOT), columnList(),
                toTable.map(to -> " REFERENCES %s(%s)".formatted(to, String.join(", ", toColumns))).orElse(""),
                onUpdate.map(action -> " ON UPDATE " + action.toUpperCase(Locale.ROOT)).orElse(""),
                onDelete.map(action -> " ON DELETE " + action.toUpperCase(Locale.ROOT)).orElse(""));
    }
}
