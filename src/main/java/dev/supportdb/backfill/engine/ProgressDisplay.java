package dev.supportdb.backfill.engine;

import dev.supportdb.backfill.BackfillPlan;
import dev.supportdb.postgres.Plural;
import dev.supportdb.postgres.Sql;
import dev.supportdb.postgres.TerminalLine;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import liquibase.Scope;
import liquibase.executor.jvm.JdbcExecutor;

/**
 * Prints the progress of a backfill (on a terminal one line that is updated, else a line every ten seconds), what it
 * waits for, and a summary at the end. The figures come from the view {@code backfill_progress}, which counts the
 * workers of all processes.
 */
final class ProgressDisplay implements BackfillWorker.WaitListener {

    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final Duration INTERVAL_ON_TERMINAL = Duration.ofMillis(500);

    private final Connection connection;
    private final RangeQueue list;
    private final BackfillPlan plan;
    private final String what;
    private final RangeQueue.Written before;
    private final TerminalLine terminal;
    private final Consumer<String> say;
    private final WaitLog holds;
    private final long start = System.nanoTime();

    private long said = start;

    /** @param before the rows and batches written before this run */
    ProgressDisplay(Connection connection, RangeQueue list, BackfillPlan plan, BackfillDirection direction,
            RangeQueue.Written before, TerminalLine terminal, Consumer<String> say) {
        this.connection = connection;
        this.list = list;
        this.plan = plan;
        this.what = direction.marker(plan);
        this.before = before;
        this.terminal = terminal;
        this.say = say;
        this.holds = new WaitLog(what, say);
    }

    /** Records the reason at once, and prints it if it lasts. */
    @Override
    public void waitingBecause(String reason) throws SQLException {
        if (holds.note(reason)) {
            list.waitFor(reason);
            connection.commit();
        }
    }

    /** Prints nothing: the reason why a batch was refused is recorded with its range. */
    @Override
    public void refused(String why) {
        holds.refused(why);
    }

    void sayWhenDue() throws SQLException {
        long now = System.nanoTime();
        if (now - said >= INTERVAL_ON_TERMINAL.toNanos() && TerminalLine.isThere()) {
            said = now;
            terminal.show(line());
        } else if (now - said >= INTERVAL.toNanos()) {
            said = now;
            say.accept(line());
        }
    }

    private String line() throws SQLException {
        String progress = Sql.text(connection, """
                select concat_ws(', ',
                    to_char(rows_done, 'FM999,999,999,999,990') || ' rows of ' || ?,
                    percent || ' %',
                    to_char(rows_per_second, 'FM999,999,990') || ' rows/s',
                    time_left || ' left',
                    last_batch_ms || ' ms a batch',
                    'waits: ' || waiting_for)
                from backfill_progress where name = ?
                """, plan.table(), plan.name());
        connection.rollback();
        return what + ": " + progress;
    }

    void end() throws SQLException {
        RangeQueue.Written all = list.written();
        long rows = all.rows() - before.rows();
        // Adds the rows to the sum that Liquibase reports for its own statements.
        AtomicInteger sum = Scope.getCurrentScope().get(JdbcExecutor.ROWS_AFFECTED_SCOPE_KEY, AtomicInteger.class);
        if (sum != null) {
            sum.addAndGet(Math.toIntExact(Math.min(rows, Integer.MAX_VALUE - (long) sum.get())));
        }
        say.accept(String.format(Locale.ROOT, "%s: %s of %s in %s, %.1f s", what,
                Plural.of(rows, "row"), plan.table(), Plural.of(all.batches() - before.batches(), "batch"),
                (System.nanoTime() - start) / 1e9));
    }
}
