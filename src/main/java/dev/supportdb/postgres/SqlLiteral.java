package dev.supportdb.postgres;

/** Text as a constant of SQL, whatever a session has for standard_conforming_strings. */
public final class SqlLiteral {

    private SqlLiteral() {
    }

    public static String of(String text) {
        String quoted = "'" + text.replace("'", "''") + "'";
        return text.contains("\\") ? "E" + quoted.replace("\\", "\\\\") : quoted;
    }

    /** The text of a constant between single quotes with which the SQL begins. */
    public static String read(String sql) {
        return sql.replaceFirst("(?s)^'((?:[^']|'')*)'.*", "$1").replace("''", "'");
    }
}
