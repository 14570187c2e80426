package dev.supportdb.backfill.engine;

import dev.supportdb.backfill.BackfillPlan;
import dev.supportdb.postgres.ConnectionSource;
import dev.supportdb.postgres.Plural;
import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * The workers besides the first, as many as are requested. The first failure stops them all, since the others would
 * fail for the same reason.
 */
final class WorkerPool implements AutoCloseable {

    private static final int ROOM = 10;

    private final Connection first;
    private final ConnectionSource more;
    private final BackfillPlan plan;
    private final BackfillDirection direction;
    private final BackfillSettings settings;
    private final Throttle throttle;
    private final Consumer<String> say;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<SQLException> failure = new AtomicReference<>();
    private volatile int requestedWorkers;
    private boolean alone;

    /**
     * @param first the connection of the first worker
     * @param more  opens the connections of the others; null if none can be opened
     */
    WorkerPool(Connection first, ConnectionSource more, BackfillPlan plan, BackfillDirection direction,
            BackfillSettings settings, Throttle throttle, Consumer<String> say) {
        this.first = first;
        this.more = more;
        this.plan = plan;
        this.direction = direction;
        this.settings = settings;
        this.throttle = throttle;
        this.say = say;
    }

    /** Starts or stops workers to reach this number, including the first. Throws the failure of a worker. */
    void resize(int workers) throws SQLException {
        requestedWorkers = workers;
        SQLException failed = failure.getAndSet(null);
        if (failed != null) {
            throw failed;
        }
        threads.removeIf(thread -> !thread.isAlive());
        while (threads.size() + 1 < workers && !alone) {
            add(threads.size() + 1);
        }
    }

    private void add(int number) {
        try {
            if (more == null) {
                throw new SQLException("the caller cannot open a second one");
            }
            leaveRoom();
            Connection connection = more.reopen();
            Thread thread = new Thread(() -> work(connection, number), plan.name() + "-" + (number + 1));
            threads.add(thread);
            thread.start();
        } catch (SQLException e) {
            alone = true;
            say.accept("%s: continuing with %s: could not open another connection (%s)".formatted(
                    direction.marker(plan), Plural.of(number, "worker"), e.getMessage()));
        }
    }

    /** Keeps connections free for applications. A backfill can do without one; an application cannot. */
    private void leaveRoom() throws SQLException {
        long left = Sql.number(first, """
                select current_setting('max_connections')::integer
                    - current_setting('superuser_reserved_connections')::integer - sum(numbackends)
                from pg_stat_database
                """);
        first.rollback();
        if (left <= ROOM) {
            throw new SQLException("the server has %d free connections, and %d are reserved for applications"
                    .formatted(left, ROOM));
        }
    }

    private void work(Connection connection, int number) {
        try (connection) {
            connection.setAutoCommit(false);
            BackfillWorker worker = new BackfillWorker(connection, plan, direction, settings, throttle, new Refusals(
                    new WaitLog("%s, worker %d".formatted(direction.marker(plan), number + 1), say)));
            while (number < requestedWorkers && worker.step()) {
                // Each step is a complete unit, so the loop has nothing to do.
            }
            connection.rollback();
        } catch (SQLException e) {
            failure.compareAndSet(null, e);
        } catch (RuntimeException e) {
            failure.compareAndSet(null, new SQLException(e.toString(), e));
        }
    }

    /** Reports refusals. Only the first worker reports a reason that applies to all of them. */
    private record Refusals(WaitLog lines) implements BackfillWorker.WaitListener {

        @Override
        public void waitingBecause(String reason) {
            if (reason == null) {
                lines.waitingBecause(null);
            }
        }

        @Override
        public void refused(String why) {
            lines.refused(why);
        }
    }

    /** Waits until all workers have finished their batch. Throws the failure of a worker. */
    void await() throws SQLException {
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SQLException("interrupted", e);
            }
        }
        resize(1);
    }

    @Override
    public void close() throws SQLException {
        requestedWorkers = 0;
        await();
    }
}
