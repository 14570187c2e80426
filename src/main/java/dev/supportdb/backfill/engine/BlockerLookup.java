package dev.supportdb.backfill.engine;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Who locks what a batch was refused for, so that whoever is woken knows whom to ask. A row that several sessions lock
 * at once tells nobody.
 */
final class BlockerLookup {

    private final Connection connection;
    private final String table;

    BlockerLookup(Connection connection, String table) {
        this.connection = connection;
        this.table = table;
    }

    /** Null when it cannot be told, or is over. Outside a transaction. */
    String of(long[] keys) throws SQLException {
        String blocker = ask("""
                select pid, 'the table' as what from pg_locks
                where locktype = 'relation' and relation = to_regclass(?) and granted
                    and database = (select oid from pg_database where datname = current_database())
                    and mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
                """, table);
        // Whoever locks the table keeps it from being looked at, too.
        return blocker != null || keys == null ? blocker : ask("""
                select pid, 'the row of id ' || id as what
                from (select id, xmax from %s where id = any(?) and xmax <> '0') locked
                join pg_locks on locktype = 'transactionid' and transactionid = xmax and mode = 'ExclusiveLock'
                """.formatted(table), keys);
    }

    private String ask(String locks, Object value) throws SQLException {
        try (PreparedStatement blockers = connection.prepareStatement("""
                select format('%%s of %s is locked by pid %%s%%s%%s', what, pid,
                    ' (' || nullif(concat_ws(', ', nullif(application_name, ''), state), '') || ')',
                    ', in a transaction since ' || xact_start::timestamptz(0))
                from (%s) blocker join pg_stat_activity using (pid)
                where pid <> pg_backend_pid()
                order by xact_start limit 1
                """.formatted(table, locks))) {
            blockers.setObject(1, value);
            try (ResultSet row = blockers.executeQuery()) {
                String blocker = row.next() ? row.getString(1) : null;
                connection.rollback();
                return blocker;
            }
        }
    }
}
