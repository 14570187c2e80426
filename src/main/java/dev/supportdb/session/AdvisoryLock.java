package dev.supportdb.session;

import dev.supportdb.postgres.PrintableText;
import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * The advisory lock of one history table in one database. Neither starts nor ends a transaction.
 *
 * @param connection the session that takes the lock
 * @param name       identifies the lock; the same name is the same lock in every process
 */
record AdvisoryLock(Connection connection, String name) {

    /** Separates this lock from the advisory locks of applications: "sdb" as a number. */
    private static final int NAMESPACE = 0x736462;

    private static final String LOCK = """
            locktype = 'advisory' and objsubid = 2 and classid = ?::oid and objid = ?::oid and granted
            and database = (select oid from pg_database where datname = current_database())""";

    /** Selects the state of a session, how long it has lasted, and what the session waits for. */
    private static final String DOING = """
            state || format(' for %s s', extract(epoch from clock_timestamp() - state_change)::bigint)
                || case when wait_event = 'SyncRep' then ', waits for a synchronous standby to confirm a commit'
                    when wait_event_type = 'Lock' then ', waits for a lock of pid '
                        || array_to_string(pg_blocking_pids(l.pid), ', ')
                    else '' end""";

    /**
     * A session that holds the lock.
     *
     * @param since when the session was opened, because the server does not record when a lock was taken; null if this
     * role may not see it
     * @param doing the activity of the session; null likewise
     */
    record Holder(int pid, String application, String user, String address, Instant since, String doing) {
        @Override
        public String toString() {
            return PrintableText.line("pid %d (%s, user %s, from %s)%s%s".formatted(pid, application, user, address,
                    since == null ? "" : ", connected since " + since.truncatedTo(ChronoUnit.SECONDS),
                    doing == null ? "" : ", " + doing));
        }
    }

    /** Takes the lock without waiting. Session locks are counted: taken twice, it must be released twice. */
    boolean tryTake() throws SQLException {
        return yes("select pg_try_advisory_lock(?, ?)");
    }

    /** The same as SQL, for a session that is not connected yet. */
    static String tryTake(String name) {
        return "pg_try_advisory_lock(%d, %d)".formatted(NAMESPACE, number(name));
    }

    void release() throws SQLException {
        yes("select pg_advisory_unlock(?, ?)");
    }

    boolean isHeldByThisSession() throws SQLException {
        return yes("select exists (select from pg_locks where " + LOCK + " and pid = pg_backend_pid())");
    }

    /**
     * Finds the holder, if there is one. Values of another user's session that an ordinary role may not see are
     * "unknown".
     */
    List<Holder> holders() throws SQLException {
        return Sql.rows(connection, """
                select l.pid, coalesce(nullif(application_name, ''), 'unknown'), coalesce(usename, 'unknown'),
                       case when backend_start is null then 'unknown' else coalesce(host(client_addr), 'local') end,
                       backend_start, %s
                from pg_locks l left join pg_stat_activity a using (pid)
                where %s""".formatted(DOING, LOCK),
                row -> new Holder(row.getInt(1), row.getString(2), row.getString(3), row.getString(4),
                        row.getTimestamp(5) == null ? null : row.getTimestamp(5).toInstant(), row.getString(6)),
                NAMESPACE, number(name));
    }

    private boolean yes(String sql) throws SQLException {
        return Sql.isTrue(connection, sql, NAMESPACE, number(name));
    }

    /** The lock number of a name. Not negative, because the catalogue shows it as an unsigned oid. */
    private static int number(String name) {
        return name.hashCode() & Integer.MAX_VALUE;
    }
}
