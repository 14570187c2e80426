package dev.supportdb.backfill.engine;

import dev.supportdb.backfill.BackfillPlan;
import dev.supportdb.backfill.BackfillSteps;
import dev.supportdb.postgres.ConnectionSource;
import dev.supportdb.postgres.LockRetry;
import dev.supportdb.postgres.Sql;
import dev.supportdb.postgres.TerminalLine;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Consumer;

/**
 * Runs one direction of a plan from its current position to its end: the preparation, the workers and the completion.
 */
final class BackfillRun {

    private final Connection connection;
    private final ConnectionSource more;
    private final BackfillPlan plan;
    private final BackfillDirection direction;
    private final BackfillSteps pass;
    private final BackfillSettings settings;
    private final Consumer<String> say;
    private final RangeQueue list;

    /**
     * @param connection the first worker's, not in auto-commit mode
     * @param more       opens the connections of further workers; null if none can be opened
     */
    BackfillRun(Connection connection, ConnectionSource more, BackfillPlan plan, BackfillDirection direction,
            BackfillSettings settings, Consumer<String> say) {
        this.connection = connection;
        this.more = more;
        this.plan = plan;
        this.direction = direction;
        this.pass = direction.pass(plan);
        this.settings = settings;
        this.say = say;
        this.list = new RangeQueue(connection, plan, direction);
    }

    void run() throws SQLException {
        if (list.isUndone()) {
            connection.commit();
            return;
        }
        if (pass.statement() == null) {
            patiently(() -> {
                script(pass.prepare());
                script(pass.finish());
                list.close();
            });
            return;
        }
        // One transaction with the preparation: from now on there is something to undo.
        patiently(() -> {
            script(pass.prepare());
            list.open();
        });
        batches();
        patiently(() -> {
            script(pass.finish());
            list.close();
        });
    }

    private interface Work {
        void run() throws SQLException;
    }

    /** Runs one transaction, and retries it if it cannot get a lock. */
    private void patiently(Work work) throws SQLException {
        LockRetry backoff = new LockRetry(connection, say);
        while (true) {
            try {
                work.run();
                connection.commit();
                return;
            } catch (SQLException e) {
                RetryingTransaction.rollback(connection);
                if (!backoff.mayRetry(e)) {
                    throw new SQLException(backoff.reason(e), e.getSQLState(), e);
                }
            }
        }
    }

    private void batches() throws SQLException {
        RangeQueue.Written before = list.written();
        connection.commit();
        TerminalLine terminal = new TerminalLine();
        Consumer<String> say = terminal.before(this.say);
        ProgressDisplay progress = new ProgressDisplay(connection, list, plan, direction, before, terminal, say);
        Throttle throttle = new Throttle(plan.table(), settings.holds());
        String hidden = Throttle.hiddenStandbys(connection);
        if (hidden != null) {
            say.accept(direction.marker(plan) + ": " + hidden);
        }
        TableVacuum vacuum = new TableVacuum(connection, plan.table(), progress);
        BackfillWorker first = new BackfillWorker(connection, plan, direction, settings, throttle, progress);
        try (terminal; WorkerPool workers = new WorkerPool(connection, more, plan, direction, settings, throttle, say)) {
            while (first.step()) {
                workers.resize(first.workers());
                if (settings.vacuum()) {
                    vacuum.whenDue();
                }
                progress.sayWhenDue();
            }
        }
        progress.end();
    }

    private void script(String sql) throws SQLException {
        if (sql != null) {
            Sql.execute(connection, sql);
        }
    }
}
