package dev.supportdb.changelog;

import dev.supportdb.schema.Difference;
import dev.supportdb.schema.Digest;
import dev.supportdb.schema.Fingerprint;
import dev.supportdb.support.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.TreeMap;

/** A database as it is now, schema and data, to be compared with another or with itself at another time. */
public record Snapshot(Fingerprint schema, Digest data) {

    public static Snapshot of(TestDatabase database) throws SQLException {
        try (Connection connection = database.connect()) {
            return new Snapshot(Fingerprint.of(connection), Digest.of(connection));
        }
    }

    /** What is here and not there after a minus, what is there and not here after a plus; empty when all is equal. */
    public String differenceTo(Snapshot other) {
        Difference schemas = Difference.between(schema, other.schema);
        Difference rows = Difference.between(data, other.data);
        return (schemas.isEmpty() ? "" : schemas + "\n") + (rows.isEmpty() ? "" : rows + "\n");
    }

    /**
     * The same, but of tables with keys that a backfill draws only the number of rows, and of those that refer to them:
     * what is drawn again, or was drawn by a batch that failed, is another number.
     */
    public Snapshot lessDrawnKeys() {
        TreeMap<String, Digest.Rows> tables = new TreeMap<>(data.tables());
        for (String table : List.of("public.customers", "public.customer_contacts")) {
            tables.computeIfPresent(table, (name, rows) -> new Digest.Rows(rows.count(), "not compared"));
        }
        return new Snapshot(schema, new Digest(tables));
    }
}
