package dev.supportdb.generate;

/** Changesets for the indexes of a table that there is: without keeping its writers waiting. */
final class IndexChanges {

    private IndexChanges() {
    }

    static ChangesetDraft add(JpaTable table, String name, String definition) {
        ChangesetDraft draft = new ChangesetDraft("create_" + name, "Index %s by %s".formatted(table.name(),
                String.join(", ", JpaTable.columnsOf(definition)).replace(" DESC", " descending")))
                .change(ObjectDdl.index(name, definition)).back(ObjectDdl.index(name, null));
        return definition.startsWith("CREATE UNIQUE") ? warnOfDuplicates(draft, table, definition) : draft;
    }

    static ChangesetDraft drop(String name, String definition) {
        return new ChangesetDraft("drop_" + name, "Drop index " + name)
                .change(ObjectDdl.index(name, null)).back(ObjectDdl.index(name, definition)).commentedOut();
    }

    static ChangesetDraft warnOfDuplicates(ChangesetDraft draft, JpaTable table, String definition) {
        return draft.warn("this fails while two rows have the same; they are found by: select %s, count(*) from %s "
                + "group by %1$s having count(*) > 1", String.join(", ", JpaTable.columnsOf(definition)), table.name());
    }
}
