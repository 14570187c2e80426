package dev.supportdb.backfill.engine;

import dev.supportdb.backfill.BackfillPlan;
import dev.supportdb.backfill.BackfillSteps;
import dev.supportdb.postgres.ConnectionSource;
import dev.supportdb.postgres.LockRetry;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.Consumer;

/** Runs one direction of a plan from where it stands to its end: what stands around the batches, and the workers. */
public final class BatchRun {

    private final Connection connection;
    private final ConnectionSource more;
    private final BackfillPlan plan;
    private final Direction direction;
    private final BackfillSteps pass;
    private final Pace pace;
    private final Consumer<String> say;
    private final WorkList list;

    /**
     * @param connection the first worker's, not in auto-commit mode
     * @param more       where further workers get theirs; null where none can be had
     */
    public BatchRun(Connection connection, ConnectionSource more, BackfillPlan plan, Direction direction, Pace pace, Consumer<String> say) {
        this.connection = connection;
        this.more = more;
        this.plan = plan;
        this.direction = direction;
        this.pass = direction.pass(plan);
        this.pace = pace;
        this.say = say;
        this.list = new WorkList(connection, plan, direction);
    }

    /** Runs to the end. */
    public void run() throws SQLException {
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
        // Together with what is prepared: from here on there is something to undo.
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

    /** One transaction, tried again when it could not get a lock. */
    private void patiently(Work work) throws SQLException {
        LockRetry backoff = new LockRetry(connection, say);
        while (true) {
            try {
                work.run();
                connection.commit();
                return;
            } catch (SQLException e) {
                Transactions.rollback(connection);
                if (!backoff.again(e)) {
                    throw new SQLException(backoff.last(e), e.getSQLState(), e);
                }
            }
        }
    }

    private void batches() throws SQLException {
        WorkList.Written before = list.written();
        connection.commit();
        TerminalLine terminal = new TerminalLine();
        Consumer<String> say = terminal.before(this.say);
        Progress progress = new Progress(connection, list, plan, direction, before, terminal, say);
        Health health = new Health(plan.table(), pace.holds());
        Vacuum vacuum = new Vacuum(connection, plan.table(), progress);
        Worker first = new Worker(connection, plan, direction, pace, health, progress);
        try (terminal; Crew crew = new Crew(connection, more, plan, direction, pace, health, say)) {
            while (first.step()) {
                crew.be(first.workers());
                if (pace.vacuum()) {
                    vacuum.whenDue();
                }
                progress.sayWhenDue();
            }
        }
        progress.end();
    }

    private void script(String sql) throws SQLException {
        if (sql != null) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(sql);
            }
        }
    }
}
