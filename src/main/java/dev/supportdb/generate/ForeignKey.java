package dev.supportdb.generate;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A relation between tables.
 *
 * @param columns  as SQL needs them written, with commas between them
 * @param toTable  the table it refers to
 * @param onDelete such as {@code CASCADE}; empty for no action
 */
record ForeignKey(String table, String name, String columns, String toTable, String toColumns,
        Optional<String> onDelete) {

    private static final Pattern DEFINITION = Pattern.compile("FOREIGN KEY \\((.*?)\\) REFERENCES (\\S+?)\\((.*?)\\)"
            + "(?:.* ON DELETE (CASCADE|SET \\w+|RESTRICT))?.*");

    /** Empty for a key of another kind. */
    static Optional<ForeignKey> of(String table, String name, String definition) {
        Matcher key = DEFINITION.matcher(definition);
        return key.matches()
                ? Optional.of(new ForeignKey(table, name, key.group(1), key.group(2), key.group(3),
                        Optional.ofNullable(key.group(4))))
                : Optional.empty();
    }

    /** The definition in lower case, as it stands in a statement. */
    String sql() {
        return "foreign key (%s) references %s (%s)%s".formatted(columns, toTable, toColumns,
                onDelete.map(action -> " on delete " + action.toLowerCase(Locale.ROOT)).orElse(""));
    }
}
