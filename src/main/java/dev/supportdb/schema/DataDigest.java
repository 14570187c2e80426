package dev.supportdb.schema;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The data of a database, as a digest for each ordinary table and each partition. Equal digests mean equal rows, byte
 * for byte, whatever their physical order and that of the columns; a row that is there twice counts twice.
 *
 * <p>Left out are sequences, because a rollback cannot give back the numbers that were drawn; what Liquibase,
 * {@code backfills} and {@code backfill_ranges} say of when things ran; views, materialized or not, whose rows are
 * those of tables; and what an extension brings.
 *
 * @param tables by qualified name; sorted, never null
 */
public record DataDigest(SortedMap<String, Rows> tables) {

    /**
     * @param count  number of rows
     * @param sha256 of all the rows, 64 hexadecimal digits
     */
    public record Rows(long count, String sha256) {

        @Override
        public String toString() {
            return "%d rows, sha256 %s".formatted(count, sha256);
        }
    }

    private static final String TABLES = """
            select c.oid::regclass::text as name,
                   coalesce(string_agg('t.' || quote_ident(a.attname), ', ' order by a.attname), '') as columns
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            where c.relkind = 'r'
              and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
              and c.relname not in ('databasechangelog', 'databasechangeloglock', 'backfills', 'backfill_ranges')
              and not exists (
                select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
              )
            group by c.oid
            """;

    /**
     * A row as text is unambiguous: it tells NULL from an empty string and quotes what separates values. The hashes
     * are added up, 128 bits of each, rather than put in order: no sort, no memory, no key needed and no collation
     * that two servers could differ in. (The idea: Bellare and Micciancio, "A New Paradigm for Collision-Free Hashing",
     * 1997.) "offset 0" keeps each row from being hashed once for each sum.
     */
    private static final String ROWS = """
            select count(*) as count,
                   encode(sha256(convert_to(concat_ws(' ',
                       sum(('x' || encode(substr(hash, 1, 8), 'hex'))::bit(64)::bigint),
                       sum(('x' || encode(substr(hash, 9, 8), 'hex'))::bit(64)::bigint)), 'UTF8')), 'hex') as sha256
            from (select sha256(convert_to(row(%s)::text, 'UTF8')) as hash from only %s t offset 0) rows
            """;

    public DataDigest {
        tables = Collections.unmodifiableSortedMap(tables);
    }

    /**
     * Reads every row once, in the server and in constant memory: seconds for a million rows. Writes nothing, and
     * leaves the session as it was. In auto-commit mode it reads all tables in one snapshot. Otherwise it reads in
     * the caller's transaction, at its isolation level, sees what that has changed so far, and leaves it open.
     *
     * @throws SQLException also where row security would hide rows from the user
     */
    public static DataDigest of(Connection connection) throws SQLException {
        return of(connection, new TreeMap<>());
    }

    /** The digest of now; only these tables and new ones are read, for the others are known to be as they were. */
    public DataDigest readAgain(Connection connection, Set<String> touched) throws SQLException {
        SortedMap<String, Rows> known = new TreeMap<>(tables);
        known.keySet().removeAll(touched);
        return of(connection, known);
    }

    private static DataDigest of(Connection connection, SortedMap<String, Rows> known) throws SQLException {
        SortedMap<String, Rows> tables = new TreeMap<>();
        try (ReadOnlySession reading = ReadOnlySession.of(connection)) {
            SortedMap<String, String> columns = columns(reading);
            known.keySet().retainAll(columns.keySet());
            tables.putAll(known);
            columns.keySet().removeAll(known.keySet());
            for (Map.Entry<String, String> table : columns.entrySet()) {
                try (ResultSet row = reading.query(ROWS.formatted(table.getValue(), table.getKey()))) {
                    row.next();
                    tables.put(table.getKey(), new Rows(row.getLong("count"), row.getString("sha256")));
                }
            }
        }
        return new DataDigest(tables);
    }

    /** The columns of each table, in the order of their names: one that was dropped and added again comes last. */
    private static SortedMap<String, String> columns(ReadOnlySession reading) throws SQLException {
        SortedMap<String, String> columns = new TreeMap<>();
        try (ResultSet rows = reading.query(TABLES)) {
            while (rows.next()) {
                columns.put(rows.getString("name"), rows.getString("columns"));
            }
        }
        return columns;
    }

    @Override
    public String toString() {
        return tables.entrySet().stream()
                .map(table -> table.getKey() + ": " + table.getValue())
                .collect(Collectors.joining("\n"));
    }
}
