package dev.supportdb.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What there is already and a change builds on, so that it can run only where that is. */
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
                    names.add(column.type().replaceFirst("(\\[])+$", ""));
                });
        List<String> fresh = new ArrayList<>(fresh(table.indexes(), now.indexes()));
        fresh.addAll(fresh(table.constraints(), now.constraints()));
        fresh.forEach(definition -> columns(table.name(), JpaTable.columnsOf(definition)));
        table.foreignKeys().filter(key -> !now.constraints().containsKey(key.name())).forEach(key -> {
            names.add(key.toTable());
            columns(key.toTable(), List.of(key.toColumns().split(", ")));
        });
    }

    private static List<String> fresh(SortedMap<String, String> definitions, SortedMap<String, String> now) {
        return definitions.keySet().stream().filter(name -> !definitions.get(name).equals(now.get(name)))
                .map(definitions::get).toList();
    }

    /** Of an index with its direction. */
    private void columns(String table, List<String> columns) {
        columns.forEach(column -> names.add(table + "." + column.replaceFirst("( DESC| NULLS \\w+)+$", "")));
    }

    private boolean isThere(String name) {
        int dot = name.indexOf('.');
        JpaTable table = changelog.tables().get(dot < 0 ? name : name.substring(0, dot));
        return dot < 0 ? table != null || changelog.enums().containsKey(name)
                : table != null && table.columns().containsKey(name.substring(dot + 1));
    }
}
