package dev.supportdb.review;

import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Reads the state of a session with a query of its own, inside any transaction: only the session itself sees all its
 * locks, and its counters before they are flushed. It takes no locks on users' tables and does not read them.
 */
final class SessionProbe {

    /**
     * The state in one query, which costs one round trip. A lock on a dropped object has no name any more. An index
     * that is dropped CONCURRENTLY is locked at the end, when nothing uses it any more. Leaves out the catalogue, TOAST
     * tables and temporary schemas of other sessions.
     */
    private static final String QUERY = """
            select coalesce(c.oid, l.relation)::bigint as oid, coalesce(i.indrelid, c.oid, l.relation)::bigint as owner,
                case when c.oid is not null then format('%%I.%%I', n.nspname, c.relname) end as name,
                coalesce(c.relfilenode, 0)::bigint as file, l.modes, c.relkind in ('r', 'p', 'm') as has_rows,
                c.relkind in ('r', 'p') as is_table,
                coalesce(case when c.relkind in ('r', 'm') then pg_stat_get_xact_tuples_returned(c.oid) end, 0)
                    + coalesce(pg_stat_get_xact_tuples_fetched(c.oid), 0) as read,
                coalesce(pg_stat_get_xact_blocks_fetched(c.oid), 0) as pages,
                coalesce(pg_stat_get_xact_tuples_inserted(c.oid), 0) as inserted,
                coalesce(pg_stat_get_xact_tuples_updated(c.oid), 0)
                    + coalesce(pg_stat_get_xact_tuples_deleted(c.oid), 0) as changed
            from (
                select relation, array_agg(distinct mode) as modes from pg_locks
                where pid = %d and locktype = 'relation' and relation >= 16384
                    and database = (select oid from pg_database where datname = current_database())
                group by relation
            ) l
            full join (select * from pg_class where oid >= 16384) c on c.oid = l.relation
            left join pg_namespace n on n.oid = c.relnamespace
            left join pg_index i on i.indexrelid = c.oid
            where (n.nspname is null or n.nspname !~ '^pg_' and n.nspname <> 'information_schema')
                and i.indislive is not false
            """;

    /** The settings, with the names and values that {@code set} accepts. */
    private static final String SESSION = """
            select round(extract(epoch from current_setting('lock_timeout')::interval) * 1000)::bigint,
                pg_current_wal_insert_lsn() - '0/0', extract(epoch from transaction_timestamp())::text,
                array(select name || '=' || current_setting(name) from pg_settings where source = 'session')
            """;

    /**
     * A table or another lockable object, and the work of the transaction on it.
     *
     * @param owner   the table of an index; otherwise itself
     * @param name    null if it was dropped
     * @param hasRows whether it is a table or a materialized view
     * @param isTable whether {@code lock table} accepts it
     * @param lock    the strongest lock on it; null for none
     */
    record Relation(long owner, String name, boolean hasRows, boolean isTable, long file, LockMode lock,
            long read, long pages, long inserted, long changed) {}

    /**
     * @param relations   by oid
     * @param transaction the transaction of this query
     * @param settings    the settings made in the session, with their values
     */
    record State(Map<Long, Relation> relations, Duration lockTimeout, long wal, String transaction,
            Map<String, String> settings) {

        /** The qualified name of the table that a lock or a counter of this relation belongs to. */
        Optional<String> table(long oid) {
            Relation relation = relations.get(oid);
            return relation == null ? Optional.empty() : Optional.ofNullable(relations.get(relation.owner()))
                    .map(Relation::name);
        }

        State with(Map<Long, Relation> others) {
            return new State(others, lockTimeout, wal, transaction, settings);
        }
    }

    private final Connection connection;
    private final String query;

    /** @param pid the observed session, which may be that of the connection or another one */
    SessionProbe(Connection connection, int pid) {
        this(connection, QUERY.formatted(pid));
    }

    private SessionProbe(Connection connection, String query) {
        this.connection = connection;
        this.query = query;
    }

    /**
     * The same with the counters of the server instead of those of the session, which restart at each flush. Only for a
     * session outside a transaction.
     */
    SessionProbe ofServer() {
        return new SessionProbe(connection, query.replace("pg_stat_get_xact_", "pg_stat_get_"));
    }

    /** Makes the session flush its counters, which it does at most once a second otherwise. Not in a transaction. */
    static void flush(Connection session) throws SQLException {
        Sql.text(session, "select pg_stat_force_next_flush()");
    }

    /** The bytes of WAL that a session has written, after a flush; null before PostgreSQL 18, which cannot tell. */
    static Long wal(Connection connection, int pid) throws SQLException {
        return connection.getMetaData().getDatabaseMajorVersion() < 18 ? null
                : Sql.number(connection, "select wal_bytes from pg_stat_get_backend_wal(?)", pid);
    }

    static int pid(Connection connection) throws SQLException {
        return (int) Sql.number(connection, "select pg_backend_pid()");
    }

    State read() throws SQLException {
        Map<Long, Relation> relations = new LinkedHashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(query);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                String[] modes = row.getArray("modes") == null ? new String[0]
                        : (String[]) row.getArray("modes").getArray();
                relations.put(row.getLong("oid"), new Relation(row.getLong("owner"), row.getString("name"),
                        row.getBoolean("has_rows"), row.getBoolean("is_table"), row.getLong("file"),
                        Arrays.stream(modes).map(LockMode::of).max(LockMode::compareTo).orElse(null),
                        row.getLong("read"), row.getLong("pages"), row.getLong("inserted"), row.getLong("changed")));
            }
        }
        return Sql.row(connection, SESSION, row -> new State(relations, Duration.ofMillis(row.getLong(1)),
                row.getLong(2), row.getString(3), settings((String[]) row.getArray(4).getArray())));
    }

    private static Map<String, String> settings(String[] assignments) {
        return Arrays.stream(assignments).map(one -> one.split("=", 2))
                .collect(Collectors.toMap(one -> one[0], one -> one[1]));
    }

    /** The size of a relation's file in bytes, also while the session has it locked. */
    long size(long oid) throws SQLException {
        return Sql.number(connection, "select coalesce(pg_relation_size(?::bigint::oid), 0)", oid);
    }
}
