package dev.supportdb.objects;

/** The name that an index or a check of a new column has until that takes the name of the other one. */
final class TwinName {

    private static final int LONGEST = 63;

    private TwinName() {
    }

    /** Adds to a name what the name of the other column adds to that of the column. */
    static String of(String name, String column, String other) {
        String suffix = other.startsWith(column) ? other.substring(column.length()) : "_" + other;
        return name.substring(0, Math.min(name.length(), LONGEST - suffix.length())) + suffix;
    }

    /** The same as an expression of SQL; of names and not of literals. */
    static String sql(String name, String column, String other) {
        return """
                (select left(%1$s, %4$d - length(s)) || s from (select
                  case when starts_with(%3$s, %2$s) then substr(%3$s, length(%2$s) + 1) else '_' || %3$s end) x (s))\
                """.formatted(name, column, other, LONGEST);
    }
}
