package dev.supportdb.review;

import dev.supportdb.postgres.Sql;
import dev.supportdb.postgres.SqlLexer;
import dev.supportdb.verify.ScratchDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
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
 * <p>In a transaction, it reads the state after each statement, in the same session. A statement that commits by itself
 * is put into a transaction for this. If the server refuses that, the statement is delayed until its locks are read.
 * The short transactions of a backfill are read once, before their commit, so that watching does not slow them down.
 */
final class SessionWatch implements ObservedConnection.Observer, AutoCloseable {

    /** SQLSTATEs "cannot run inside a transaction block" and "invalid transaction termination" (by a procedure). */
    private static final Set<String> ONLY_OUTSIDE = Set.of("25001", "2D000");

    /** Statements of every run that belong to no changeset: for its history, its lock and its settings. */
    private static final Pattern OF_THE_TOOL = Pattern.compile(
            "(?is)show search_path|.*\\bdatabasechangelog(lock)?\\b.*|.*\\bpg_locks\\b.*"
            + "|.*\\bsynchronous_standby_names\\b.*|set statement_timeout = \\d+"
            + "|set lock_timeout = '\\w+';.*application_name.*|set lock_timeout = '(100ms|10min)'\\s*"
            + "|set (local )?(session |transaction ).*");

    /** A statement that starts a transaction, which must not run in a transaction that the watch has started. */
    private static final Pattern BEGINS =
            Pattern.compile("(?is)(begin\\b(?!\\s+atomic)|start\\s+transaction\\b).*");

    private static final Pattern WRITES = Pattern.compile("(?is)\\s*(with|insert|update|delete|merge)\\b.*");

    private static final Pattern MANY_KEYS = Pattern.compile("\\{\\d+(,\\d+){3,}}");

    /** The node of a plan that writes to a table. */
    private static final Pattern WRITES_TABLE = Pattern.compile("^(Insert|Update|Delete|Merge) on (?!backfill)|"
            + "-> *(Insert|Update|Delete|Merge) on (?!backfill)");

    private final ScratchDatabase scratch;
    private final Connection side;

    private Connection raw;
    private int pid;
    private SessionProbe probe;

    /** The transactions of the current changeset; null if there is none. */
    private List<TransactionTrace> transactions;
    private boolean batches;
    private Wal wal;

    /** The plan of a batch's statement; empty before the first batch. */
    private List<String> plan = List.of();
    private final Set<String> explained = new HashSet<>();

    /** The state before the changeset. */
    private SessionProbe.State known;

    /** The statements of the current transaction; the state is null before its first statement. */
    private final List<StatementTrace> statements = new ArrayList<>();
    private SessionProbe.State last;

    private long batchStart;
    private long slowest;
    private String slowestSql;

    SessionWatch(ScratchDatabase scratch) throws SQLException {
        this.scratch = scratch;
        this.side = scratch.connect();
    }

    /** Opens the connection of a migration, in place of the last one. */
    Connection connect() throws SQLException {
        raw = scratch.connect();
        // The rows that a parallel worker reads would be counted in its own session.
        Sql.execute(raw, "set max_parallel_maintenance_workers = 0; set max_parallel_workers_per_gather = 0");
        pid = SessionProbe.pid(raw);
        probe = new SessionProbe(raw, pid);
        return ObservedConnection.of(raw, this);
    }

    /** @param batches whether the changeset is a backfill */
    void begin(boolean batches) throws SQLException {
        this.batches = batches;
        this.transactions = new ArrayList<>();
        this.plan = List.of();
        this.explained.clear();
        this.known = new SessionProbe(side, SessionProbe.pid(side)).read();
        this.wal = wal();
    }

    /** Ends watching; returns the trace since {@link #begin}. */
    PassTrace end() throws SQLException {
        Wal now = wal();
        PassTrace pass = new PassTrace(transactions, now.bytes() - wal.bytes(), now.exact(), null);
        transactions = null;
        return pass;
    }

    /** Ends watching a failed changeset and discards its trace. */
    void abandon() {
        transactions = null;
        forget();
    }

    /** The plan of a batch's statement in the last pass, line by line. */
    List<String> plan() {
        return plan;
    }

    /** @param exact whether it counts the watched session only */
    private record Wal(long bytes, boolean exact) {}

    private Wal wal() throws SQLException {
        if (state() == TransactionState.IDLE) {
            SessionProbe.flush(raw);
            if (!raw.getAutoCommit()) {
                raw.commit();
            }
        }
        Long exact = SessionProbe.wal(side, pid);
        return exact != null ? new Wal(exact, true)
                : new Wal(Sql.number(side, "select pg_current_wal_insert_lsn() - '0/0'"), false);
    }

    @Override
    public Object run(String sql, ObservedConnection.Call call) throws SQLException {
        if (transactions == null || OF_THE_TOOL.matcher(sql).matches() || isBroken()) {
            return call.run();
        }
        if (batches) {
            return inBatch(sql, call);
        }
        return !raw.getAutoCommit() || state() == TransactionState.OPEN ? inside(sql, call)
                : isBegin(sql) ? outside(sql, call) : alone(sql, call);
    }

    private static boolean isBegin(String sql) {
        return BEGINS.matcher(SqlLexer.fromFirstWord(sql)).matches();
    }

    /** Returns whether the transaction has failed, so that the session answers no query before a rollback. */
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
        boolean over = state() == TransactionState.IDLE;
        SessionProbe.State now = probe.read();
        boolean other = !now.transaction().equals(last.transaction());
        statements.add(trace(sql, time, new Transaction(true, other && !over, over || other), last, now,
                locks(last, now)));
        last = now;
        if (over && raw.getAutoCommit()) {
            ended();
        }
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
        SessionProbe.flush(raw);
        SessionProbe.State before = probe.ofServer().read();
        Connection helper = scratch.connect();
        helper.setAutoCommit(false);
        List<String> tables = before.relations().values().stream()
                .filter(SessionProbe.Relation::isTable).map(SessionProbe.Relation::name).toList();
        try (HeldUpStatement held = new HeldUpStatement(helper, side, pid, tables)) {
            Object result = isBegin(sql) ? call.run() : patiently(call);
            Duration time = Duration.ofNanos(System.nanoTime() - held.releasedAt());
            held.end();
            boolean begun = state() == TransactionState.OPEN;
            if (!begun) {
                SessionProbe.flush(raw);
            }
            SessionProbe.State after = probe.ofServer().read();
            transactions.add(new TransactionTrace(List.of(trace(sql, time, new Transaction(false, begun, false),
                    before, after, locks(after.with(held.seen()))))));
            return result;
        }
    }

    /** Runs a delayed statement without a lock timeout, which must not count the time in which its locks are read. */
    private Object patiently(ObservedConnection.Call call) throws SQLException {
        String timeout = Sql.text(raw, "show lock_timeout");
        Sql.execute(raw, "set lock_timeout = 0");
        try {
            return call.run();
        } finally {
            if (!raw.isClosed()) {
                Sql.text(raw, "select set_config('lock_timeout', ?, false)", timeout);
            }
        }
    }

    private Object inBatch(String sql, ObservedConnection.Call call) throws SQLException {
        if (plan.isEmpty() && WRITES.matcher(sql).matches() && explained.add(sql)) {
            plan = plan(call);
        }
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

    /** The plan of a statement; empty if it writes to the engine's tables or has no plan. */
    private List<String> plan(ObservedConnection.Call call) throws SQLException {
        Savepoint before = raw.setSavepoint();
        try {
            List<String> lines = call.explain().stream()
                    .map(line -> MANY_KEYS.matcher(line).replaceAll("{...}")).toList();
            return lines.stream().anyMatch(line -> WRITES_TABLE.matcher(line).find()) ? lines : List.of();
        } catch (SQLException e) {
            raw.rollback(before);
            return List.of();
        }
    }

    @Override
    public void ending() throws SQLException {
        if (transactions != null && batches && slowestSql != null && !raw.getAutoCommit() && !isBroken()) {
            Duration time = Duration.ofNanos(System.nanoTime() - batchStart);
            SessionProbe.State now = probe.read();
            statements.add(trace(slowestSql, time, new Transaction(true, false, false), now, now, locks(known, now)));
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

    /** The place of a statement in its transaction, see {@link StatementTrace}. */
    private record Transaction(boolean inside, boolean begun, boolean ended) {

    }

    private StatementTrace trace(String sql, Duration time, Transaction transaction,
            SessionProbe.State before, SessionProbe.State after, Map<String, LockMode> locks) throws SQLException {
        Duration timeout = before.lockTimeout().isZero() || after.lockTimeout().isZero() ? Duration.ZERO
                : before.lockTimeout().compareTo(after.lockTimeout()) > 0 ? before.lockTimeout() : after.lockTimeout();
        Map<String, String> settings = new TreeMap<>(after.settings());
        settings.entrySet().removeAll(before.settings().entrySet());
        return new StatementTrace(sql, time, transaction.inside(), transaction.begun(), transaction.ended(), timeout,
                locks, rows(before, after, SessionProbe.Relation::read),
                rows(before, after, SessionProbe.Relation::pages),
                rows(before, after, SessionProbe.Relation::changed),
                rows(before, after, SessionProbe.Relation::inserted), rewritten(before, after), built(before, after),
                settings, after.wal() - before.wal());
    }

    /** The locks that are new or stronger than before. */
    private Map<String, LockMode> locks(SessionProbe.State before, SessionProbe.State after) {
        Map<String, LockMode> had = locks(before);
        Map<String, LockMode> has = locks(after);
        has.entrySet().removeIf(lock -> had.containsKey(lock.getKey())
                && had.get(lock.getKey()).compareTo(lock.getValue()) >= 0);
        return has;
    }

    /**
     * The strongest lock of each table. The lock of an index that is being built does not count: it blocks no use of
     * the table.
     */
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

    /** The tables with a new file that is not empty; an empty one means that the table was truncated. */
    private Set<String> rewritten(SessionProbe.State before, SessionProbe.State after) throws SQLException {
        Set<String> rewritten = new TreeSet<>();
        for (Map.Entry<Long, SessionProbe.Relation> entry : after.relations().entrySet()) {
            SessionProbe.Relation was = before.relations().get(entry.getKey());
            SessionProbe.Relation now = entry.getValue();
            if (now.hasRows() && was != null && was.file() != now.file() && probe.size(entry.getKey()) > 0) {
                rewritten.add(now.name());
            }
        }
        return rewritten;
    }

    /** The indexes that are new or have a new file, on tables with rows. */
    private Map<String, Long> built(SessionProbe.State before, SessionProbe.State after) throws SQLException {
        Map<String, Long> built = new TreeMap<>();
        for (Map.Entry<Long, SessionProbe.Relation> entry : after.relations().entrySet()) {
            SessionProbe.Relation was = before.relations().get(entry.getKey());
            SessionProbe.Relation now = entry.getValue();
            boolean index = now.owner() != entry.getKey() && now.file() != 0;
            if (index && (was == null || was.file() != now.file()) && probe.size(now.owner()) > 0) {
                built.put(now.name(), probe.size(entry.getKey()));
            }
        }
        return built;
    }

    @Override
    public void close() throws SQLException {
        side.close();
    }
}
