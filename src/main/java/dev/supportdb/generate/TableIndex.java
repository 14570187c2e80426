package dev.supportdb.generate;

import dev.supportdb.schema.Fact;
import dev.supportdb.schema.ObjectFacts;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * An index.
 *
 * @param name    with its schema, unless that is public
 * @param table   likewise
 * @param method  such as {@code btree}
 * @param keys    columns and expressions with order, operator class and collation, as the server writes them
 * @param columns the names of those keys that are columns
 * @param include the included columns
 * @param options such as {@code fillfactor='70'}
 */
record TableIndex(String name, String table, boolean unique, String method, List<String> keys, List<String> columns,
        List<String> include, boolean nullsNotDistinct, List<String> options, Optional<String> predicate) {

    private static final List<String> ORDERS = List.of("", " DESC", " DESC NULLS LAST", " NULLS FIRST");
    private static final Set<String> ASPECTS = Set.of("unique", "on", "using", "key", "column", "include",
            "nulls not distinct", "with", "where");

    static TableIndex of(ObjectFacts index) {
        Fact subject = index.facts().get(0);
        return new TableIndex(ObjectDdl.plain(subject), ObjectDdl.plain(index.value("on").orElseThrow()),
                index.has("unique"), index.value("using").orElseThrow(), index.values("key"), index.values("column"),
                index.values("include"), index.has("nulls not distinct"), index.values("with"), index.value("where"));
    }

    /** Returns whether one statement creates it completely. */
    static boolean isWhole(ObjectFacts index) {
        return index.hasOnly(ASPECTS);
    }

    /** Returns whether JPA can express it: a B-tree on ordered columns, over all rows. */
    boolean isOfColumns() {
        return method.equals("btree") && include.isEmpty() && !nullsNotDistinct && options.isEmpty()
                && predicate.isEmpty() && keys.size() == columns.size()
                && keys.stream().allMatch(key -> ordered(key).isPresent());
    }

    String columnList() {
        return String.join(", ", columns);
    }

    String sql() {
        return sql("create %sindex ".formatted(unique ? "unique " : ""));
    }

    /** The statement for a table in use. */
    String sqlConcurrently() {
        return sql("create %sindex concurrently ".formatted(unique ? "unique " : ""));
    }

    private String sql(String create) {
        // An index is created in the schema of its table, and "create index" takes no schema.
        return create + "%s on %s%s (%s)%s%s%s%s".formatted(name.substring(name.lastIndexOf('.') + 1), table,
                method.equals("btree") ? "" : " using " + method,
                String.join(", ", keys.stream().map(key -> ordered(key).orElse(key)).toList()),
                include.isEmpty() ? "" : " include (" + String.join(", ", include) + ")",
                nullsNotDistinct ? " nulls not distinct" : "",
                options.isEmpty() ? "" : " with (" + String.join(", ", options) + ")",
                predicate.map(" where "::concat).orElse(""));
    }

    /** The SQL of a key that is a column with an order; empty for any other key. */
    private Optional<String> ordered(String key) {
        return columns.stream().flatMap(column -> ORDERS.stream().filter(order -> key.equals(column + order))
                .map(order -> column + order.toLowerCase(Locale.ROOT))).findFirst();
    }
}
