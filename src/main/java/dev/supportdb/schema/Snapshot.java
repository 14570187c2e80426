package dev.supportdb.schema;

import java.sql.Connection;
import java.sql.SQLException;

/** The current schema and data of a database, for comparison with another database or another time. */
public record Snapshot(SchemaFingerprint schema, DataDigest data) {

    /** Reads schema and data, as {@link DataDigest#of} and {@link SchemaFingerprint#of} do. */
    public static Snapshot of(Connection connection) throws SQLException {
        return new Snapshot(SchemaFingerprint.of(connection), DataDigest.of(connection));
    }

    /**
     * Returns lines only in this snapshot after a minus, lines only in the other after a plus; empty if both are equal.
     */
    public String differenceTo(Snapshot other) {
        Difference schemas = Difference.between(schema, other.schema);
        Difference rows = Difference.between(data, other.data);
        return (schemas.isEmpty() ? "" : schemas + "\n") + (rows.isEmpty() ? "" : rows + "\n");
    }
}
