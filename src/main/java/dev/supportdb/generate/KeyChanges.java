package dev.supportdb.generate;

/** Changesets for the keys of an existing table, which validate its rows while others read and write. */
final class KeyChanges {

    private KeyChanges() {
    }

    static ChangesetDraft add(JpaTable table, TableKey key) {
        return key.isForeign() ? warnUnsearched(addForeign(key), table, key) : addUnique(key);
    }

    static ChangesetDraft warnUnsearched(ChangesetDraft draft, JpaTable table, TableKey key) {
        return table.isSearchedBy(key.columns()) ? draft
                : draft.warn("no index of %s begins with %s: a delete of a row of %s reads all of %1$s",
                        key.table(), key.columnList(), key.references());
    }

    private static ChangesetDraft addUnique(TableKey key) {
        ChangesetDraft draft = new ChangesetDraft("add_" + key.name(),
                "Have no %s twice in %s".formatted(key.columnList(), key.table()));
        return IndexChanges.warnOfDuplicates(draft, key.table(), key.columnList())
                .change("# Built without blocking writers. Each statement commits by itself; all are idempotent.")
                .change(ObjectDdl.unique(key.table(), key.name(), key.type(), key.columnList()))
                .backSql("alter table %s drop constraint if exists %s", key.table(), key.name());
    }

    static ChangesetDraft addForeign(TableKey key) {
        return new ChangesetDraft("add_" + key.name(),
                "Let %s.%s point at %s".formatted(key.table(), key.columnList(), key.references()))
                .change("""
                        # Not valid: new rows are checked from here on. Validate: the old rows are, while everybody
                        # reads and writes. Each statement commits by itself; all can be run again.""")
                .change(ObjectDdl.validated(key.table(), key.name(), key.sql()))
                .backSql("alter table %s drop constraint if exists %s", key.table(), key.name());
    }

    static ChangesetDraft drop(TableKey key) {
        return new ChangesetDraft("drop_" + key.name(), "Drop " + key.name())
                .changeSql("alter table %s drop constraint if exists %s", key.table(), key.name())
                .back(key.isForeign() ? ObjectDdl.validated(key.table(), key.name(), key.sql())
                        : ObjectDdl.unique(key.table(), key.name(), key.type(), key.columnList()))
                .commentedOut();
    }
}
