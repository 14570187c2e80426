package dev.supportdb.generate;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A column as the catalogue tells it.
 *
 * @param name         as SQL needs it written
 * @param type         in the server's words
 * @param identity     whether the server numbers the rows
 * @param defaultValue an SQL expression; empty for none
 * @param remarks      empty where there are none
 */
record CatalogColumn(String name, String type, boolean notNull, boolean identity, Optional<String> defaultValue,
        Optional<String> remarks) {

    private static final Pattern FACT = Pattern.compile(
            "(.+?)( not null)?( generated (?:by default|always) as identity)?(?: default (.*))?", Pattern.DOTALL);

    /** What is the same for every row, and so is not written into each of them when the column is added. */
    private static final Pattern CONSTANT = Pattern.compile("-?[0-9.]+|true|false|now\\(\\)|CURRENT_\\w+"
            + "|'(?:[^']|'')*'(::[\\w\" ]+(\\(\\d+\\))?(\\[])*)?");

    private static final Pattern PLAIN = Pattern.compile("\\w+(\\(\\d+(,\\d+)?\\))?|double precision"
            + "|timestamp with(out)? time zone");

    private static final Pattern VARCHAR = Pattern.compile("varchar\\((\\d+)\\)");

    static CatalogColumn of(String name, String fact, Optional<String> remarks) {
        Matcher said = FACT.matcher(fact.replace("public.", "").replace("character varying", "varchar"));
        if (!said.matches()) {
            throw new IllegalArgumentException("Not what is said of a column: " + fact);
        }
        return new CatalogColumn(name, said.group(1), said.group(2) != null, said.group(3) != null,
                Optional.ofNullable(said.group(4)), remarks);
    }

    /** As Liquibase wants it: it adds the quotes itself. */
    String plainName() {
        return name.replace("\"", "");
    }

    /** Whether adding it to a table leaves the rows alone. */
    boolean isAddedAtOnce() {
        return !identity && !type.contains(" generated, stored")
                && defaultValue.stream().allMatch(value -> CONSTANT.matcher(value).matches());
    }

    /** Whether Liquibase writes the type as it is; of others it makes what it takes them for. */
    boolean isPlain() {
        return PLAIN.matcher(type).matches();
    }

    /** Whether this type takes every value of the other, as it is stored. */
    boolean isWiderThan(CatalogColumn other) {
        return other.length().isPresent() && (type.equals("text") || type.equals("varchar")
                || length().isPresent() && length().get() > other.length().get());
    }

    /** How many characters a value of this type may have; empty for a type that is not limited so. */
    Optional<Integer> length() {
        Matcher length = VARCHAR.matcher(type);
        return length.matches() ? Optional.of(Integer.valueOf(length.group(1))) : Optional.empty();
    }

    /** The same, without what would write or check every row. */
    CatalogColumn bare() {
        return new CatalogColumn(name, type, false, false, Optional.empty(), remarks);
    }

    boolean isSameAs(CatalogColumn other) {
        return type.equals(other.type) && notNull == other.notNull && identity == other.identity
                && defaultValue.equals(other.defaultValue);
    }
}
