package dev.supportdb.objects;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The SQL files of this room. */
final class Resource {

    /** A query with five parameters. */
    static final String DEPENDANTS = read("dependants.sql");

    private static final String[] BETWEEN_PARAMETERS = DEPENDANTS.split("\\?(?=::text\\[\\])", -1);

    /** A block with placeholders between percent signs. */
    static final String REPLACE_COLUMN = read("replace_column.sql");

    private Resource() {
    }

    /** The query with expressions in place of its parameters, in order. */
    static String dependants(String... expressions) {
        StringBuilder query = new StringBuilder(BETWEEN_PARAMETERS[0]);
        for (int i = 0; i < expressions.length; i++) {
            query.append(expressions[i]).append(BETWEEN_PARAMETERS[i + 1]);
        }
        return query.toString();
    }

    private static String read(String name) {
        try (InputStream file = Resource.class.getResourceAsStream(name)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
