package dev.supportdb.backfill.engine;

import dev.supportdb.backfill.BackfillPlan;
import dev.supportdb.postgres.Sql;
import dev.supportdb.postgres.TerminalLine;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Says how far a backfill is, on a terminal in a line that moves, else in a line every ten seconds; what it waits for,
 * and at the end what it did. The figures are those of the view {@code backfill_progress}, which count the
 * workers of every process.
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

    /** @param before what had been written when this run began */
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

    /** On record at once, said when it lasts. */
    @Override
    public void waitingBecause(String reason) throws SQLException {
        if (holds.note(reason)) {
            list.waitFor(reason);
            connection.commit();
        }
    }

    /** What refused a batch is on record with its range. */
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
        say.accept(String.format(Locale.ROOT, "%s: %,d rows of %s in %,d batches, %.1f s", what,
                all.rows() - before.rows(), plan.table(), all.batches() - before.batches(),
                (System.nanoTime() - start) / 1e9));
    }
}
