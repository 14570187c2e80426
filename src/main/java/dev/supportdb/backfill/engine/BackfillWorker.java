package dev.supportdb.backfill.engine;

import dev.supportdb.backfill.BackfillPlan;
import dev.supportdb.backfill.BackfillSteps;
import dev.supportdb.postgres.Pause;
import dev.supportdb.postgres.Plural;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/**
 * One worker of a backfill, with its own connection: it takes a key range, reads which of its rows are pending, and
 * writes them in short transactions. Each step is one transaction, followed by an action after its commit.
 */
final class BackfillWorker {

    private static final long POLL_MILLIS = 200;
    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final Duration WAITING_INTERVAL = Duration.ofMillis(250);

    private final Connection connection;
    private final BackfillPlan plan;
    private final BackfillSteps pass;
    private final BackfillSettings settings;
    private final RangeQueue queue;
    private final RangeAtHand range;
    private final RestPeriod rest = new RestPeriod();
    private final RetryingTransaction transactions;
    private final Throttle throttle;
    private final BlockerLookup blockers;
    private final BatchWriter rows;
    private final WaitListener listener;

    /** The control row as read at the start of the last transaction; null before the first. */
    private ControlRow control;

    private boolean planned;
    private boolean waited;

    /** Failed tries since the last success. */
    private int failedTries;

    /** The number of sessions that waited for rows of the last batch, and the time of that query. */
    private int waitingSessions;
    private long askedForWaiting = System.nanoTime();

    /** Receives what a worker waits for. Called outside a transaction. */
    interface WaitListener {

        /** @param reason applies to all workers; null when they resume */
        void waitingBecause(String reason) throws SQLException;

        /** @param why the reason why a batch of this worker was refused; the batch is retried */
        void refused(String why);
    }

    /** The next action, after the commit of a transaction. */
    private interface AfterCommit {

        /** Returns false when the backfill has nothing left to do. */
        boolean run() throws SQLException;
    }

    BackfillWorker(Connection connection, BackfillPlan plan, BackfillDirection direction, BackfillSettings settings,
            Throttle throttle, WaitListener listener) {
        this.connection = connection;
        this.plan = plan;
        this.pass = direction.pass(plan);
        this.settings = settings;
        this.queue = new RangeQueue(connection, plan, direction);
        this.range = new RangeAtHand(queue, new HotUpdateMonitor(connection, plan.table()), settings.sameOrder());
        this.transactions = new RetryingTransaction(connection, plan, direction, this::refused);
        this.throttle = throttle;
        this.blockers = new BlockerLookup(connection, plan.table());
        this.rows = new BatchWriter(connection, plan, direction);
        this.listener = listener;
    }

    /** The number of workers requested at the last read of the control row. */
    int workers() {
        return control == null ? 1 : control.workers(settings);
    }

    /** Does the next step; returns false when nothing is left. */
    boolean step() throws SQLException {
        String reason = waitingSessions > 0
                ? Plural.of(waitingSessions, "session") + " waited for rows of the last batch"
                : throttle.reason(connection);
        waitingSessions = 0;
        AfterCommit next = transactions.run(now -> inTransaction(now, reason));
        failedTries = 0;
        return next.run();
    }

    /** @param reason why all workers must wait, or null */
    private AfterCommit inTransaction(ControlRow now, String reason) throws SQLException {
        control = now;
        if (now.isCancel()) {
            return this::cancel;
        }
        if (now.isPause() || reason != null) {
            return () -> waitFor(now.isPause() ? "paused" : reason);
        }
        if (!planned) {
            new FullScanGuard(connection, plan, pass).refuseWholeTables();
            planned = true;
        }
        if (!rest.isOver(now.restRatio(settings))) {
            return this::rest;
        }
        if (range.isNone()) {
            return take();
        }
        if (!range.claim()) {
            return this::leave;
        }
        return range.isRead() ? write() : read();
    }

    private AfterCommit take() throws SQLException {
        Optional<RangeQueue.Range> next = queue.begin(range.length(), workers());
        if (next.isEmpty()) {
            next = queue.takeOver();
        }
        if (next.isEmpty()) {
            return queue.isDone() ? this::done : this::waitForOthers;
        }
        range.take(next.get());
        return this::resumed;
    }

    private AfterCommit read() throws SQLException {
        return range.read() ? this::resumed : this::leave;
    }

    private AfterCommit write() throws SQLException {
        long start = System.nanoTime();
        if (waited) {
            range.resume();
        }
        RangeAtHand.Batch batch = range.write(rows);
        if (start - askedForWaiting >= WAITING_INTERVAL.toNanos()) {
            waitingSessions = Throttle.waiting(connection);
            askedForWaiting = start;
        }
        range.advance(batch, Duration.ofNanos(System.nanoTime() - start));
        return () -> written(batch, Duration.ofNanos(System.nanoTime() - start));
    }

    private boolean written(RangeAtHand.Batch batch, Duration time) throws SQLException {
        range.written(batch, time, control.batchTime(settings), waitingSessions > 0);
        waited = false;
        rest.begin(time);
        return rest();
    }

    private boolean rest() throws SQLException {
        rest.pause(control.restRatio(settings));
        return resumed();
    }

    private boolean leave() throws SQLException {
        range.leave();
        return resumed();
    }

    private boolean resumed() throws SQLException {
        listener.waitingBecause(null);
        return true;
    }

    private boolean done() throws SQLException {
        listener.waitingBecause(null);
        return false;
    }

    private boolean waitFor(String reason) throws SQLException {
        waited = true;
        listener.waitingBecause(reason);
        Pause.of(POLL_MILLIS);
        return true;
    }

    /** Waits while other workers have the last ranges. */
    private boolean waitForOthers() throws SQLException {
        Pause.of(POLL_MILLIS / 10);
        return true;
    }

    private boolean cancel() throws SQLException {
        queue.waitFor(null);
        connection.commit();
        throw new SQLException("it was cancelled");
    }

    /** Records a failed try, and returns how many there were. Called outside a transaction. */
    private int refused(SQLException failure) throws SQLException {
        failedTries++;
        String blocker = LOCK_NOT_AVAILABLE.equals(failure.getSQLState()) ? blockers.of(range.nextKeys()) : null;
        String why = blocker == null ? failure.getMessage().replaceAll("\\s+", " ") : blocker;
        if (range.isNone()) {
            listener.waitingBecause(why);
            return failedTries;
        }
        int tries = range.refuse(why);
        connection.commit();
        listener.refused(why);
        return Math.max(failedTries, tries);
    }
}
