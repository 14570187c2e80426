package dev.supportdb.generate;

import dev.supportdb.schema.ObjectFacts;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A column as the catalogue describes it.
 *
 * @param name         quoted as SQL needs it
 * @param type         as a changelog names it
 * @param length       the most characters of a value; empty if the type has no such limit
 * @param collation    empty for the type's own
 * @param identity     {@code always} or {@code by default} if the server numbers the rows
 * @param defaultValue a SQL expression; empty for none
 * @param generated    the SQL expression of a generated column; otherwise empty
 * @param stored       whether a generated column is stored
 * @param remarks      empty if there are none
 */
record CatalogColumn(String name, String type, Optional<Integer> length, Optional<String> collation, boolean notNull,
        Optional<String> identity, Optional<String> defaultValue, Optional<String> generated, boolean stored,
        Optional<String> remarks) {

    /** A default that is the same for every row, so adding the column does not write rows. */
    private static final Pattern CONSTANT = Pattern.compile("-?[0-9.]+|true|false|now\\(\\)|CURRENT_\\w+"
            + "|'(?:[^']|'')*+'(::[\\w\". ]+(\\(\\d+\\))?(\\[])*)?");

    private static final Set<String> TYPES_OF_SEVERAL_WORDS =
            Set.of("double precision", "timestamp with time zone", "timestamp without time zone");

    private static final String VARCHAR = "character varying";

    static CatalogColumn of(ObjectFacts column) {
        return new CatalogColumn(column.facts().get(0).part(), house(column.value("type").orElseThrow()),
                column.value("length").map(Integer::valueOf), column.value("collate"), column.has("not null"),
                column.value("identity"), column.value("default"), column.value("generated"), column.has("stored"),
                column.value("comment"));
    }

    private static String house(String type) {
        return type.startsWith(VARCHAR) ? "varchar" + type.substring(VARCHAR.length()) : ObjectDdl.plain(type);
    }

    /** The name without quotes, which Liquibase adds. */
    String plainName() {
        return name.replace("\"", "");
    }

    /** The element type of an array. */
    String elementType() {
        return type.replace("[]", "");
    }

    /** Returns whether the column can be added without writing rows. */
    boolean isAddedAtOnce() {
        return identity.isEmpty() && !stored
                && defaultValue.stream().allMatch(value -> CONSTANT.matcher(value).matches());
    }

    /** Returns whether Liquibase writes the type unchanged; it replaces types that it thinks it knows. */
    boolean isPlain() {
        return generated.isEmpty() && (TYPES_OF_SEVERAL_WORDS.contains(type)
                || Stream.of(" ", ".", "\"", "[").noneMatch(type::contains));
    }

    /** Returns whether this type accepts every value of the other, in its stored form. */
    boolean isWiderThan(CatalogColumn other) {
        return other.length().isPresent() && (type.equals("text") || type.equals("varchar")
                || length().isPresent() && length().get() > other.length().get());
    }

    /** The same column without the attributes that would write or check every row. */
    CatalogColumn bare() {
        return new CatalogColumn(name, type, length, collation, false, Optional.empty(), Optional.empty(), generated,
                stored, remarks);
    }

    /** Compares all but remarks and collation, which JPA does not define. */
    boolean isSameAs(CatalogColumn other) {
        return type.equals(other.type) && notNull == other.notNull && identity.equals(other.identity)
                && defaultValue.equals(other.defaultValue) && generated.equals(other.generated)
                && stored == other.stored;
    }

    /** The definition as written in a statement. */
    String sql() {
        return name + " " + type + collation.map(" collate "::concat).orElse("") + (notNull ? " not null" : "")
                + identity.map(" generated %s as identity"::formatted).orElse("")
                + defaultValue.map(" default "::concat).orElse("")
                + generated.map(" generated always as (%s) "::formatted).map(as -> as + (stored ? "stored" : "virtual"))
                .orElse("");
    }
}
