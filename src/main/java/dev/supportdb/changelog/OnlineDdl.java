package dev.supportdb.changelog;

import java.util.List;

/**
 * DDL that has to be done in several statements, each committed by itself, so that nobody waits for a table that is in
 * use. All of a list can be run again after one of it has failed.
 */
public final class OnlineDdl {

    private OnlineDdl() {
    }

    /** The check is validated while everybody reads and writes, and spares "set not null" a look at the rows. */
    public static List<String> require(String table, String column) {
        String alter = "alter table %s ".formatted(table);
        String check = "ck_%s_%s_required".formatted(table, column).replace("\"", "").replaceAll("\\W", "_");
        return List.of(alter + "drop constraint if exists " + check,
                alter + "add constraint " + check + " check (" + column + " is not null) not valid",
                alter + "validate constraint " + check,
                alter + "alter column " + column + " set not null",
                alter + "drop constraint " + check);
    }

    /**
     * Its index is built beside the writers.
     *
     * @param kind unique or primary key
     */
    public static List<String> unique(String table, String name, String kind, String columns) {
        String schema = table.substring(0, table.lastIndexOf('.') + 1);
        return List.of(dropConstraint(table, name),
                "drop index concurrently if exists " + schema + name,
                "create unique index concurrently %s on %s (%s)".formatted(name, table, columns),
                "alter table %s add constraint %s %s using index %2$s".formatted(table, name, kind));
    }

    /** The rows there are, are looked at while everybody reads and writes. */
    public static List<String> validated(String table, String name, String constraint) {
        return List.of(dropConstraint(table, name),
                "alter table %s add constraint %s%n    %s not valid".formatted(table, name, constraint),
                "alter table %s validate constraint %s".formatted(table, name));
    }

    /** One that may not be there. */
    public static String dropConstraint(String table, String name) {
        return "alter table %s drop constraint if exists %s".formatted(table, name);
    }
}
