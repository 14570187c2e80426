package dev.supportdb.generate;

import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Existing objects that a change depends on. */
final class ReferencedObjects {

    private final JpaSchema changelog;
    private final JpaSchema models;
    private final Set<String> names = new TreeSet<>();

    private ReferencedObjects(JpaSchema changelog, JpaSchema models) {
        this.changelog = changelog;
        this.models = models;
    }

    /** Tables, columns as {@code table.column}, and enum types. */
    static Set<String> of(JpaSchema changelog, JpaSchema models) {
        ReferencedObjects touched = new ReferencedObjects(changelog, models);
        models.tables().values().forEach(touched::table);
        models.enums().forEach((type, values) -> {
            if (!values.equals(changelog.enums().get(type))) {
                touched.names.add(type);
            }
        });
        return touched.names.stream().filter(touched::isThere).map(name -> name.replace("\"", ""))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private void table(JpaTable table) {
        JpaTable now = changelog.tables().getOrDefault(table.name(), JpaTable.named(table.name(), table.remarks()));
        if (table.isSameAs(now)) {
            return;
        }
        names.add(table.name());
        table.columns().values().stream()
                .filter(column -> !now.columns().containsKey(column.name())
                        || !column.isSameAs(now.columns().get(column.name())))
                .forEach(column -> {
                    columns(table.name(), List.of(column.name()));
                    names.add(column.elementType());
                });
        fresh(table.indexes(), now.indexes()).forEach(index -> columns(table.name(), index.columns()));
        fresh(table.keys(), now.keys()).forEach(key -> columns(table.name(), key.columns()));
        table.foreignKeys().filter(key -> !now.keys().containsKey(key.name())).forEach(key -> {
            names.add(key.references());
            columns(key.references(), key.toColumns());
        });
    }

    private static <T> List<T> fresh(SortedMap<String, T> all, SortedMap<String, T> now) {
        return all.keySet().stream().filter(name -> !all.get(name).equals(now.get(name))).map(all::get).toList();
    }

    private void columns(String table, List<String> columns) {
        columns.forEach(column -> names.add(table + "." + column));
    }

    private boolean isThere(String name) {
        int dot = name.indexOf('.');
        JpaTable table = changelog.tables().get(dot < 0 ? name : name.substring(0, dot));
        return dot < 0 ? table != null || changelog.enums().containsKey(name)
                : table != null && table.columns().containsKey(name.substring(dot + 1));
    }
}
