package dev.supportdb.generate;

import dev.supportdb.changelog.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The changes of an existing table, which may be large and in use. */
final class TableChange {

    private final JpaTable now;
    private final JpaTable table;
    private final List<ChangesetDraft> columns = new ArrayList<>();
    private final List<ChangesetDraft> indexes = new ArrayList<>();
    private final List<ChangesetDraft> keys = new ArrayList<>();
    private final List<ChangesetDraft> requirements = new ArrayList<>();
    private final List<ChangesetDraft> drops = new ArrayList<>();

    /**
     * @param now   the table in the changelog
     * @param table the table in the models
     */
    TableChange(JpaTable now, JpaTable table) {
        this.now = now;
        this.table = table;
        table.remarks().filter(text -> !now.remarks().equals(Optional.of(text))).ifPresent(text -> columns.add(
                YamlChanges.comment("table " + table.name(), now.remarks(), text)));
        columns();
        indexes();
        keys();
    }

    List<ChangesetDraft> columnDrafts() {
        return columns;
    }

    List<ChangesetDraft> indexDrafts() {
        return indexes;
    }

    List<ChangesetDraft> keyDrafts() {
        return keys;
    }

    /** Changesets that can run only after the rows are valid. */
    List<ChangesetDraft> requirements() {
        return requirements;
    }

    /** Changesets that drop something, commented out. */
    List<ChangesetDraft> drops() {
        return drops;
    }

    private void columns() {
        List<CatalogColumn> gone = now.columns().values().stream()
                .filter(column -> !table.columns().containsKey(column.name())).toList();
        table.columns().values().forEach(column -> {
            CatalogColumn before = now.columns().get(column.name());
            if (before == null) {
                add(column, gone);
            } else {
                ColumnChange change = new ColumnChange(now, before, column);
                columns.addAll(change.drafts());
                requirements.addAll(change.requirements());
            }
        });
        gone.forEach(column -> drops.add(dropColumn(column)));
    }

    private void add(CatalogColumn column, List<CatalogColumn> gone) {
        String place = table.name() + "." + column.name();
        boolean atOnce = column.isAddedAtOnce();
        boolean required = column.notNull() && (!atOnce || column.defaultValue().isEmpty());
        ChangesetDraft draft = new ChangesetDraft("add_" + column.plainName(), "Add " + place);
        gone.stream().filter(old -> old.type().equals(column.type())).forEach(old -> draft.warn(
                "if %s is %s renamed, its values are not moved: fill it from %2$s before dropping that",
                        place, old.name()));
        if (column.identity().isPresent()) {
            draft.warn("%s is numbered by the server, which rewrites every row: write that by hand", place);
        } else if (!atOnce) {
            draft.warn("a default that differs from row to row would rewrite every row, so it is for new rows only: "
                    + "fill %s of existing rows (docs/backfills.md)", place);
        } else if (column.notNull() && !required) {
            draft.warn("every existing row gets %s = %s: check that this is true of them", place,
                    column.defaultValue().orElseThrow());
        }
        draft.change(YamlChanges.addColumn(table, required || !atOnce ? column.bare() : column));
        if (!atOnce && column.defaultValue().isPresent()) {
            draft.changeSql("alter table %s alter column %s set default %s", table.name(), column.name(),
                    column.defaultValue().get());
        }
        columns.add(draft
                .refuse(place, "select * from %s where %s".formatted(table.name(), filled(column)))
                .back(YamlChanges.dropColumn(table, column)));
        if (required) {
            requirements.add(ColumnChange.require(table, column));
        }
    }

    /** The predicate of rows whose value would be lost. A default value does not count, if it can be compared. */
    private static String filled(CatalogColumn column) {
        Optional<String> value = column.defaultValue()
                .filter(found -> column.isAddedAtOnce() && !found.contains("(") && !column.type().equals("json"));
        return column.name() + value.map(found -> " is distinct from " + found).orElse(" is not null");
    }

    private ChangesetDraft dropColumn(CatalogColumn column) {
        String place = table.name() + "." + column.name();
        return new ChangesetDraft("drop_" + column.plainName(), "Drop " + place)
                .warn("no model has %s any more. Its values would be lost, and the rollback cannot restore them; an "
                        + "application that still reads it would fail", place)
                .labelled(Phase.CONTRACT).dropping(place)
                .change(YamlChanges.dropColumn(now, column))
                .back(YamlChanges.addColumn(now, column)).commentedOut();
    }

    private void indexes() {
        table.indexes().forEach((name, index) -> {
            TableIndex before = now.indexes().get(name);
            if (before == null) {
                indexes.add(IndexChanges.add(index));
            } else if (!before.equals(index)) {
                drops.add(IndexChanges.drop(before)
                        .warn("in the models %s is a different index: %s. Give the new one a name of its own, and drop "
                                + "the old one after it", name, index.sql()));
            }
        });
        now.indexes().forEach((name, index) -> {
            if (!table.indexes().containsKey(name)) {
                drops.add(IndexChanges.drop(index).warn(
                        "no model has index %s of %s any more: check that no query needs it", name, table.name()));
            }
        });
    }

    private void keys() {
        table.keys().forEach((name, key) -> {
            TableKey before = now.keys().get(name);
            if (before == null) {
                keys.add(KeyChanges.add(table, key));
            } else if (!before.equals(key)) {
                drops.add(KeyChanges.drop(before)
                        .warn("in the models %s of %s is a different key: %s. Give the new one a name of its own, and "
                                + "drop the old one after it", name, table.name(), key.sql()));
            }
        });
        now.keys().forEach((name, key) -> {
            if (!table.keys().containsKey(name)) {
                drops.add(KeyChanges.drop(key)
                        .warn("no model has the key %s of %s any more", name, table.name()));
            }
        });
    }
}
