package dev.supportdb.generate;

import dev.supportdb.changelog.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What changes on a table that there is, and so may be large and in use. */
final class TableChange {

    private final JpaTable now;
    private final JpaTable table;
    private final List<ChangesetDraft> columns = new ArrayList<>();
    private final List<ChangesetDraft> indexes = new ArrayList<>();
    private final List<ChangesetDraft> keys = new ArrayList<>();
    private final List<ChangesetDraft> requirements = new ArrayList<>();
    private final List<ChangesetDraft> drops = new ArrayList<>();

    /**
     * @param now   as the changelog has it
     * @param table as the models have it
     */
    TableChange(JpaTable now, JpaTable table) {
        this.now = now;
        this.table = table;
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

    /** What can run only when the rows are right. */
    List<ChangesetDraft> requirements() {
        return requirements;
    }

    /** Changes that take something away, commented out. */
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
                ColumnChange change = new ColumnChange(table, before, column);
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
                "if %s is %s renamed, its values stay behind: fill it from %2$s, before that goes", place, old.name()));
        if (column.identity().isPresent()) {
            draft.warn("%s is to be numbered by the server, which writes every row: that is left to you", place);
        } else if (!atOnce) {
            draft.warn("a default that differs from row to row would write every row, so it is for new rows only: "
                    + "fill %s for those there are (docs/backfills.md)", place);
        } else if (column.notNull() && !required) {
            draft.warn("every row there is gets %s = %s: see that it is true of them", place,
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

    /** What is true of the rows whose value would be lost; a default is none, as far as it can be compared. */
    private static String filled(CatalogColumn column) {
        Optional<String> value = column.defaultValue()
                .filter(found -> column.isAddedAtOnce() && !found.contains("(") && !column.type().equals("json"));
        return column.name() + value.map(found -> " is distinct from " + found).orElse(" is not null");
    }

    private ChangesetDraft dropColumn(CatalogColumn column) {
        String place = table.name() + "." + column.name();
        return new ChangesetDraft("drop_" + column.plainName(), "Drop " + place)
                .warn("no model has %s any more. Its values would be lost, and the rollback cannot give them back; an "
                        + "application that still reads it would fail", place)
                .labelled(Phase.CONTRACT)
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
                        .warn("in the models %s is another one: %s. Give that a name of its "
                        + "own, and drop the old one when it is there", name, index.sql()));
            }
        });
        now.indexes().forEach((name, index) -> {
            if (!table.indexes().containsKey(name)) {
                drops.add(IndexChanges.drop(index).warn(
                        "no model has index %s of %s any more: see that no query needs it", name, table.name()));
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
                        .warn("in the models %s of %s is another one: %s. Give that a "
                        + "name of its own, and drop the old one when it is there", name, table.name(), key.sql()));
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
