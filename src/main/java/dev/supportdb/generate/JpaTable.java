package dev.supportdb.generate;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A table as far as JPA can say what it is like.
 *
 * @param name        without its schema, which is public
 * @param remarks     empty where there are none
 * @param columns     by name
 * @param constraints definitions of its primary, unique and foreign keys, by name
 * @param indexes     definitions by name, without those that a key brings
 */
record JpaTable(String name, Optional<String> remarks, SortedMap<String, CatalogColumn> columns,
        SortedMap<String, String> constraints, SortedMap<String, String> indexes) {

    private static final Pattern COLUMNS = Pattern.compile("[^(]*\\(([^)]*)\\).*");

    static JpaTable named(String name, Optional<String> remarks) {
        return new JpaTable(name, remarks, new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
    }

    /** What stands in the first brackets of a definition. */
    static List<String> columnsOf(String definition) {
        Matcher columns = COLUMNS.matcher(definition);
        return columns.matches() ? List.of(columns.group(1).split(", ")) : List.of();
    }

    /** The name of the primary key. */
    Optional<String> primaryKey() {
        return constraints.keySet().stream().filter(key -> constraints.get(key).startsWith("PRIMARY KEY")).findFirst();
    }

    /** What the primary key consists of, in its order; empty for none. */
    List<String> keyColumns() {
        return primaryKey().map(constraints::get).map(JpaTable::columnsOf).orElse(List.of());
    }

    Stream<ForeignKey> foreignKeys() {
        return constraints.entrySet().stream()
                .flatMap(key -> ForeignKey.of(name, key.getKey(), key.getValue()).stream());
    }

    boolean isSameAs(JpaTable other) {
        return columns.keySet().equals(other.columns.keySet())
                && columns.values().stream().allMatch(column -> column.isSameAs(other.columns.get(column.name())))
                && constraints.equals(other.constraints) && indexes.equals(other.indexes);
    }

    /** Whether a search by these columns need not read the whole table. */
    boolean isSearchedBy(List<String> wanted) {
        return Stream.concat(indexes.values().stream(),
                        constraints.values().stream().filter(key -> !key.startsWith("FOREIGN KEY")))
                .map(JpaTable::columnsOf)
                .anyMatch(found -> found.size() >= wanted.size() && found.subList(0, wanted.size()).equals(wanted));
    }
}
