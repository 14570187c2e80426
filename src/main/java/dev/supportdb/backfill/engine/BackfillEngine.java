package dev.supportdb.backfill.engine;

import dev.supportdb.backfill.BackfillPlan;
import dev.supportdb.postgres.ConnectionSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Consumer;

/** The entry point of the engine: runs a plan, joins a run of it, or writes it as a script. */
public final class BackfillEngine {

    private final BackfillPlan plan;

    public BackfillEngine(BackfillPlan plan) {
        this.plan = plan;
    }

    /**
     * Runs one direction to its end.
     *
     * @param connection the first worker's, not in auto-commit mode
     * @param more       makes the connections of further workers; null if none can be had
     * @param say        receives the progress
     */
    public void run(Connection connection, ConnectionSource more, BackfillDirection direction, Consumer<String> say)
            throws SQLException {
        new BackfillRun(connection, more, plan, direction, BackfillSettings.asSet(), say).run();
    }

    /**
     * Joins a run that another process started.
     *
     * @param connection for this worker alone
     * @param say        receives what it waits for, when it lasts
     * @return false when there was no run to take part in
     */
    public boolean join(Connection connection, Consumer<String> say) throws SQLException {
        connection.setAutoCommit(false);
        Optional<BackfillDirection> direction = RangeQueue.underWay(connection, plan);
        connection.commit();
        if (direction.isEmpty()) {
            return false;
        }
        BackfillSettings settings = BackfillSettings.asSet();
        BackfillWorker worker = new BackfillWorker(connection, plan, direction.get(), settings,
                new Throttle(plan.table(), settings.holds()), new WaitLog(direction.get().marker(plan), say));
        while (worker.step()) {
            // Each step is a complete unit, so the loop has nothing to do.
        }
        return true;
    }

    /** Returns SQL for review, which does the same when it is run by hand. */
    public String script(BackfillDirection direction) {
        return new BatchScript(plan, direction).text();
    }
}
