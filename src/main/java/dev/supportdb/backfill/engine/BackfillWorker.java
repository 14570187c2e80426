package dev.supportdb.backfill.engine;

import dev.supportdb.backfill.BackfillPlan;
import dev.supportdb.backfill.BackfillSteps;
import dev.supportdb.postgres.Pause;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * One worker of a backfill, on a connection of its own: it takes a key range, reads which of its rows are pending, and
 * writes them in short transactions.
 */
final class BackfillWorker {

    private static final long POLL_MILLIS = 200;
    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final Duration WAITING_INTERVAL = Duration.ofMillis(250);

    private final Connection connection;
    private final BackfillPlan plan;
    private final BackfillSteps pass;
    private final BackfillSettings settings;
    private final RangeQueue list;

    /** The first rows of a page take many times as long as those that find room on it later. */
    private final BatchSize firstSize = new BatchSize();
    private final BatchSize laterSize = new BatchSize();

    private final RetryingTransaction transactions;
    private final Throttle throttle;
    private final BlockerLookup blockers;
    private final BatchWriter rows;
    private final HotUpdateMonitor room;
    private final WaitListener waitingFor;

    /** The range at hand and its keys that are left; null before one is begun, and before its keys are read. */
    private RangeQueue.Range range;
    private StridedKeys keys;
    private boolean reading;

    /** The keys of the range that were passed over, because someone else was at their rows. */
    private long[] left = {};

    private boolean planned;

    /** How many tries have failed since the last that did not. */
    private int failed;

    private ControlRow control;
    private Batch batch;
    private Duration worked = Duration.ZERO;
    private long rested = System.nanoTime();
    private boolean wasHeld;
    private int waiting;
    private long askedForWaiting = System.nanoTime();

    /** Is told what a worker waits for; outside a transaction. */
    interface WaitListener {

        /** @param reason for all workers; null when it goes on */
        void waitingBecause(String reason) throws SQLException;

        /** @param why this worker's batch was; it is tried again */
        void refused(String why);
    }

    /** What a step came to. */
    private enum Step { WROTE, LOOKED, FINISHED, RESTED, PAUSED, HELD, CANCELLED, BUSY, DONE }

    private record Batch(long start, int keys, long[] left) {}

    BackfillWorker(Connection connection, BackfillPlan plan, BackfillDirection direction, BackfillSettings settings,
            Throttle throttle, WaitListener waitingFor) {
        this.connection = connection;
        this.plan = plan;
        this.pass = direction.pass(plan);
        this.settings = settings;
        this.list = new RangeQueue(connection, plan, direction);
        this.transactions = new RetryingTransaction(connection, plan, direction, this::refused);
        this.throttle = throttle;
        this.blockers = new BlockerLookup(connection, plan.table());
        this.rows = new BatchWriter(connection, plan, direction);
        this.room = new HotUpdateMonitor(connection, plan.table());
        this.waitingFor = waitingFor;
    }

    /** How many workers were wanted when it last looked. */
    int workers() {
        return control == null ? 1 : control.workers(settings);
    }

    /** Does the next thing there is to do; false when nothing is left. */
    boolean step() throws SQLException {
        String reason = waiting > 0 ? waiting + " session(s) waited for rows of the last batch"
                : throttle.reason(connection);
        waiting = 0;
        Step step = transactions.run(now -> step(now, reason != null));
        failed = 0;
        switch (step) {
            case WROTE -> wrote(Duration.ofNanos(System.nanoTime() - batch.start()));
            case FINISHED -> leave();
            case RESTED -> rest();
            case PAUSED -> waitFor("paused");
            case HELD -> waitFor(reason);
            case CANCELLED -> {
                list.waitFor(null);
                connection.commit();
                throw new SQLException("it was cancelled");
            }
            case BUSY -> Pause.of(POLL_MILLIS / 10);
            default -> { }
        }
        if (step != Step.PAUSED && step != Step.HELD && step != Step.BUSY) {
            waitingFor.waitingBecause(null);
        }
        return step != Step.DONE;
    }

    private void waitFor(String reason) throws SQLException {
        wasHeld = true;
        waitingFor.waitingBecause(reason);
        Pause.of(POLL_MILLIS);
    }

    /** What is kept in memory moves when the transaction is through, and not before. */
    private void wrote(Duration time) throws SQLException {
        size().took(batch.keys(), time, control.batchTime(settings));
        if (waiting > 0) {
            size().refused();
        }
        keys.done(batch.keys());
        left = both(left, batch.left());
        wasHeld = false;
        if (keys.isEmpty() && left.length > 0) {
            judge();
            keys = null;
        } else if (keys.isEmpty()) {
            leave();
        }
        worked = time;
        rested = System.nanoTime();
        rest();
    }

    /** In short turns, so that a wish that comes meanwhile is heard. */
    private void rest() throws SQLException {
        Pause.of(Math.min(POLL_MILLIS, restMillis()));
    }

    /** What is left of the rest that the last batch has earned. */
    private long restMillis() {
        return control == null ? 0 : Math.max(0, Math.round(
                (worked.toNanos() * control.restRatio(settings) - (System.nanoTime() - rested)) / 1e6));
    }

    private static long[] both(long[] some, long[] more) {
        return LongStream.concat(LongStream.of(some), LongStream.of(more)).toArray();
    }

    private BatchSize size() {
        return keys != null && keys.isLater() ? laterSize : firstSize;
    }

    /** The range counts for all workers: one that takes it over begins where this one gives up. */
    private int refused(SQLException because) throws SQLException {
        failed++;
        String blocker = LOCK_NOT_AVAILABLE.equals(because.getSQLState())
                ? blockers.of(keys == null ? null : keys.next(size().rows())) : null;
        String why = blocker == null ? because.getMessage().replaceAll("\\s+", " ") : blocker;
        if (range == null) {
            waitingFor.waitingBecause(why);
            return failed;
        }
        size().refused();
        if (reading) {
            laterSize.refused();
        }
        int counted = list.refuse(range, why);
        connection.commit();
        waitingFor.refused(why);
        return Math.max(failed, counted);
    }

    private void leave() {
        judge();
        range = null;
        keys = null;
        left = new long[0];
    }

    private void judge() {
        if (keys != null && keys.areApart()) {
            room.judge();
        }
    }

    private Step step(ControlRow now, boolean hold) throws SQLException {
        control = now;
        if (now.isCancel()) {
            return Step.CANCELLED;
        }
        if (now.isPause() || hold) {
            return now.isPause() ? Step.PAUSED : Step.HELD;
        }
        if (!planned) {
            new FullScanGuard(connection, plan, pass).refuseWholeTables();
            planned = true;
        }
        if (restMillis() > 0) {
            return Step.RESTED;
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
        Optional<RangeQueue.Range> next = list.begin(StridedKeys.range(laterSize.rows()), workers());
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
        long[] pending = left.length == 0 ? list.keys(range) : list.keys(left);
        reading = false;
        if (pending.length == 0) {
            list.finish(range);
            return Step.FINISHED;
        }
        list.pending(range, pending.length);
        left = new long[0];
        keys = pending.length > firstSize.rows() && room.isExpected()
                ? StridedKeys.apart(pending) : StridedKeys.straight(pending);
        return Step.LOOKED;
    }

    private Step write() throws SQLException {
        long start = System.nanoTime();
        if (wasHeld) {
            list.goOnAt(range);
        }
        long[] next = keys.next(size().rows());
        BatchWriter.Written written = rows.write(next);
        room.look(keys.isLater());
        if (start - askedForWaiting >= WAITING_INTERVAL.toNanos()) {
            waiting = Throttle.waiting(connection);
            askedForWaiting = start;
        }
        list.advance(range, written.rows(), Duration.ofNanos(System.nanoTime() - start).toMillis());
        batch = new Batch(start, next.length, written.left());
        if (keys.isLast(next.length) && left.length + written.left().length == 0) {
            list.finish(range);
        }
        return Step.WROTE;
    }
}
