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
 * The facts of a database's own schema in {@code pg_catalog}. Two databases have equal fingerprints if their schemas
 * differ at most in the order in which objects were created: columns are compared by name, and owners count only where
 * they differ within a database. Not included are the objects of extensions, Liquibase's own tables, the contents of
 * tables and sequences, and settings of roles and of the database, which no clone carries.
 *
 * <p>Definitions are in the server's own words. Across major versions those of views may differ in the words alone: 16
 * and later leave out the table's name where there is only one.
 *
 * @param objects the facts of each object, by its name for people; sorted, never null
 */
public record SchemaFingerprint(SortedMap<String, ObjectFacts> objects) {

    private static final String SQL = sql();

    /** The tables of Liquibase and of deployments are history, not schema. */
    private static final String RECORDS = "array['databasechangelog', 'databasechangeloglock', 'supportdb_runs']";

    public SchemaFingerprint {
        objects = Collections.unmodifiableSortedMap(objects);
    }

    /**
     * Reads the schema without writing, and leaves the session unchanged. In auto-commit mode it reads in its own
     * transaction. Otherwise it reads in the caller's, sees the changes of that transaction, and leaves it open.
     */
    public static SchemaFingerprint of(Connection connection) throws SQLException {
        return read(connection, RECORDS);
    }

    /** Reads the schema with the tables of Liquibase and of deployments, for a copy that must have them. */
    public static SchemaFingerprint ofAll(Connection connection) throws SQLException {
        return read(connection, "array[]::name[]");
    }

    private static SchemaFingerprint read(Connection connection, String without) throws SQLException {
        List<Fact> facts = new ArrayList<>();
        try (ReadOnlySession reading = ReadOnlySession.of(connection);
                ResultSet rows = reading.query(SQL.replace(":without", without))) {
            while (rows.next()) {
                facts.add(new Fact(rows.getString("kind"), rows.getString("schema"), rows.getString("object"),
                        rows.getString("part"), rows.getString("aspect"), rows.getString("value")));
            }
        }
        return of(facts);
    }

    /** Builds a fingerprint from facts, each object's in reading order. */
    public static SchemaFingerprint of(List<Fact> facts) {
        Map<String, List<Fact>> byName = facts.stream().collect(groupingBy(Fact::name));
        SortedMap<String, ObjectFacts> objects = new TreeMap<>();
        byName.forEach((name, of) -> objects.put(name, new ObjectFacts(of)));
        return new SchemaFingerprint(objects);
    }

    /** Returns a text for each definition and each note, beginning with its object; line breaks are kept. */
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
