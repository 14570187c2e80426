package dev.supportdb.schema;

import java.sql.Connection;
import java.sql.SQLException;

/** A database as it is now, schema and data, to be compared with another or with itself at another time. */
public record Snapshot(SchemaFingerprint schema, DataDigest data) {

    /** Reads it all, as {@link DataDigest#of} and {@link SchemaFingerprint#of} do. */
    public static Snapshot of(Connection connection) throws SQLException {
        return new Snapshot(SchemaFingerprint.of(connection), DataDigest.of(connection));
    }

    /** Lines only here after a minus, lines only there after a plus; empty when both are equal. */
    public String differenceTo(Snapshot other) {
        Difference schemas = Difference.between(schema, other.schema);
        Difference rows = Difference.between(data, other.data);
        return (schemas.isEmpty() ? "" : schemas + "\n") + (rows.isEmpty() ? "" : rows + "\n");
    }
}
