package dev.supportdb.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import liquibase.configuration.AutoloadedConfigurations;
import liquibase.configuration.ConfigurationDefinition;

/**
 * Retries work that did not get its lock, for a limited time.
 *
 * <p>A statement that waits for a lock on a table blocks all later ones, because PostgreSQL's lock queue is first come,
 * first served. So a try waits for an instant; if it fails, it is rolled back, and retried after a pause.
 */
public final class LockRetry {

    /** The {@code lock_timeout} of one try. */
    public static final String TIMEOUT = "100ms";

    /** Registers the setting with Liquibase, as a service. */
    public static final class Settings implements AutoloadedConfigurations {

        private static final ConfigurationDefinition<Integer> PATIENCE =
                new ConfigurationDefinition.Builder("supportdb.lock")
                        .define("patience", Integer.class)
                        .setDescription("How long to retry when a lock is not available, in seconds")
                        .setValueHandler(NumberSetting.whole("supportdb.lock.patience", 0, 86_400))
                        .setDefaultValue(300).build();
    }

    private static final Set<String> REFUSED = Set.of("55P03", "40P01");

    private static final long LONGEST_PAUSE_MILLIS = 5_000;
    private static final Duration SILENCE = Duration.ofSeconds(1);
    private static final Duration AGAIN = Duration.ofSeconds(10);

    /** A transaction that ends sooner is not the blocker. */
    private static final long SHORT_MILLIS = 500;
    private static final int MOST_HOLDERS = 3;

    private final Connection connection;
    private final Consumer<String> say;
    private final Duration patience = patience();
    private final long start = System.nanoTime();
    private long said = start - AGAIN.toNanos() + SILENCE.toNanos();
    private int tries;

    /**
     * @param connection the connection of the tries
     * @param say        receives the blocking sessions, if they block for long
     */
    public LockRetry(Connection connection, Consumer<String> say) {
        this.connection = connection;
        this.say = say;
    }

    /**
     * The longest time for retries in this run; throws {@link IllegalArgumentException} if it is not a number of
     * seconds.
     */
    static Duration patience() {
        return Duration.ofSeconds(Settings.PATIENCE.getCurrentValue());
    }

    /**
     * Pauses before a retry, if one may help; outside a transaction.
     *
     * @param failure the failure of a try
     * @return false if it was not for a lock, or the time is up
     * @throws SQLException if the query for the blocking sessions fails
     */
    public boolean mayRetry(Exception failure) throws SQLException {
        long now = System.nanoTime();
        if (!isForLock(failure) || now - start >= patience.toNanos()) {
            return false;
        }
        if (now - said >= AGAIN.toNanos()) {
            said = now;
            say.accept("Waiting up to %d s for a lock%s".formatted(patience.toSeconds(), who()));
        }
        long most = Math.min(LONGEST_PAUSE_MILLIS, 100L << Math.min(++tries, 10));
        Pause.upTo(most);
        return true;
    }

    /** Returns the message of the last failure; for a lock also how long the retries took, and who holds it. */
    public String reason(Exception failure) throws SQLException {
        return !isForLock(failure) ? failure.getMessage()
                : """
                        %s
                        Gave up after %d s waiting for a lock%s. \
                        This attempt was rolled back; run the same command to retry"""
                        .formatted(failure.getMessage(), patience.toSeconds(), who());
    }

    /** Returns whether the failure was a lock that was not granted. */
    public static boolean isForLock(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && REFUSED.contains(String.valueOf(sql.getSQLState()))) {
                return true;
            }
        }
        return false;
    }

    /**
     * A transaction that holds locks on tables.
     *
     * @param id         as in {@code pg_locks}
     * @param rightToSee a statement that lets this role see the start of the transaction; null if it already may
     */
    private record Holder(String id, String rightToSee, String words) {

        boolean isHidden() {
            return rightToSee != null;
        }
    }

    /** Describes the oldest transactions with a lock on a table: one of them is the blocker. Empty if there is none. */
    private String who() throws SQLException {
        List<Holder> holders = holders();
        if (holders.stream().anyMatch(Holder::isHidden)) {
            // A hidden session may hold the lock only for an instant, so look again after a pause.
            Pause.of(SHORT_MILLIS);
            Set<String> still = holders().stream().map(Holder::id).collect(Collectors.toSet());
            holders.removeIf(holder -> holder.isHidden() && !still.contains(holder.id()));
        }
        List<Holder> oldest = holders.subList(0, Math.min(MOST_HOLDERS, holders.size()));
        return oldest.isEmpty() ? "" : oldest.stream().map(Holder::words).collect(Collectors.joining("; ", ": ", ""))
                + oldest.stream().filter(Holder::isHidden).findFirst()
                .map(holder -> " (%s)".formatted(holder.rightToSee())).orElse("");
    }

    /** The transactions with a lock on a table, oldest first; those with a hidden age come last. */
    private List<Holder> holders() throws SQLException {
        List<Holder> holders = Sql.rows(connection, """
                select held.virtualtransaction, case when since is null then %s end, format('%%s holds %%s%%s',
                    coalesce('the prepared transaction ' || quote_literal(p.gid),
                        format('pid %%s%%s', held.pid, ' (' || nullif(%s, '') || ')')),
                    tables, ' since ' || since::timestamptz(0))
                from (select l.pid, l.virtualtransaction, string_agg(distinct c.relname, ', ') as tables
                      from pg_locks l join pg_class c on c.oid = l.relation and c.relkind in ('r', 'p')
                      where l.granted and l.relation >= 16384 and l.pid is distinct from pg_backend_pid()
                          and l.database = (select oid from pg_database where datname = current_database())
                      group by l.pid, l.virtualtransaction) held
                left join pg_stat_activity a on a.pid = held.pid
                left join pg_locks x on held.pid is null and x.pid is null and x.locktype = 'transactionid'
                    and x.virtualtransaction = held.virtualtransaction
                left join pg_prepared_xacts p on p.transaction = x.transactionid
                cross join coalesce(a.xact_start, p.prepared) since
                where coalesce(since, '-infinity') < clock_timestamp() - make_interval(secs => ?)
                order by since nulls last
                """.formatted(SessionText.RIGHT_TO_SEE_MORE, SessionText.WHO),
                row -> new Holder(row.getString(1), row.getString(2), PrintableText.line(row.getString(3))),
                SHORT_MILLIS / 1000.0);
        if (!connection.getAutoCommit()) {
            connection.rollback();
        }
        return holders;
    }
}
