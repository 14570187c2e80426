package dev.supportdb.postgres;

/** Text as a constant of SQL, whatever a session has for standard_conforming_strings. */
public final class SqlLiteral {

    private SqlLiteral() {
    }

    public static String of(String text) {
        String quoted = "'" + text.replace("'", "''") + "'";
        return text.contains("\\") ? "E" + quoted.replace("\\", "\\\\") : quoted;
    }
}
