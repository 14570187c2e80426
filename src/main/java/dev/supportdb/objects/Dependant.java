package dev.supportdb.objects;

import dev.supportdb.objects.SchemaPlan.Target;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * An object that depends on one which a run drops, or whose type it changes.
 *
 * @param kind   as SQL calls it; {@code grant} for the privileges on a column, {@code privileges} for those on what
 *               goes as a whole, {@code settings}, {@code not null}, {@code default value} and {@code comment} for
 *               what is set on that, {@code storage} for a setting of a column, {@code setting} for what a table uses
 *               an index for
 * @param schema null where it is in none
 * @param table  of what is a part of a table; null for all others
 * @param take   the statements that take it away, one a line; null where it goes without them
 * @param bring  the statements that bring it back; empty where only its own definition can
 * @param mayReplace whether the user of the run may drop it and give it back to its owner
 * @param on     what it depends on
 */
record Dependant(String kind, String schema, String table, String name, String take, String bring, boolean mayReplace,
        Target on) {

    private static final Pattern CHECK = Pattern.compile("^alter table \\S+ add constraint .+? CHECK ");

    /** Kinds that are dropped and created again in the instant in which a column is replaced. */
    static final Set<String> CARRIED_AT_ONCE =
            Set.of("view", "policy", "rule", "trigger", "statistics", "publication", "grant", "setting", "default");

    /** Returns whether it goes over in that instant, if the server takes it for the new type. */
    boolean isCarriedAtOnce() {
        return mayReplace && on.type() != null
                && (CARRIED_AT_ONCE.contains(kind) || kind.equals("storage") && on.by() == null);
    }

    /** Returns whether it is built before, under another name: an index that is none of a constraint's, or a check. */
    boolean isBuiltBefore() {
        return mayReplace && on.by() != null
                && (kind.equals("index") || kind.equals("constraint") && CHECK.matcher(bring).find());
    }

    /** Returns whether its statements drop something that others may depend on. */
    boolean isDropped() {
        return Set.of("column", "view", "materialized view", "function", "procedure", "type").contains(kind)
                && take.contains("drop " + kind + " ");
    }

    /** The object as one that goes. */
    Target going() {
        return new Target("drop", new ObjectName(kind, kind.equals("column") ? table : null, name), on.at(), null, null,
                false);
    }

    /** The same, brought back by other statements. */
    Dependant bringing(String statements) {
        return new Dependant(kind, schema, table, name, take, statements, mayReplace, on);
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
