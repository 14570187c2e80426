package dev.supportdb.generate;

/** Changesets for the indexes of an existing table, which do not block its writers. */
final class IndexChanges {

    private IndexChanges() {
    }

    static ChangesetDraft add(TableIndex index) {
        ChangesetDraft draft = new ChangesetDraft("create_" + index.name(), "Index %s by %s".formatted(index.table(),
                String.join(", ", index.keys()).replace(" DESC", " descending")))
                .change(ObjectDdl.index(index)).back(ObjectDdl.dropIndex(index.name()));
        return index.unique() ? warnOfDuplicates(draft, index.table(), index.columnList()) : draft;
    }

    static ChangesetDraft drop(TableIndex index) {
        return new ChangesetDraft("drop_" + index.name(), "Drop index " + index.name())
                .change(ObjectDdl.dropIndex(index.name())).back(ObjectDdl.index(index)).commentedOut();
    }

    static ChangesetDraft warnOfDuplicates(ChangesetDraft draft, String table, String columns) {
        return draft.warn("this fails while two rows have the same values; find them: select %s, count(*) from %s "
                + "group by %1$s having count(*) > 1", columns, table);
    }
}
