package dev.supportdb.backfill;

import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/** The key that a backfill walks a table by: an integer column {@code id} with a unique index of its own. */
final class KeyColumn {

    private static final String KEY = """
            select a.attname is not null, coalesce(format_type(a.atttypid, a.atttypmod), ''),
                coalesce(a.atttypid in ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype), false),
                exists (select from pg_index i where i.indrelid = c.oid and i.indisunique and i.indisvalid
                    and i.indpred is null and i.indnkeyatts = 1 and i.indkey[0] = a.attnum)
            from pg_class c left join pg_attribute a on a.attrelid = c.oid and a.attname = 'id' and not a.attisdropped
            where c.oid = to_regclass(?)
            """;

    private record Key(boolean isThere, String type, boolean isInteger, boolean isUnique) {}

    private KeyColumn() {
    }

    /** The reason why a backfill cannot walk the table; empty if it can, or if the table does not exist yet. */
    static Optional<String> refusal(Connection connection, String table) throws SQLException {
        return Sql.optionalRow(connection, KEY,
                row -> new Key(row.getBoolean(1), row.getString(2), row.getBoolean(3), row.getBoolean(4)), table)
                .filter(key -> !key.isInteger || !key.isUnique)
                .map(key -> ("a backfill needs an integer key id with a unique index (keyset pagination), "
                        + "and %s.id %s. %s").formatted(table,
                        !key.isThere ? "does not exist" : key.isInteger ? "has no unique index" : "is " + key.type,
                        key.isInteger ? "Create one: create unique index concurrently on %s (id);".formatted(table)
                                : "Add such a column first, or fill this table by SQL of your own."));
    }
}
