package dev.supportdb.schema;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Everything {@code pg_catalog} knows of a database's own schema, as text. Two databases have equal fingerprints if
 * nobody could tell their schemas apart but by the order in which things were made: columns go by name, owners count
 * only where they differ within a database. Left out is what an extension brings, what Liquibase keeps about itself,
 * the contents of tables and sequences, and settings of roles and of the database, which no clone carries.
 *
 * <p>Definitions are in the server's own words. Across major versions those of views may differ in the words alone: 16
 * and later leave out the table's name where there is only one.
 *
 * @param facts what is known of each object, for instance {@code table column public.orders.id}; sorted, never null
 */
public record Fingerprint(SortedMap<String, SortedSet<String>> facts) {

    private static final String SQL = sql();

    public Fingerprint {
        facts = Collections.unmodifiableSortedMap(facts);
    }

    /**
     * Reads without writing, and leaves the session as it was. In auto-commit mode it reads in a transaction of its
     * own. Otherwise it reads in the caller's, sees what that has changed so far, and leaves it open.
     */
    public static Fingerprint of(Connection connection) throws SQLException {
        SortedMap<String, SortedSet<String>> facts = new TreeMap<>();
        try (ReadOnlySession reading = ReadOnlySession.of(connection); ResultSet rows = reading.query(SQL)) {
            while (rows.next()) {
                facts.computeIfAbsent(rows.getString("object"), object -> new TreeSet<>()).add(rows.getString("fact"));
            }
        }
        return new Fingerprint(facts);
    }

    /** One line for each fact, beginning with its object; a definition that has line breaks keeps them. */
    public List<String> lines() {
        return facts.entrySet().stream().flatMap(Fingerprint::lines).toList();
    }

    private static Stream<String> lines(Map.Entry<String, SortedSet<String>> object) {
        return object.getValue().stream().map(fact -> object.getKey() + ": " + fact);
    }

    @Override
    public String toString() {
        return String.join("\n", lines());
    }

    private static String sql() {
        try (InputStream file = Fingerprint.class.getResourceAsStream("fingerprint.sql")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
