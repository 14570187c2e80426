package dev.supportdb.postgres;

/** Writes text as an SQL constant, valid for any value of standard_conforming_strings. */
public final class SqlLiteral {

    private SqlLiteral() {
    }

    public static String of(String text) {
        String quoted = "'" + text.replace("'", "''") + "'";
        return text.contains("\\") ? "E" + quoted.replace("\\", "\\\\") : quoted;
    }

    /** Returns the text of the quoted constant at the start of the SQL. */
    public static String read(String sql) {
        return sql.replaceFirst("(?s)^'((?:[^']|'')*+)'.*", "$1").replace("''", "'");
    }
}
