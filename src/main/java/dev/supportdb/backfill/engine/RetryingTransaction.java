package dev.supportdb.backfill.engine;

import dev.supportdb.backfill.BackfillPlan;
import dev.supportdb.postgres.Pause;
import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.postgresql.PGStatement;

/** Runs the short transactions of one worker, and retries each one that failed for a temporary reason. */
final class RetryingTransaction {

    /**
     * The settings of a batch. While it waits for one row it keeps others locked, so its lock timeout is no longer than
     * an application can bear. The planner must use the indexes, without JIT compilation.
     */
    static final String SETTINGS = """
            set_config('supportdb.backfill', '%s', true),
            set_config('lock_timeout', '100ms', true),
            set_config('enable_seqscan', 'off', true),
            set_config('jit', 'off', true)""";

    private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(10);

    private static final int TRIES = 60;
    static final String QUERY_CANCELED = "57014";

    /**
     * The number of tries for each SQLSTATE: lock timeout, deadlock, serialisation failure, statement timeout, unique
     * violation. An application may have taken a unique key this instant; if it keeps the key, retrying does not help.
     */
    private static final Map<String, Integer> PASSING =
            Map.of("55P03", TRIES, "40P01", TRIES, "40001", TRIES, QUERY_CANCELED, TRIES, "23505", 3);

    private static final long LONGEST_PAUSE_MILLIS = 5_000;

    /** The work of one transaction, done again from the start on a retry. */
    interface Work<T> {
        T run(ControlRow control) throws SQLException;
    }

    /** Receives each try that failed for a temporary reason. Called outside a transaction. */
    interface Refusal {

        /** Returns how many tries have failed so far, by all workers. */
        int count(SQLException refused) throws SQLException;
    }

    private final Connection connection;
    private final BackfillPlan plan;
    private final String begin;
    private final Refusal refusal;

    /** The process id of the session; 0 before it is known. */
    private int session;

    RetryingTransaction(Connection connection, BackfillPlan plan, BackfillDirection direction, Refusal refusal) {
        this.connection = connection;
        this.plan = plan;
        this.begin = """
                select requested_state, workers, batch_time_ms, rest_ratio::double precision, pg_backend_pid(), %s,
                    set_config('statement_timeout', '%d', true)
                from backfills where name = ?
                """.formatted(SETTINGS.formatted(direction.marker(plan)), STATEMENT_TIMEOUT.toMillis());
        this.refusal = refusal;
    }

    <T> T run(Work<T> work) throws SQLException {
        while (true) {
            long start = System.nanoTime();
            try {
                T result = work.run(begin());
                connection.commit();
                return result;
            } catch (SQLException e) {
                rollback(connection);
                int tries = tries(e, System.nanoTime() - start);
                if (tries == 1) {
                    throw e;
                }
                int failed = refusal.count(e);
                if (failed >= tries) {
                    throw new SQLException(
                            "%s (gave up after %d tries)".formatted(e.getMessage(), failed), e.getSQLState(), e);
                }
                Pause.upTo(Math.min(LONGEST_PAUSE_MILLIS, 20L << Math.min(failed, 10)));
            }
        }
    }

    /**
     * The number of tries for a failure. A statement cancelled before its timeout was cancelled by a person, so it is
     * not retried.
     */
    private static int tries(SQLException failure, long nanos) {
        boolean byHand = QUERY_CANCELED.equals(failure.getSQLState()) && nanos < STATEMENT_TIMEOUT.toNanos();
        return byHand ? 1 : PASSING.getOrDefault(String.valueOf(failure.getSQLState()), 1);
    }

    private ControlRow begin() throws SQLException {
        return Sql.optionalRow(connection, begin, row -> {
            stayIn(row.getInt(5));
            return new ControlRow(row.getString(1), row.getObject(2, Integer.class),
                    row.getObject(3, Integer.class), row.getObject(4, Double.class));
        }, plan.name()).orElseThrow(() -> new SQLException("its control row was deleted from the table backfills"));
    }

    /** Throws if the session has changed: the lock that keeps other runs out belongs to the session. */
    private void stayIn(int now) throws SQLException {
        if (session != 0 && session != now) {
            throw new SQLException("a connection pooler has moved it to another session of the server: "
                    + "connect to the server, or use session mode");
        }
        session = now;
    }

    /**
     * Makes the server plan the statement for the keys at hand, since a generic plan expects ten keys. The setting
     * {@code plan_cache_mode} would do the same to every foreign key and trigger, for each row.
     */
    static PreparedStatement planEachTime(PreparedStatement statement) throws SQLException {
        statement.unwrap(PGStatement.class).setPrepareThreshold(0);
        return statement;
    }

    /** Rolls back. Ignores the failure of a lost connection, so that it does not hide the first failure. */
    static void rollback(Connection connection) {
        try {
            connection.rollback();
        } catch (SQLException lost) {
            // The caller throws the first failure.
        }
    }
}
