package dev.supportdb.schema;

import static java.util.stream.Collectors.groupingBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Everything {@code pg_catalog} knows of a database's own schema, as facts. Two databases have equal fingerprints if
 * nobody could tell their schemas apart but by the order in which things were made: columns go by name, owners count
 * only where they differ within a database. Left out is what an extension brings, what Liquibase keeps about itself,
 * the contents of tables and sequences, and settings of roles and of the database, which no clone carries.
 *
 * <p>Definitions are in the server's own words. Across major versions those of views may differ in the words alone: 16
 * and later leave out the table's name where there is only one.
 *
 * @param objects what is known of each, by its name for people; sorted, never null
 */
public record SchemaFingerprint(SortedMap<String, ObjectFacts> objects) {

    private static final String SQL = sql();

    private static final String WITHOUT_RECORDS =
            "and c.relname not in ('databasechangelog', 'databasechangeloglock', 'supportdb_runs')";

    public SchemaFingerprint {
        objects = Collections.unmodifiableSortedMap(objects);
    }

    /**
     * Reads without writing, and leaves the session as it was. In auto-commit mode it reads in a transaction of its
     * own. Otherwise it reads in the caller's, sees what that has changed so far, and leaves it open.
     */
    public static SchemaFingerprint of(Connection connection) throws SQLException {
        return read(connection, SQL);
    }

    /** The same with the tables that Liquibase and deployments keep, for a copy that must have them. */
    public static SchemaFingerprint ofAll(Connection connection) throws SQLException {
        return read(connection, SQL.replace(WITHOUT_RECORDS, ""));
    }

    private static SchemaFingerprint read(Connection connection, String sql) throws SQLException {
        List<Fact> facts = new ArrayList<>();
        try (ReadOnlySession reading = ReadOnlySession.of(connection); ResultSet rows = reading.query(sql)) {
            while (rows.next()) {
                facts.add(new Fact(rows.getString("kind"), rows.getString("schema"), rows.getString("object"),
                        rows.getString("part"), rows.getString("aspect"), rows.getString("value")));
            }
        }
        return of(facts);
    }

    /** Orders facts as people read those of one object. */
    public static SchemaFingerprint of(List<Fact> facts) {
        Map<String, List<Fact>> byName = facts.stream().collect(groupingBy(Fact::name));
        SortedMap<String, ObjectFacts> objects = new TreeMap<>();
        byName.forEach((name, of) -> objects.put(name, new ObjectFacts(of)));
        return new SchemaFingerprint(objects);
    }

    /** A text for each definition and each note, beginning with its object; those that have line breaks keep them. */
    public List<String> lines() {
        return objects.entrySet().stream()
                .flatMap(object -> object.getValue().lines().stream().map(line -> object.getKey() + ": " + line))
                .toList();
    }

    @Override
    public String toString() {
        return String.join("\n", lines());
    }

    private static String sql() {
        try (InputStream file = SchemaFingerprint.class.getResourceAsStream("fingerprint.sql")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
