package dev.supportdb.backfill;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * The workers beside the first, as many as are wanted at the moment. The first that fails stops them all: what went
 * wrong for one will for the next.
 */
final class Crew implements AutoCloseable {

    private final Reopenable more;
    private final Plan plan;
    private final Direction direction;
    private final Pace pace;
    private final Consumer<String> say;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<SQLException> failure = new AtomicReference<>();
    private volatile int wanted;
    private boolean alone;

    /** @param more where their connections come from; null where none can be had */
    Crew(Reopenable more, Plan plan, Direction direction, Pace pace, Consumer<String> say) {
        this.more = more;
        this.plan = plan;
        this.direction = direction;
        this.pace = pace;
        this.say = say;
    }

    /** Sees to it that so many work, the first included; throws what one of them failed with. */
    void be(int workers) throws SQLException {
        wanted = workers;
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
                throw new SQLException("who opened this one has not said how");
            }
            Connection connection = more.reopen();
            Thread thread = new Thread(() -> work(connection, number), plan.name() + "-" + (number + 1));
            threads.add(thread);
            thread.start();
        } catch (SQLException e) {
            alone = true;
            say.accept("%s: goes on with %d worker(s), for no further connection can be had: %s".formatted(
                    direction.marker(plan), number, e.getMessage()));
        }
    }

    private void work(Connection connection, int number) {
        try (connection) {
            connection.setAutoCommit(false);
            Worker worker = new Worker(connection, plan, direction, pace, reason -> { });
            while (number < wanted && worker.step()) {
                // Each step is whole.
            }
            connection.rollback();
        } catch (SQLException e) {
            failure.compareAndSet(null, e);
        }
    }

    /** Lets everyone end the batch at hand; throws what one of them failed with. */
    void await() throws SQLException {
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SQLException("interrupted", e);
            }
        }
        be(1);
    }

    @Override
    public void close() throws SQLException {
        wanted = 0;
        await();
    }
}
