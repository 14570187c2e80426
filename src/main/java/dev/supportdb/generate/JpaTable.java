package dev.supportdb.generate;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A table, as far as JPA can describe it.
 *
 * @param name    without the schema public
 * @param remarks empty if there are none
 * @param columns by name
 * @param keys    the primary, unique and foreign keys, by name
 * @param indexes by name, without those of keys
 * @param triggers the definitions, by name; none in the models
 */
record JpaTable(String name, Optional<String> remarks, SortedMap<String, CatalogColumn> columns,
        SortedMap<String, TableKey> keys, SortedMap<String, TableIndex> indexes,
        SortedMap<String, String> triggers) {

    static JpaTable named(String name, Optional<String> remarks) {
        return new JpaTable(name, remarks, new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
    }

    Optional<TableKey> primaryKey() {
        return keys.values().stream().filter(key -> key.type().equals("primary key")).findFirst();
    }

    /** The columns of the primary key, in order; empty if there is none. */
    List<String> keyColumns() {
        return primaryKey().map(TableKey::columns).orElse(List.of());
    }

    Stream<TableKey> foreignKeys() {
        return keys.values().stream().filter(TableKey::isForeign);
    }

    boolean isSameAs(JpaTable other) {
        return columns.keySet().equals(other.columns.keySet())
                && columns.values().stream().allMatch(column -> column.isSameAs(other.columns.get(column.name())))
                && keys.equals(other.keys) && indexes.equals(other.indexes);
    }

    /** Returns whether an index supports a search by these columns. */
    boolean isSearchedBy(List<String> wanted) {
        return Stream.concat(indexes.values().stream().map(TableIndex::columns),
                        keys.values().stream().filter(key -> !key.isForeign()).map(TableKey::columns))
                .anyMatch(found -> found.size() >= wanted.size() && found.subList(0, wanted.size()).equals(wanted));
    }
}
