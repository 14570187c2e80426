package dev.supportdb.backfill.engine;

import dev.supportdb.postgres.Sql;
import dev.supportdb.postgres.SynchronousStandbys;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Finds a reason to wait: that continuing would hurt an application, a standby or the table. Called between batches,
 * when nothing is locked, a few times a second at most.
 *
 * <p>The server decides what a role may see: the lag of standbys in time needs {@code pg_read_all_stats}.
 */
final class Throttle {

    private static final Duration INTERVAL = Duration.ofMillis(250);
    private static final Duration PATIENCE_WITH_STANDBYS = Duration.ofSeconds(1);
    private static final Duration PATIENCE_WITH_COMMAND = Duration.ofSeconds(5);

    /** The number of dead rows that is acceptable whatever their share. */
    private static final int FEW_DEAD_ROWS = 100_000;

    /** The replication slots that have had a reader since the first backfill of the run. A process has one run. */
    private static final Set<String> USED_SLOTS = ConcurrentHashMap.newKeySet();

    private final String table;
    private final BackfillSettings.Holds holds;

    private long asked = System.nanoTime() - INTERVAL.toNanos();
    private String answer;

    Throttle(String table, BackfillSettings.Holds holds) {
        this.table = table;
        this.holds = holds;
    }

    /**
     * Returns the reason to wait, or null; one query serves all workers of the process. Ends the transaction it runs
     * in.
     */
    synchronized String reason(Connection connection) throws SQLException {
        long now = System.nanoTime();
        if (now - asked >= INTERVAL.toNanos()) {
            answer = ofFile();
            answer = answer != null ? answer : ofCommand();
            answer = answer != null ? answer : ofSynchronousStandbys(connection);
            answer = answer != null ? answer : ofSlots(connection);
            answer = answer != null ? answer : ofServer(connection);
            asked = System.nanoTime();
        }
        return answer;
    }

    /** Names the standbys whose lag this role may not see and the privilege it needs, or null. Ends its transaction. */
    static String hiddenStandbys(Connection connection) throws SQLException {
        String hidden = Sql.optionalRow(connection, """
                select format('cannot throttle by the lag of %s, which is hidden from user %s. To show it: '
                    'grant pg_read_all_stats to %I;',
                    case count(*) when 1 then '1 standby' else count(*) || ' standbys' end, current_user, current_user)
                from pg_stat_replication where state is null having count(*) > 0
                """, row -> row.getString(1)).orElse(null);
        connection.rollback();
        return hidden;
    }

    /** Batches commit locally, so nothing else would notice a missing synchronous standby. */
    private static String ofSynchronousStandbys(Connection connection) throws SQLException {
        return SynchronousStandbys.missing(connection, PATIENCE_WITH_STANDBYS)
                .map("a synchronous standby to confirm the last commit (%s)"::formatted).orElse(null);
    }

    /**
     * Checks replication slots, which every role may see. A standby or subscriber that is gone shows only there: the
     * server keeps WAL for it until the disk is full or a limit is reached, and then the standby must be rebuilt. A
     * connected standby that falls behind shows there too, in bytes.
     */
    private String ofSlots(Connection connection) throws SQLException {
        USED_SLOTS.addAll(Sql.texts(connection, "select slot_name from pg_replication_slots where active"));
        String reason = Sql.optionalRow(connection, """
                select format(case when active then 'the reader of replication slot %s is %s behind'
                        else 'replication slot %s is not in use and keeps %s of WAL for its %s%s' end,
                    slot_name, pg_size_pretty(kept),
                    case slot_type when 'physical' then 'standby' else 'subscriber' end,
                    ' (' || pg_size_pretty(safe_wal_size) || ' more and it must be rebuilt)')
                from pg_replication_slots
                cross join pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) kept
                where not temporary and wal_status <> 'lost'
                    and (not active and (? or slot_name = any (?))
                        or active and slot_type = 'physical' and kept > ? * 1048576.0)
                order by active, kept desc limit 1
                """, row -> row.getString(1), holds.slots(), USED_SLOTS.toArray(String[]::new), holds.wal())
                .orElse(null);
        connection.rollback();
        return reason;
    }

    private String ofServer(Connection connection) throws SQLException {
        String reason = Sql.text(connection, """
                select coalesce(
                    (select format('a vacuum or an index build of %s, pid %s', t.name, l.pid)
                     from pg_locks l
                     where ? and l.relation = t.name::regclass and l.mode = 'ShareUpdateExclusiveLock' and l.granted
                         and l.database = (select oid from pg_database where datname = current_database())
                         and l.pid <> pg_backend_pid()
                     limit 1),
                    (select format('standby %s is %s s behind', application_name, extract(epoch from replay_lag)::int)
                     from pg_stat_replication
                     where replay_lag > make_interval(secs => ?)
                     order by replay_lag desc limit 1),
                    (select format('standby %s is %s behind', application_name, pg_size_pretty(behind))
                     from pg_stat_replication
                     cross join pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) behind
                     where behind > ? * 1048576.0
                     order by behind desc limit 1),
                    (select concat(format('%s has %s dead rows that no vacuum has removed yet', t.name, n_dead_tup),
                        (select format(', the oldest transaction is that of pid %s%s', pid,
                             ', since ' || xact_start::timestamptz(0))
                         from pg_stat_activity
                         where backend_xmin is not null and pid <> pg_backend_pid()
                             and (xact_start is null or xact_start < clock_timestamp() - interval '1 minute')
                         order by age(backend_xmin) desc limit 1))
                     from pg_stat_all_tables join pg_class c on c.oid = relid
                     where relid = t.name::regclass and n_dead_tup > greatest(? * greatest(n_live_tup, reltuples), ?)))
                from (select ? as name) t
                """, holds.vacuum(), holds.lag().toSeconds(), holds.wal(), holds.dead(), FEW_DEAD_ROWS, table);
        connection.rollback();
        return reason;
    }

    private String ofFile() {
        Path file = holds.file();
        if (file == null || !Files.exists(file)) {
            return null;
        }
        try {
            return firstLine(file, "the file " + file);
        } catch (IOException unreadable) {
            return "the file " + file;
        }
    }

    private static String firstLine(Path file, String otherwise) throws IOException {
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            String line = lines.readLine();
            return line == null || line.isBlank() ? otherwise : line.strip();
        }
    }

    private String ofCommand() throws SQLException {
        if (holds.command() == null) {
            return null;
        }
        try {
            Path output = Files.createTempFile("hold", ".txt");
            Process process = null;
            try {
                process = new ProcessBuilder("sh", "-c", holds.command())
                        .redirectErrorStream(true).redirectOutput(output.toFile()).start();
                if (!process.waitFor(PATIENCE_WITH_COMMAND.toMillis(), TimeUnit.MILLISECONDS)) {
                    return "the command '%s' has not answered in %d s".formatted(
                            holds.command(), PATIENCE_WITH_COMMAND.toSeconds());
                }
                return process.exitValue() == 0 ? null
                        : firstLine(output, "the command '%s'".formatted(holds.command()));
            } finally {
                if (process != null) {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly();
                }
                Files.delete(output);
            }
        } catch (IOException e) {
            return "the command '%s' cannot be run: %s".formatted(holds.command(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("interrupted", e);
        }
    }

    /**
     * Returns how many sessions wait for this transaction to end, called within a batch. Of those that queue for one
     * row, only the first counts.
     */
    static int waiting(Connection connection) throws SQLException {
        return (int) Sql.number(connection, """
                select count(*) from pg_locks
                where locktype = 'transactionid' and not granted
                    and transactionid = pg_current_xact_id_if_assigned()::xid
                """);
    }
}
