package dev.supportdb.generate;

import java.util.List;
import java.util.Optional;

/** Changesets for the keys of a table that there is: its rows are looked at while everybody reads and writes. */
final class KeyChanges {

    private KeyChanges() {
    }

    static ChangesetDraft add(JpaTable table, String name, String definition) {
        Optional<ForeignKey> relation = ForeignKey.of(table.name(), name, definition);
        if (relation.isEmpty()) {
            return addUnique(table, name, definition);
        }
        return warnUnsearched(addForeign(relation.get()), table, relation.get());
    }

    static ChangesetDraft warnUnsearched(ChangesetDraft draft, JpaTable table, ForeignKey key) {
        return table.isSearchedBy(List.of(key.columns().split(", "))) ? draft
                : draft.warn("no index of %s begins with %s: who deletes a row of %s reads all of %1$s",
                        key.table(), key.columns(), key.toTable());
    }

    private static ChangesetDraft addUnique(JpaTable table, String name, String definition) {
        String columns = String.join(", ", JpaTable.columnsOf(definition));
        ChangesetDraft draft = new ChangesetDraft("add_" + name,
                "Have no %s twice in %s".formatted(columns, table.name()));
        return IndexChanges.warnOfDuplicates(draft, table, definition)
                .change("# Built beside the writers. Each statement commits by itself; all can be run again.")
                .change(ObjectDdl.unique(table.name(), name,
                        definition.startsWith("PRIMARY") ? "primary key" : "unique", columns))
                .backSql("alter table %s drop constraint if exists %s", table.name(), name);
    }

    static ChangesetDraft addForeign(ForeignKey key) {
        return new ChangesetDraft("add_" + key.name(),
                "Let %s.%s point at %s".formatted(key.table(), key.columns(), key.toTable()))
                .change("""
                        # Not valid: new rows are checked from here on. Validate: the old rows are, while everybody
                        # reads and writes. Each statement commits by itself; all can be run again.""")
                .change(ObjectDdl.validated(key.table(), key.name(), key.sql()))
                .backSql("alter table %s drop constraint if exists %s", key.table(), key.name());
    }

    static ChangesetDraft drop(JpaTable table, String name, String definition) {
        return new ChangesetDraft("drop_" + name, "Drop " + name)
                .changeSql("alter table %s drop constraint if exists %s", table.name(), name)
                .backSql("alter table %s add constraint %s\n    %s", table.name(), name,
                        ForeignKey.of(table.name(), name, definition).map(ForeignKey::sql).orElse(definition))
                        .commentedOut();
    }
}
