package dev.supportdb.objects;

/** The name of an index or a check of a new column, until it takes the name of the one it replaces. */
final class TwinName {

    private static final int LONGEST = 63;

    private TwinName() {
    }

    /** Adds to a name the suffix that the other column's name adds to the column's name. */
    static String of(String name, String column, String other) {
        String suffix = other.startsWith(column) ? other.substring(column.length()) : "_" + other;
        return name.substring(0, Math.min(name.length(), LONGEST - suffix.length())) + suffix;
    }

    /** The same as a SQL expression, given expressions instead of names. */
    static String sql(String name, String column, String other) {
        return """
                (select left(%1$s, %4$d - length(s)) || s from (select
                  case when starts_with(%3$s, %2$s) then substr(%3$s, length(%2$s) + 1) else '_' || %3$s end) x (s))\
                """.formatted(name, column, other, LONGEST);
    }
}
