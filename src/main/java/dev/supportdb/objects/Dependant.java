package dev.supportdb.objects;

import dev.supportdb.objects.SchemaPlan.Target;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * An object that depends on an object which a run drops, or whose type it changes.
 *
 * @param kind   as in SQL; also {@code grant} (privileges on a column), {@code privileges} (privileges on a dropped
 * object), {@code settings}, {@code not null}, {@code default value} and {@code comment} (attributes of a dropped
 * object), {@code storage} (a setting of a column), {@code setting} (a use of an index by its table, such as the
 * replica identity)
 * @param schema null if the object is in none
 * @param table  the table of a part of a table; null for other objects
 * @param take   the statements that drop it, one a line; null if no statement is needed
 * @param bring  the statements that create it again; empty if only its own definition can
 * @param mayReplace whether the user of the run may drop it and give it back to its owner
 * @param on     the object it depends on
 */
record Dependant(String kind, String schema, String table, String name, String take, String bring, boolean mayReplace,
        Target on) {

    private static final Pattern CHECK = Pattern.compile("^alter table \\S+ add constraint .+? CHECK ");

    /** Kinds that are dropped and created again in the transaction that replaces a column. */
    static final Set<String> CARRIED_AT_ONCE =
            Set.of("view", "policy", "rule", "trigger", "statistics", "publication", "grant", "setting", "default");

    /** Returns whether it is carried over in that transaction, provided the server accepts it for the new type. */
    boolean isCarriedAtOnce() {
        return mayReplace && on.type() != null
                && (CARRIED_AT_ONCE.contains(kind) || kind.equals("storage") && on.by() == null);
    }

    /** Returns whether it is built earlier under another name: an index without a constraint, or a check. */
    boolean isBuiltBefore() {
        return mayReplace && on.by() != null
                && (kind.equals("index") || kind.equals("constraint") && CHECK.matcher(bring).find());
    }

    /** Returns whether its statements drop something that other objects may depend on. */
    boolean isDropped() {
        return Set.of("column", "view", "materialized view", "function", "procedure", "type").contains(kind)
                && take.contains("drop " + kind + " ");
    }

    /** This object as a dropped one. */
    Target going() {
        return new Target("drop", new ObjectName(kind, kind.equals("column") ? table : null, name), on.at(), null, null,
                false);
    }

    /** The same object, created again by other statements. */
    Dependant bringing(String statements) {
        return new Dependant(kind, schema, table, name, take, statements, mayReplace, on);
    }

    /** The index, constraint or trigger that this is a setting or comment of; null if it is of none. */
    String part() {
        return switch (kind) {
            case "setting" -> name;
            case "settings" -> name.equals(table) ? name : null;
            case "comment" -> table;
            default -> null;
        };
    }

    /** The name for people: {@code view bi.urgent}, {@code trigger t on public.orders}. */
    String title() {
        String home = schema == null ? "" : schema + ".";
        return switch (kind) {
            case "grant" -> "privileges on column %s%s.%s".formatted(home, table, name);
            case "storage" -> "collation or storage of column %s%s.%s".formatted(home, table, name);
            case "not null" -> "not null of column %s%s.%s".formatted(home, table, name);
            case "setting" -> "table %s%s, for its index %s".formatted(home, table, name);
            case "publication" -> "publication %s, for table %s".formatted(name, table);
            case "default" -> "default of %s%s.%s".formatted(home, table, name);
            case "column" -> "column %s%s.%s".formatted(home, table, name);
            case "index" -> "index %s%s".formatted(home, name);
            default -> table == null ? "%s %s%s".formatted(kind, home, name)
                    : "%s %s on %s%s".formatted(kind, name, home, table);
        };
    }
}
