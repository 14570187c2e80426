package dev.supportdb.bench;

import dev.supportdb.bench.FillStrategy.Filled;
import dev.supportdb.domain.DerivedValueRecount;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import liquibase.exception.CommandExecutionException;

/** Gives each contestant the same: a fresh copy of one template, with nothing left to write and all of it in memory. */
final class TrialRunner {

    static final String SIZE = "table and indexes after / before";
    private static final String WAL = "WAL, bytes/row";
    private static final String HOT = "HOT updates, %";

    /** The work with a copy, which is dropped afterwards. */
    interface Work<T> {
        T on(BenchDatabase copy) throws Exception;
    }

    private record Template(StartingState start, long rows) {}

    private final BenchServer server;
    private final Map<Template, BenchDatabase> templates = new HashMap<>();

    TrialRunner(BenchServer server) {
        this.server = server;
    }

    /** A template is made when it is first asked for. */
    <T> T onCopy(StartingState start, long rows, Work<T> work) throws Exception {
        BenchDatabase copy = server.cloneOf(template(start, rows));
        try {
            copy.execute("select count(*) from " + start.table, "select count(*) from ticket_comments");
            return work.on(copy);
        } finally {
            server.drop(copy);
        }
    }

    private BenchDatabase template(StartingState start, long rows) throws SQLException, CommandExecutionException {
        Template key = new Template(start, rows);
        if (!templates.containsKey(key)) {
            long begin = System.nanoTime();
            templates.put(key, start.make(server, rows));
            System.out.printf("%,d rows loaded for %s in %.0f s%n", rows, start.backfill,
                    (System.nanoTime() - begin) / 1e9);
        }
        return templates.get(key);
    }

    /** Runs a contestant with the copy for itself, and proves what it has filled. */
    Measurement alone(Benchmark part, int round, StartingState start, long rows, FillStrategy contestant)
            throws Exception {
        return onCopy(start, rows, copy -> {
            String size = "select pg_total_relation_size('%s')".formatted(start.table);
            String wal = "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')";
            double sizeBefore = copy.number(size);
            double walBefore = copy.number(wal);
            Filled filled = contestant.fill(copy);
            awaitEnd(copy);
            Map<String, Double> values = new LinkedHashMap<>();
            values.put(Measurement.SECONDS, filled.seconds());
            values.put(Measurement.RATE, rows / filled.seconds());
            values.put(SIZE, copy.number(size) / sizeBefore);
            values.put(WAL, (copy.number(wal) - walBefore) / rows);
            values.put(HOT, copy.number("""
                    select 100.0 * n_tup_hot_upd / nullif(n_tup_upd, 0) from pg_stat_user_tables where relname = '%s'
                    """.formatted(start.table)));
            values.putAll(filled.more());
            for (DerivedValueRecount recount : start.recounts) {
                if (copy.wrongRows(recount) > 0) {
                    throw new IllegalStateException(contestant.name() + " has filled in what is wrong: not so that "
                            + recount.promise());
                }
            }
            return new Measurement(part, contestant.name(), round, values);
        });
    }

    /** A session hands in its statistics when it ends, which is after its client has gone. */
    private static void awaitEnd(BenchDatabase copy) throws SQLException {
        while (copy.number("""
                select count(*) from pg_stat_activity
                where datname = current_database() and application_name like '%s%%'
                """.formatted(FillStrategy.APPLICATION)) > 0) {
            Thread.onSpinWait();
        }
    }
}
