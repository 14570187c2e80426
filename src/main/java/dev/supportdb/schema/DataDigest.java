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
 * <p>Not included are sequences, because a rollback cannot return the numbers that were drawn; the times that
 * Liquibase, {@code backfills}, {@code backfill_ranges} and the notes of old shapes record; views, materialized
 * or not, whose rows are those of tables; and the objects of extensions.
 *
 * @param tables the tables by qualified name; sorted, never null
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
              and c.relname <> all (%s)
              and not exists (
                select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
              )
            group by c.oid
            """;

    /** An SQL array of the names of tables to leave out: their rows contain times of runs. */
    public static final String RECORDS =
            "array['databasechangelog', 'databasechangeloglock', 'backfills', 'backfill_ranges', 'old_shapes', "
                    + "'old_shape_writes', 'supportdb_runs']";

    /** The key of the large objects in a digest of the whole database. */
    private static final String LARGE_OBJECTS = "pg_largeobject";

    /**
     * The row count and digest of a table. A row as text is unambiguous: it tells NULL from an empty string and quotes
     * separators. The hashes are added, 128 bits of each, instead of sorted: this needs no sort, memory or key, and no
     * collation that two servers could differ in. (The idea: Bellare and Micciancio, "A New Paradigm for Collision-Free
     * Hashing", 1997.) "offset 0" keeps each row from being hashed once for each sum.
     */
    private static final String ROWS = """
            select count(*) as count,
                   encode(sha256(convert_to(concat_ws(' ',
                       sum(('x' || encode(substr(hash, 1, 8), 'hex'))::bit(64)::bigint),
                       sum(('x' || encode(substr(hash, 9, 8), 'hex'))::bit(64)::bigint)), 'UTF8')), 'hex') as sha256
            from (select sha256(convert_to(row(%s)::text, 'UTF8')) as hash from %s offset 0) rows
            """;

    /** Reads a large object, a megabyte at a time. Each is closed again, since a session keeps open ones in memory. */
    private static final String LARGE_OBJECT = """
            m.oid, m.lomowner::regrole, (select array_agg(a::text order by a::text) from unnest(m.lomacl) a), (
                select string_agg(sha256(lo_get(m.oid, n * 1048576, 1048576)), '' order by n)
                from lateral (select lo_open(m.oid, 262144) as fd offset 0) opened
                cross join lateral (select lo_lseek64(fd, 0, 2) as size offset 0) sized
                cross join lateral (select lo_close(case when size >= 0 then fd end) as end offset 0) closed
                cross join generate_series(0, size / 1048576) n
                where closed.end = 0)""";

    public DataDigest {
        tables = Collections.unmodifiableSortedMap(tables);
    }

    /**
     * Reads every row once, in the server and in constant memory: seconds for a million rows. Writes nothing, and
     * leaves the session unchanged. In auto-commit mode it reads all tables in one snapshot. Otherwise it reads in the
     * caller's transaction, at its isolation level, sees the changes of that transaction, and leaves it open.
     *
     * @throws SQLException also where row security would hide rows from the user
     */
    public static DataDigest of(Connection connection) throws SQLException {
        return of(connection, new TreeMap<>());
    }

    /**
     * Returns the digest of everything: including the times that Liquibase and backfills record, and the large objects
     * with their owners and privileges.
     */
    public static DataDigest ofAll(Connection connection) throws SQLException {
        SortedMap<String, Rows> tables = new TreeMap<>();
        try (ReadOnlySession reading = ReadOnlySession.of(connection)) {
            for (Map.Entry<String, String> table : columns(reading, "array[]::name[]").entrySet()) {
                tables.put(table.getKey(), rows(reading, table.getValue(), "only " + table.getKey() + " t"));
            }
            tables.put(LARGE_OBJECTS, rows(reading, LARGE_OBJECT, "pg_largeobject_metadata m"));
        }
        return new DataDigest(tables);
    }

    /**
     * Returns the current digest. Reads only these tables and new ones, because the others are known to be unchanged.
     */
    public DataDigest readAgain(Connection connection, Set<String> touched) throws SQLException {
        SortedMap<String, Rows> known = new TreeMap<>(tables);
        known.keySet().removeAll(touched);
        return of(connection, known);
    }

    private static DataDigest of(Connection connection, SortedMap<String, Rows> known) throws SQLException {
        SortedMap<String, Rows> tables = new TreeMap<>();
        try (ReadOnlySession reading = ReadOnlySession.of(connection)) {
            SortedMap<String, String> columns = columns(reading, RECORDS);
            known.keySet().retainAll(columns.keySet());
            tables.putAll(known);
            columns.keySet().removeAll(known.keySet());
            for (Map.Entry<String, String> table : columns.entrySet()) {
                tables.put(table.getKey(), rows(reading, table.getValue(), "only " + table.getKey() + " t"));
            }
        }
        return new DataDigest(tables);
    }

    private static Rows rows(ReadOnlySession reading, String columns, String from) throws SQLException {
        try (ResultSet row = reading.query(ROWS.formatted(columns, from))) {
            row.next();
            return new Rows(row.getLong("count"), row.getString("sha256"));
        }
    }

    /** The columns of each table, ordered by name, because a column that was dropped and added again comes last. */
    private static SortedMap<String, String> columns(ReadOnlySession reading, String without)
            throws SQLException {
        SortedMap<String, String> columns = new TreeMap<>();
        try (ResultSet rows = reading.query(TABLES.formatted(without))) {
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
