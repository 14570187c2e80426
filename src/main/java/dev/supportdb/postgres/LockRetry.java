package dev.supportdb.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;
import liquibase.configuration.AutoloadedConfigurations;
import liquibase.configuration.ConfigurationDefinition;

/**
 * How long to go on trying what could not get its lock.
 *
 * <p>Whatever waits for a lock on a table makes everyone wait who comes after it, for PostgreSQL's lock queue is first
 * come, first served. So it waits for an instant, gives back all it had, pauses, and begins again.
 */
public final class LockRetry {

    /** The {@code lock_timeout} of one try. */
    public static final String TIMEOUT = "100ms";

    /** Known to Liquibase by this, as a service. */
    public static final class Settings implements AutoloadedConfigurations {

        private static final ConfigurationDefinition<Integer> PATIENCE =
                new ConfigurationDefinition.Builder("supportdb.lock")
                        .define("patience", Integer.class)
                        .setDescription("How long to go on trying to get a lock, in seconds")
                        .setValueHandler(NumberSetting.whole("supportdb.lock.patience", 0, 86_400))
                        .setDefaultValue(300).build();
    }

    private static final Set<String> REFUSED = Set.of("55P03", "40P01");

    private static final long LONGEST_PAUSE_MILLIS = 5_000;
    private static final Duration SILENCE = Duration.ofSeconds(1);
    private static final Duration AGAIN = Duration.ofSeconds(10);

    private final Connection connection;
    private final Consumer<String> say;
    private final Duration patience = patience();
    private final long start = System.nanoTime();
    private long said = start - AGAIN.toNanos() + SILENCE.toNanos();
    private int tries;

    /**
     * @param connection on which the tries are made
     * @param say        receives who is in the way, when that lasts
     */
    public LockRetry(Connection connection, Consumer<String> say) {
        this.connection = connection;
        this.say = say;
    }

    /** How long this run is to go on; throws {@link IllegalArgumentException} where that is no number of seconds. */
    static Duration patience() {
        return Duration.ofSeconds(Settings.PATIENCE.getCurrentValue());
    }

    /**
     * Pauses, when trying again may help; outside a transaction.
     *
     * @param failure what a try failed with
     * @return false when it was not for a lock, or patience is at its end
     * @throws SQLException when the server cannot be asked who is in the way
     */
    public boolean again(Exception failure) throws SQLException {
        long now = System.nanoTime();
        if (!isForLock(failure) || now - start >= patience.toNanos()) {
            return false;
        }
        if (now - said >= AGAIN.toNanos()) {
            said = now;
            say.accept("Waiting for a lock, %d s at most%s".formatted(patience.toSeconds(), who()));
        }
        long most = Math.min(LONGEST_PAUSE_MILLIS, 100L << Math.min(++tries, 10));
        Pause.upTo(most);
        return true;
    }

    /** What the last try failed with, and after it, where it was for a lock, how long that went on and for whom. */
    public String last(Exception failure) throws SQLException {
        return !isForLock(failure) ? failure.getMessage()
                : "%s%nTried for %d s%s. Nothing of it is left; the same command tries again"
                        .formatted(failure.getMessage(), patience.toSeconds(), who());
    }

    /** Whether it failed because it did not get a lock. */
    public static boolean isForLock(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && REFUSED.contains(String.valueOf(sql.getSQLState()))) {
                return true;
            }
        }
        return false;
    }

    /** The oldest transactions that hold a table, for it is one of those; nothing when there is none. */
    private String who() throws SQLException {
        String who = Sql.text(connection, """
                select coalesce(': ' || string_agg(format('pid %s%s holds %s since %s', pid,
                    ' (' || nullif(concat_ws(', ', nullif(application_name, ''), state), '') || ')',
                    tables, xact_start::timestamptz(0)), '; '), '')
                from (select a.pid, a.application_name, a.state, a.xact_start,
                          string_agg(distinct c.relname, ', ') as tables
                      from pg_locks l
                      join pg_class c on c.oid = l.relation and c.relkind in ('r', 'p')
                      join pg_stat_activity a using (pid)
                      where l.granted and l.relation >= 16384 and l.pid <> pg_backend_pid()
                          and l.database = (select oid from pg_database where datname = current_database())
                          and a.xact_start < clock_timestamp() - interval '0.5 s'
                      group by a.pid, a.application_name, a.state, a.xact_start
                      order by a.xact_start limit 3) oldest
                """);
        if (!connection.getAutoCommit()) {
            connection.rollback();
        }
        return PrintableText.line(who);
    }
}
