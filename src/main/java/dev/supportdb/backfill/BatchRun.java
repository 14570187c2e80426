package dev.supportdb.backfill;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/**
 * Runs one direction of a plan: key range after key range, each a short transaction of its own.
 *
 * <p>A batch locks its rows in key order, then computes and writes in a new statement. The order of the two is what
 * makes it right: under READ COMMITTED a statement that has waited for a row lock re-reads that row only, so an
 * aggregate computed by the statement that waits is stale (PostgreSQL's executor README, "EvalPlanQual"). A statement
 * that starts once the locks are held sees everything its rows' writers have committed.
 */
final class BatchRun {

    /**
     * While a batch waits for one row it keeps others locked, so it waits no longer than an application can bear; the
     * plan is made for the actual key range, never for an average one.
     */
    static final String SETTINGS = """
            set_config('supportdb.backfill', '%s', true),
            set_config('lock_timeout', '100ms', true),
            set_config('plan_cache_mode', 'force_custom_plan', true)""";

    /** Of no use in a script, where the whole loop is one statement. */
    private static final String STATEMENT_TIMEOUT = ", set_config('statement_timeout', '10s', true)";

    /** lock timeout, deadlock, serialisation failure, statement timeout: worth another try. */
    private static final Set<String> PASSING = Set.of("55P03", "40P01", "40001", "57014");

    private static final int TRIES = 60;
    private static final long LONGEST_PAUSE_MILLIS = 5_000;

    private final Connection connection;
    private final Plan plan;
    private final Direction direction;
    private final Pass pass;
    private final Consumer<String> say;
    private final BatchSize size = new BatchSize();

    BatchRun(Connection connection, Plan plan, Direction direction, Consumer<String> say) {
        this.connection = connection;
        this.plan = plan;
        this.direction = direction;
        this.pass = direction.pass(plan);
        this.say = say;
    }

    /** Runs to the end. The connection must not be in auto-commit mode. */
    void run() throws SQLException {
        script(pass.prepare());
        if (pass.statement() == null) {
            script(pass.finish());
        } else {
            batches(new Checkpoint(connection, plan, direction));
        }
    }

    private void batches(Checkpoint checkpoint) throws SQLException {
        Checkpoint.Range range = checkpoint.open();
        Progress progress = new Progress(direction.marker(plan), plan.table(), range, say);
        long last = range.last();
        while (last < range.end()) {
            Batch batch = batchWithRetries(last, range.end(), checkpoint);
            last = batch.last();
            progress.add(batch.rows(), last);
        }
        script(pass.finish());
        checkpoint.close();
        connection.commit();
        progress.end();
    }

    private record Batch(long last, long rows) {}

    private Batch batchWithRetries(long from, long end, Checkpoint checkpoint) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try {
                long start = System.nanoTime();
                Batch batch = batch(from, end, checkpoint);
                size.took(Duration.ofNanos(System.nanoTime() - start));
                return batch;
            } catch (SQLException e) {
                if (!PASSING.contains(e.getSQLState()) || attempt == TRIES) {
                    throw e;
                }
                connection.rollback();
                size.refused();
                pause(attempt);
            }
        }
    }

    private Batch batch(long from, long end, Checkpoint checkpoint) throws SQLException {
        settings();
        long to = upTo(from, end);
        long rows = lock(from, to) == 0 ? 0 : write(from, to);
        checkpoint.advance(to, rows);
        connection.commit();
        return new Batch(to, rows);
    }

    private void settings() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("select " + SETTINGS.formatted(direction.marker(plan)) + STATEMENT_TIMEOUT);
        }
    }

    /** The upper end of the next range, from the primary key's index alone. */
    private long upTo(long from, long end) throws SQLException {
        try (PreparedStatement keys = connection.prepareStatement("""
                select coalesce(max(id), ?) from (select id from %s where id > ? and id <= ? order by id limit ?) range
                """.formatted(plan.table()))) {
            keys.setLong(1, end);
            keys.setLong(2, from);
            keys.setLong(3, end);
            keys.setInt(4, size.rows());
            return number(keys);
        }
    }

    private long lock(long from, long to) throws SQLException {
        try (PreparedStatement rows = connection.prepareStatement("""
                select count(*) from (
                    select from %s where id > ? and id <= ? and (%s) order by id for no key update) locked
                """.formatted(plan.table(), pass.pending() == null ? "true" : pass.pending()))) {
            rows.setLong(1, from);
            rows.setLong(2, to);
            return number(rows);
        }
    }

    private long write(long from, long to) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(Plan.bounded(pass.statement(), "?", "?"))) {
            List<Boolean> bounds = Plan.bounds(pass.statement());
            for (int i = 0; i < bounds.size(); i++) {
                statement.setLong(i + 1, bounds.get(i) ? from : to);
            }
            return statement.executeUpdate();
        }
    }

    private void script(String sql) throws SQLException {
        if (sql == null) {
            return;
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
        connection.commit();
    }

    private static long number(PreparedStatement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    private static void pause(int attempt) throws SQLException {
        long most = Math.min(LONGEST_PAUSE_MILLIS, 20L << Math.min(attempt, 10));
        try {
            Thread.sleep(ThreadLocalRandom.current().nextLong(most / 2, most));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("interrupted", e);
        }
    }
}
