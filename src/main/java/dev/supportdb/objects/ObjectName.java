package dev.supportdb.objects;

import java.util.Map;

/**
 * The name of a database object as the server stores it, without its schema.
 *
 * @param kind  relation, column, constraint, trigger, rule, policy, routine or type; else as SQL calls it
 * @param table the table of a part of a table; null for all others
 */
public record ObjectName(String kind, String table, String name) {

    static final String RELATION = "relation";
    static final String COLUMN = "column";
    static final String CONSTRAINT = "constraint";
    static final String ROUTINE = "routine";
    static final String TYPE = "type";

    /** Kinds that share a namespace with others. */
    private static final Map<String, String> KINDS = Map.ofEntries(
            Map.entry("table", RELATION), Map.entry("foreign table", RELATION), Map.entry("view", RELATION),
            Map.entry("materialized view", RELATION), Map.entry("sequence", RELATION), Map.entry("index", RELATION),
            Map.entry("function", ROUTINE), Map.entry("procedure", ROUTINE), Map.entry("aggregate", ROUTINE),
            Map.entry("domain", TYPE));

    public ObjectName {
        kind = KINDS.getOrDefault(kind, kind);
    }

    static ObjectName of(String kind, String name) {
        return new ObjectName(kind, null, name);
    }

    static ObjectName column(String table, String name) {
        return new ObjectName(COLUMN, table, name);
    }

    static ObjectName constraint(String table, String name) {
        return new ObjectName(CONSTRAINT, table, name);
    }

    /** The same part under another name of its table. */
    ObjectName at(String otherTable) {
        return new ObjectName(kind, otherTable, name);
    }

    @Override
    public String toString() {
        return (kind.equals(RELATION) ? "" : kind + " ") + (table == null ? "" : table + ".") + name;
    }
}
