package dev.supportdb.review;

import dev.supportdb.postgres.Sql;
import dev.supportdb.verify.ScratchDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/**
 * Watches the session of a migration, statement by statement, between {@link #begin} and {@link #end}.
 *
 * <p>In a transaction it looks after each statement, by the same session. What commits by itself is put into a
 * transaction for that, unless the server refuses: then it is held up until its locks are read. The short transactions
 * of a backfill are looked at once, before their commit, so that watching does not slow them down.
 */
final class SessionWatch implements ObservedConnection.Observer, AutoCloseable {

    /** "Cannot run inside a transaction block", and "invalid transaction termination" by a procedure. */
    private static final Set<String> ONLY_OUTSIDE = Set.of("25001", "2D000");

    /** What the session of every run does besides: its history, its lock, its settings. */
    private static final Pattern OF_THE_TOOL = Pattern.compile(
            "(?is)show search_path|.*\\bdatabasechangelog(lock)?\\b.*|.*\\bpg_locks\\b.*"
            + "|set lock_timeout = '\\w+';.*application_name.*|set lock_timeout = '(100ms|10min)'\\s*|set (local )?(session |transaction ).*");

    private final ScratchDatabase scratch;
    private final Connection side;

    private Connection raw;
    private SessionProbe probe;

    /** Of the changeset at hand; null where none is. */
    private List<TransactionTrace> transactions;
    private boolean batches;
    private long wal;

    /** What there was before the changeset. */
    private SessionProbe.State known;

    /** Of the transaction at hand; the state is null before its first statement. */
    private final List<StatementTrace> statements = new ArrayList<>();
    private SessionProbe.State last;

    private long batchStart;
    private long slowest;
    private String slowestSql;

    SessionWatch(ScratchDatabase scratch) throws SQLException {
        this.scratch = scratch;
        this.side = scratch.connect();
    }

    /** A connection for a migration, instead of the one before. */
    Connection connect() throws SQLException {
        raw = scratch.connect();
        // Rows that a parallel worker reads are counted in a session of its own.
        Sql.execute(raw, "set max_parallel_maintenance_workers = 0; set max_parallel_workers_per_gather = 0");
        probe = new SessionProbe(raw, SessionProbe.pid(raw));
        return ObservedConnection.of(raw, this);
    }

    /** @param batches whether the changeset is a backfill */
    void begin(boolean batches) throws SQLException {
        this.batches = batches;
        this.transactions = new ArrayList<>();
        this.wal = wal();
        this.known = new SessionProbe(side, SessionProbe.pid(side)).read();
    }

    /** Ends watching; what was seen since {@link #begin}. */
    PassTrace end() throws SQLException {
        PassTrace pass = new PassTrace(transactions, wal() - wal, 0);
        transactions = null;
        return pass;
    }

    private long wal() throws SQLException {
        return Sql.number(side, "select pg_current_wal_insert_lsn() - '0/0'");
    }

    @Override
    public Object run(String sql, ObservedConnection.Call call) throws SQLException {
        if (transactions == null || OF_THE_TOOL.matcher(sql).matches() || isBroken()) {
            return call.run();
        }
        if (batches) {
            return inBatch(sql, call);
        }
        return raw.getAutoCommit() ? alone(sql, call) : inside(sql, call);
    }

    /** After a failure it answers nothing before it is rolled back. */
    private boolean isBroken() throws SQLException {
        return state() == TransactionState.FAILED;
    }

    private TransactionState state() throws SQLException {
        return raw.unwrap(BaseConnection.class).getTransactionState();
    }

    private Object inside(String sql, ObservedConnection.Call call) throws SQLException {
        if (last == null) {
            last = probe.read();
        }
        long start = System.nanoTime();
        Object result = call.run();
        Duration time = Duration.ofNanos(System.nanoTime() - start);
        boolean ended = state() == TransactionState.IDLE;
        SessionProbe.State now = probe.read();
        statements.add(trace(sql, time, true, ended, last, now, locks(last, now)));
        last = now;
        return result;
    }

    private Object alone(String sql, ObservedConnection.Call call) throws SQLException {
        raw.setAutoCommit(false);
        try {
            Object result = inside(sql, call);
            raw.commit();
            ended();
            return result;
        } catch (SQLException e) {
            raw.rollback();
            forget();
            if (!ONLY_OUTSIDE.contains(e.getSQLState())) {
                throw e;
            }
        } finally {
            raw.setAutoCommit(true);
        }
        return outside(sql, call);
    }

    private Object outside(String sql, ObservedConnection.Call call) throws SQLException {
        SessionProbe.State before = probe.read();
        Connection helper = scratch.connect();
        helper.setAutoCommit(false);
        List<String> tables = before.relations().values().stream()
                .filter(SessionProbe.Relation::isTable).map(SessionProbe.Relation::name).toList();
        try (HeldUpStatement held = new HeldUpStatement(helper, side, SessionProbe.pid(raw), tables)) {
            Object result = call.run();
            Duration time = Duration.ofNanos(System.nanoTime() - held.releasedAt());
            held.end();
            transactions.add(new TransactionTrace(List.of(
                    trace(sql, time, false, false, before, probe.read(), locks(held.seen())))));
            return result;
        }
    }

    private Object inBatch(String sql, ObservedConnection.Call call) throws SQLException {
        long start = System.nanoTime();
        if (slowestSql == null) {
            batchStart = start;
        }
        Object result = call.run();
        long time = System.nanoTime() - start;
        if (slowestSql == null || time > slowest) {
            slowest = time;
            slowestSql = sql;
        }
        return result;
    }

    @Override
    public void ending() throws SQLException {
        if (transactions != null && batches && slowestSql != null && !raw.getAutoCommit() && !isBroken()) {
            Duration time = Duration.ofNanos(System.nanoTime() - batchStart);
            SessionProbe.State now = probe.read();
            statements.add(trace(slowestSql, time, true, false, now, now, locks(known, now)));
        }
    }

    @Override
    public void ended() {
        if (transactions != null && !statements.isEmpty()) {
            transactions.add(new TransactionTrace(statements));
        }
        forget();
    }

    private void forget() {
        statements.clear();
        last = null;
        slowestSql = null;
    }

    private StatementTrace trace(String sql, Duration time, boolean inside, boolean ended,
            SessionProbe.State before, SessionProbe.State after, Map<String, LockMode> locks) throws SQLException {
        Duration timeout = before.lockTimeout().isZero() || after.lockTimeout().isZero() ? Duration.ZERO
                : before.lockTimeout().compareTo(after.lockTimeout()) > 0 ? before.lockTimeout() : after.lockTimeout();
        return new StatementTrace(sql, time, inside, ended, timeout, locks,
                rows(before, after, SessionProbe.Relation::read), rows(before, after, SessionProbe.Relation::changed),
                rows(before, after, SessionProbe.Relation::inserted), rewritten(before, after));
    }

    /** The locks that are new or stronger since. */
    private Map<String, LockMode> locks(SessionProbe.State before, SessionProbe.State after) {
        Map<String, LockMode> had = locks(before);
        Map<String, LockMode> has = locks(after);
        has.entrySet().removeIf(lock -> had.containsKey(lock.getKey())
                && had.get(lock.getKey()).compareTo(lock.getValue()) >= 0);
        return has;
    }

    /** An index that is only being made has a lock of its own, which stops nobody from using its table. */
    private Map<String, LockMode> locks(SessionProbe.State state) {
        Map<String, LockMode> locks = new TreeMap<>();
        state.relations().forEach((oid, relation) -> {
            boolean newIndex = relation.owner() != oid && !known.relations().containsKey(oid);
            if (relation.lock() != null && !newIndex) {
                state.table(oid).or(() -> known.table(oid)).ifPresent(table -> locks.merge(table,
                        relation.lock(), (a, b) -> a.compareTo(b) > 0 ? a : b));
            }
        });
        return locks;
    }

    private static Map<String, Long> rows(SessionProbe.State before, SessionProbe.State after,
            ToLongFunction<SessionProbe.Relation> count) {
        Map<String, Long> rows = new TreeMap<>();
        after.relations().forEach((oid, relation) -> {
            SessionProbe.Relation was = before.relations().get(oid);
            long more = count.applyAsLong(relation) - (was == null ? 0 : count.applyAsLong(was));
            if (more > 0) {
                after.table(oid).ifPresent(table -> rows.merge(table, more, Long::sum));
            }
        });
        return rows;
    }

    /** Another file with something in it; without, the table was emptied. */
    private Set<String> rewritten(SessionProbe.State before, SessionProbe.State after) throws SQLException {
        Set<String> rewritten = new TreeSet<>();
        for (Map.Entry<Long, SessionProbe.Relation> entry : after.relations().entrySet()) {
            SessionProbe.Relation was = before.relations().get(entry.getKey());
            SessionProbe.Relation now = entry.getValue();
            if (now.hasRows() && was != null && was.file() != now.file() && probe.hasPages(entry.getKey())) {
                rewritten.add(now.name());
            }
        }
        return rewritten;
    }

    @Override
    public void close() throws SQLException {
        side.close();
    }
}
