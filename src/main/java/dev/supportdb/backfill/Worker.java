package dev.supportdb.backfill;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/**
 * One worker of a backfill, on a connection of its own: it takes a key range, reads which of its rows are pending, and
 * writes them in short transactions.
 *
 * <p>A batch locks its rows in key order, then computes and writes in a new statement. The order of the two is what
 * makes it right: under READ COMMITTED a statement that has waited for a row lock re-reads that row only, so an
 * aggregate computed by the statement that waits is stale (PostgreSQL's executor README, "EvalPlanQual"). A statement
 * that starts once the locks are held sees everything its rows' writers have committed.
 */
final class Worker {

    private static final long POLL_MILLIS = 200;
    private static final Duration WAITING_INTERVAL = Duration.ofMillis(250);

    private final Connection connection;
    private final Plan plan;
    private final Pass pass;
    private final Pace pace;
    private final WorkList list;

    /** The first rows of a page take many times as long as those that find room on it later. */
    private final BatchSize firstSize = new BatchSize();
    private final BatchSize laterSize = new BatchSize();

    private final Transactions transactions;
    private final Health health;
    private final RoomOnPages room;
    private final Holding held;

    /** The range at hand and its keys that are left; null before one is begun, and before its keys are read. */
    private WorkList.Range range;
    private Strides keys;
    private boolean reading;

    private Wish wish;
    private Batch batch;
    private int waiting;
    private long askedForWaiting = System.nanoTime();

    /** Is told what a worker waits for, and null when it goes on; outside a transaction. */
    interface Holding {
        void because(String reason) throws SQLException;
    }

    /** What a step came to. */
    private enum Step { WROTE, LOOKED, FINISHED, PAUSED, HELD, CANCELLED, BUSY, DONE }

    private record Batch(long start, int keys) {}

    Worker(Connection connection, Plan plan, Direction direction, Pace pace, Holding held) {
        this.connection = connection;
        this.plan = plan;
        this.pass = direction.pass(plan);
        this.pace = pace;
        this.list = new WorkList(connection, plan, direction);
        this.transactions = new Transactions(connection, plan, direction, this::refused);
        this.health = new Health(connection, plan.table(), pace.holds());
        this.room = new RoomOnPages(connection, plan.table());
        this.held = held;
    }

    /** How many workers were wanted when it last looked. */
    int workers() {
        return wish == null ? 1 : wish.workers(pace);
    }

    /** Does the next thing there is to do; false when nothing is left. */
    boolean step() throws SQLException {
        String reason = waiting > 0 ? waiting + " session(s) waited for rows of the last batch" : health.reason();
        waiting = 0;
        Step step = transactions.run(now -> step(now, reason != null));
        switch (step) {
            case WROTE -> wrote(Duration.ofNanos(System.nanoTime() - batch.start()));
            case FINISHED -> leave();
            case PAUSED -> hold("paused");
            case HELD -> hold(reason);
            case CANCELLED -> throw new SQLException("it was cancelled");
            case BUSY -> Transactions.sleep(POLL_MILLIS / 10);
            default -> { }
        }
        if (step != Step.PAUSED && step != Step.HELD) {
            held.because(null);
        }
        return step != Step.DONE;
    }

    private void hold(String reason) throws SQLException {
        held.because(reason);
        Transactions.sleep(POLL_MILLIS);
    }

    /** What is kept in memory moves when the transaction is through, and not before. */
    private void wrote(Duration time) throws SQLException {
        size().took(batch.keys(), time, wish.target(pace));
        if (waiting > 0) {
            size().refused();
        }
        keys.done(batch.keys());
        if (keys.isEmpty()) {
            leave();
        }
        Transactions.sleep(Math.round(time.toMillis() * wish.rest(pace)));
    }

    private BatchSize size() {
        return keys != null && keys.isLater() ? laterSize : firstSize;
    }

    private void refused(SQLException because) throws SQLException {
        if (range != null) {
            size().refused();
        }
        held.because(because.getMessage().replaceAll("\\s+", " "));
    }

    private void leave() {
        if (keys != null && keys.areApart()) {
            room.judge();
        }
        range = null;
        keys = null;
    }

    private Step step(Wish now, boolean hold) throws SQLException {
        wish = now;
        if (now.isCancel()) {
            return Step.CANCELLED;
        }
        if (now.isPause() || hold) {
            return now.isPause() ? Step.PAUSED : Step.HELD;
        }
        if (range == null) {
            return begin();
        }
        if (!list.claim(range)) {
            return Step.FINISHED;
        }
        return keys == null ? read() : write();
    }

    private Step begin() throws SQLException {
        Optional<WorkList.Range> next = list.begin(Strides.range(laterSize.rows()));
        if (next.isEmpty()) {
            next = list.takeOver();
        }
        if (next.isEmpty()) {
            return list.isDone() ? Step.DONE : Step.BUSY;
        }
        range = next.get();
        return Step.LOOKED;
    }

    /** Looks through the range once, which also has the server fetch its pages while nobody's row is locked. */
    private Step read() throws SQLException {
        if (reading) {
            reading = false;
            list.giveBack(range);
            return Step.FINISHED;
        }
        reading = true;
        long[] pending = list.keys(range);
        reading = false;
        if (pending.length == 0) {
            list.finish(range);
            return Step.FINISHED;
        }
        list.pending(range, pending.length);
        keys = pending.length > firstSize.rows() && room.isExpected()
                ? Strides.apart(pending) : Strides.straight(pending);
        return Step.LOOKED;
    }

    private Step write() throws SQLException {
        long start = System.nanoTime();
        long[] next = keys.next(size().rows());
        Array locked = lock(next);
        long rows = locked == null ? 0 : write(locked);
        room.look(keys.isLater());
        if (start - askedForWaiting >= WAITING_INTERVAL.toNanos()) {
            waiting = Health.waiting(connection);
            askedForWaiting = start;
        }
        list.advance(range, rows, Duration.ofNanos(System.nanoTime() - start).toMillis());
        if (keys.isLast(next.length)) {
            list.finish(range);
        }
        batch = new Batch(start, next.length);
        return Step.WROTE;
    }

    /** The keys of those rows that are still pending, now locked; null when there are none. */
    private Array lock(long[] next) throws SQLException {
        try (PreparedStatement lock = connection.prepareStatement("""
                select array_agg(id) from (
                    select id::bigint from %s where id = any(?) and (%s) order by id for no key update) locked
                """.formatted(plan.table(), pass.pending()))) {
            lock.setObject(1, next);
            try (ResultSet row = lock.executeQuery()) {
                row.next();
                return row.getArray(1);
            }
        }
    }

    private long write(Array locked) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(Plan.bounded(pass.statement(), "?"))) {
            for (int i = 1; i <= Plan.places(pass.statement()); i++) {
                statement.setArray(i, locked);
            }
            return statement.executeUpdate();
        }
    }
}
