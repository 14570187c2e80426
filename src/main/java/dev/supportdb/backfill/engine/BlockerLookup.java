package dev.supportdb.backfill.engine;

import dev.supportdb.postgres.SessionText;
import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Finds the session that holds the lock a batch could not get, so that an administrator knows whom to ask. A row that
 * several sessions lock at once does not tell.
 */
final class BlockerLookup {

    private final Connection connection;
    private final String table;

    BlockerLookup(Connection connection, String table) {
        this.connection = connection;
        this.table = table;
    }

    /** Describes the blocker; null if it cannot be found or has finished. Called outside a transaction. */
    String of(long[] keys) throws SQLException {
        String blocker = ask("""
                select pid, virtualtransaction, 'the table' as what from pg_locks
                where locktype = 'relation' and relation = to_regclass(?) and granted
                    and database = (select oid from pg_database where datname = current_database())
                    and mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
                """, table);
        // If a session has locked the whole table, the rows cannot be read either.
        return blocker != null || keys == null ? blocker : ask("""
                select pid, virtualtransaction, 'the row of id ' || id as what
                from (select id, xmax from %s where id = any(?) and xmax <> '0') locked
                join pg_locks on locktype = 'transactionid' and transactionid = xmax and mode = 'ExclusiveLock'
                """.formatted(table), keys);
    }

    private String ask(String locks, Object value) throws SQLException {
        String blocker = Sql.optionalRow(connection, """
                select format('%%s of %s is locked by %%s%%s', what,
                    coalesce('the prepared transaction ' || quote_literal(p.gid),
                        format('pid %%s%%s', blocker.pid, ' (' || nullif(%s, '') || ')')),
                    coalesce(', in a transaction since ' || coalesce(a.xact_start, p.prepared)::timestamptz(0),
                        '; ' || %s))
                from (%s) blocker
                left join pg_stat_activity a on a.pid = blocker.pid
                left join pg_locks x on blocker.pid is null and x.pid is null and x.locktype = 'transactionid'
                    and x.virtualtransaction = blocker.virtualtransaction
                left join pg_prepared_xacts p on p.transaction = x.transactionid
                where blocker.pid is distinct from pg_backend_pid()
                order by coalesce(a.xact_start, p.prepared) limit 1
                """.formatted(table, SessionText.WHO, SessionText.RIGHT_TO_SEE_MORE, locks),
                row -> row.getString(1), value).orElse(null);
        connection.rollback();
        return blocker;
    }
}
