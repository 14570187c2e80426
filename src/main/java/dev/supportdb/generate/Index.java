package dev.supportdb.generate;

/** Changesets for the indexes of a table that there is: without keeping its writers waiting. */
final class Index {

    private Index() {
    }

    static Draft add(Table table, String name, String definition) {
        Draft draft = new Draft("create_" + name, "Index %s by %s".formatted(table.name(),
                String.join(", ", Table.columnsOf(definition)).replace(" DESC", " descending")))
                .change("# A build that was killed leaves an invalid index of this name.")
                .change(Definition.index(name, definition)).back(Definition.index(name, null));
        return definition.startsWith("CREATE UNIQUE") ? warnOfDuplicates(draft, table, definition) : draft;
    }

    static Draft drop(String name, String definition) {
        return new Draft("drop_" + name, "Drop index " + name)
                .change(Definition.index(name, null)).back(Definition.index(name, definition)).asleep();
    }

    static Draft warnOfDuplicates(Draft draft, Table table, String definition) {
        return draft.warn("this fails while two rows have the same; they are found by: select %s, count(*) from %s "
                + "group by %1$s having count(*) > 1", String.join(", ", Table.columnsOf(definition)), table.name());
    }
}
