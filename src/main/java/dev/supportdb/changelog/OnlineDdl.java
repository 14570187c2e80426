package dev.supportdb.changelog;

import java.util.List;

/**
 * DDL in several statements, each committed by itself, so that no session waits long for a table in use. If one
 * statement fails, the whole list can be run again.
 */
public final class OnlineDdl {

    private OnlineDdl() {
    }

    /**
     * Makes a column NOT NULL. A check is validated while others read and write, and then "set not null" need not scan
     * the rows.
     */
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
     * Adds a unique constraint or a primary key, whose index is built while others write.
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

    /** Adds a constraint, and validates the existing rows while others read and write. */
    public static List<String> validated(String table, String name, String constraint) {
        return List.of(dropConstraint(table, name),
                "alter table %s add constraint %s%n    %s not valid".formatted(table, name, constraint),
                "alter table %s validate constraint %s".formatted(table, name));
    }

    /** Drops a constraint if it exists. */
    public static String dropConstraint(String table, String name) {
        return "alter table %s drop constraint if exists %s".formatted(table, name);
    }
}
