package dev.supportdb.generate;

import dev.supportdb.changelog.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What changes on a table that there is, and so may be large and in use. */
final class Existing {

    private final Table now;
    private final Table table;
    private final List<Draft> columns = new ArrayList<>();
    private final List<Draft> indexes = new ArrayList<>();
    private final List<Draft> keys = new ArrayList<>();
    private final List<Draft> requirements = new ArrayList<>();
    private final List<Draft> drops = new ArrayList<>();

    /**
     * @param now   as the changelog has it
     * @param table as the models have it
     */
    Existing(Table now, Table table) {
        this.now = now;
        this.table = table;
        columns();
        indexes();
        keys();
    }

    List<Draft> columnDrafts() {
        return columns;
    }

    List<Draft> indexDrafts() {
        return indexes;
    }

    List<Draft> keyDrafts() {
        return keys;
    }

    /** What can run only when the rows are right. */
    List<Draft> requirements() {
        return requirements;
    }

    /** What takes something away, asleep. */
    List<Draft> drops() {
        return drops;
    }

    private void columns() {
        List<Column> gone = now.columns().values().stream()
                .filter(column -> !table.columns().containsKey(column.name())).toList();
        table.columns().values().forEach(column -> {
            Column before = now.columns().get(column.name());
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

    private void add(Column column, List<Column> gone) {
        String place = table.name() + "." + column.name();
        boolean atOnce = column.isAddedAtOnce();
        boolean required = column.notNull() && (!atOnce || column.defaultValue().isEmpty());
        Draft draft = new Draft("add_" + column.plainName(), "Add " + place);
        gone.stream().filter(old -> old.type().equals(column.type())).forEach(old -> draft.warn(
                "if %s is %s renamed, its values stay behind: fill it from %2$s, before that goes", place, old.name()));
        if (column.identity()) {
            draft.warn("%s is to be numbered by the server, which writes every row: that is left to you", place);
        } else if (!atOnce) {
            draft.warn("a default that differs from row to row would write every row, so it is for new rows only: "
                    + "fill %s for those there are (docs/backfills.md)", place);
        } else if (column.notNull() && !required) {
            draft.warn("every row there is gets %s = %s: see that it is true of them", place,
                    column.defaultValue().orElseThrow());
        }
        draft.change(Changes.addColumn(table, required || !atOnce ? column.bare() : column));
        if (!atOnce && column.defaultValue().isPresent()) {
            draft.changeSql("alter table %s alter column %s set default %s", table.name(), column.name(),
                    column.defaultValue().get());
        }
        columns.add(draft
                .refuse(place, "select * from %s where %s".formatted(table.name(), filled(column)))
                .back(Changes.dropColumn(table, column)));
        if (required) {
            requirements.add(ColumnChange.require(table, column));
        }
    }

    /** What is true of the rows whose value would be lost; a default is none, as far as it can be compared. */
    private static String filled(Column column) {
        Optional<String> value = column.defaultValue()
                .filter(found -> column.isAddedAtOnce() && !found.contains("(") && !column.type().equals("json"));
        return column.name() + value.map(found -> " is distinct from " + found).orElse(" is not null");
    }

    private Draft dropColumn(Column column) {
        String place = table.name() + "." + column.name();
        return new Draft("drop_" + column.plainName(), "Drop " + place)
                .warn("no model has %s any more. Its values would be lost, and the rollback cannot give them back; an "
                        + "application that still reads it would fail", place)
                .labelled(Phase.CONTRACT)
                .change(Changes.dropColumn(now, column))
                .back(Changes.addColumn(now, column)).asleep();
    }

    private void indexes() {
        table.indexes().forEach((name, definition) -> {
            String before = now.indexes().get(name);
            if (before == null) {
                indexes.add(Index.add(table, name, definition));
            } else if (!before.equals(definition)) {
                drops.add(Index.drop(name, before).warn("in the models %s is another one: %s. Give that a name of its "
                        + "own, and drop the old one when it is there", name, Definition.house(definition)));
            }
        });
        now.indexes().forEach((name, definition) -> {
            if (!table.indexes().containsKey(name)) {
                drops.add(Index.drop(name, definition).warn(
                        "no model has index %s of %s any more: see that no query needs it", name, table.name()));
            }
        });
    }

    private void keys() {
        table.constraints().forEach((name, definition) -> {
            String before = now.constraints().get(name);
            if (before == null) {
                keys.add(Key.add(table, name, definition));
            } else if (!before.equals(definition)) {
                drops.add(Key.drop(table, name, before).warn("in the models %s of %s is another one: %s. Give that a "
                        + "name of its own, and drop the old one when it is there", name, table.name(), definition));
            }
        });
        now.constraints().forEach((name, definition) -> {
            if (!table.constraints().containsKey(name)) {
                drops.add(Key.drop(table, name, definition)
                        .warn("no model has the key %s of %s any more", name, table.name()));
            }
        });
    }
}
