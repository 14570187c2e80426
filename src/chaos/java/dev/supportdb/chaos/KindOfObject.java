package dev.supportdb.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A kind of object that people attach to the tables and columns of others.
 *
 * @param sql with {@code {t}} for the table, {@code {c}} for the column, {@code {k}} for a name of its own
 */
record KindOfObject(String title, String sql) {

    /** Returns all kinds, one for each line of the file. */
    static List<KindOfObject> all() {
        try (InputStream file = KindOfObject.class.getResourceAsStream("kinds_of_objects.txt")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8).lines()
                    .filter(line -> !line.startsWith("--"))
                    .map(line -> line.split(" \\| ", 2)).map(line -> new KindOfObject(line[0], line[1])).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isOfColumn() {
        return sql.contains("{c}");
    }

    /** @param place a table, or a column as {@code table.column} */
    String on(String place, String name) {
        String[] parts = place.split("\\.");
        return sql.replace("{t}", parts[0]).replace("{c}", parts[parts.length - 1]).replace("{k}", name);
    }
}
