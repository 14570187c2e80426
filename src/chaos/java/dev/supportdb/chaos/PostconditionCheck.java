package dev.supportdb.chaos;

import dev.supportdb.domain.DerivedValueRecount;
import dev.supportdb.schema.DataDigest;
import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.Eventually;
import dev.supportdb.support.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Looks at a database after a trial. What it finds is wrong, and said in words. */
final class PostconditionCheck {

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final TestDatabase database;
    private final List<String> findings = new ArrayList<>();

    private PostconditionCheck(TestDatabase database) {
        this.database = database;
    }

    /** Checks a database that has reached the head. */
    static List<String> atEnd(TestDatabase database, ReferenceRun way) throws SQLException {
        PostconditionCheck aftermath = new PostconditionCheck(database);
        aftermath.leftovers();
        aftermath.rowsDone(way.rows());
        aftermath.difference(lessDrawnKeys(way.end()), lessDrawnKeys(database.snapshot()));
        return aftermath.findings;
    }

    /** Returns the problems at the head, where all derived values can be recounted. */
    static List<String> atHead(TestDatabase database, ReferenceRun way) throws SQLException {
        List<String> findings = new ArrayList<>(atEnd(database, way));
        PostconditionCheck aftermath = new PostconditionCheck(database);
        aftermath.recounts();
        findings.addAll(aftermath.findings);
        return findings;
    }

    /** Checks a database that has been rolled back to the start. */
    static List<String> atStart(TestDatabase database, ReferenceRun way) throws SQLException {
        PostconditionCheck aftermath = new PostconditionCheck(database);
        aftermath.leftovers();
        aftermath.difference(way.start(), database.snapshot());
        return aftermath.findings;
    }

    /** The sessions of migrators, and what each holds. There is no lock without a session that has it. */
    static List<String> sessions(TestDatabase database) throws SQLException {
        return database.texts("""
                select concat_ws(' ', a.pid, state, query, 'holds',
                    string_agg(concat_ws(' ', locktype, mode, relation::regclass), ', '))
                from pg_stat_activity a left join pg_locks l on l.pid = a.pid and l.granted
                where datname = current_database() and application_name = 'support-db'
                group by a.pid, state, query
                """);
    }

    /** Returns the sessions that do not end. A server takes about a second to notice that a client is gone. */
    static List<String> sessionsThatStay(TestDatabase database) throws SQLException {
        long start = System.nanoTime();
        List<String> sessions = sessions(database);
        while (!sessions.isEmpty() && System.nanoTime() - start < PATIENCE.toNanos()) {
            Eventually.betweenTwoLooks();
            sessions = sessions(database);
        }
        return sessions;
    }

    private void leftovers() throws SQLException {
        none("invalid index", "select indexrelid::regclass from pg_index where not indisvalid");
        sessionsThatStay(database).forEach(session -> findings.add("session left: " + session));
    }

    private void none(String what, String sql) throws SQLException {
        database.texts(sql).forEach(found -> findings.add(what + " left: " + found));
    }

    private void recounts() throws SQLException {
        try (Connection connection = database.connect()) {
            for (DerivedValueRecount recount : DerivedValueRecount.values()) {
                List<Long> wrong = recount.wrongRows(connection);
                if (!wrong.isEmpty()) {
                    findings.add("not so for the rows %s: %s".formatted(wrong, recount.promise()));
                }
            }
        }
    }

    /** Checks that every row was counted exactly once. */
    private void rowsDone(Map<String, Long> expected) throws SQLException {
        for (Map.Entry<String, Long> backfill : expected.entrySet()) {
            long rows = database.count(
                    "select sum(rows_done) from backfills where name = '" + backfill.getKey() + "'");
            if (rows != backfill.getValue()) {
                findings.add("rows done by %s: %d, not %d".formatted(backfill.getKey(), rows, backfill.getValue()));
            }
        }
        none("unfinished backfill", """
                select concat_ws(' ', name, state, requested_state, waiting_for) from backfills
                where state <> 'filled' or requested_state <> 'run' or waiting_for is not null
                """);
        none("range of keys", "select concat_ws(' ', name, from_key, to_key) from backfill_ranges");
    }

    private void difference(Snapshot expected, Snapshot actual) {
        String difference = withoutLedger(expected).differenceTo(withoutLedger(actual));
        if (!difference.isEmpty()) {
            findings.add("not as undisturbed:\n" + difference);
        }
    }

    /**
     * Returns the snapshot with only the number of rows for tables whose keys a backfill draws, and for those that
     * refer to them: a key drawn by a failed batch is not drawn again.
     */
    static Snapshot lessDrawnKeys(Snapshot snapshot) {
        TreeMap<String, DataDigest.Rows> tables = new TreeMap<>(snapshot.data().tables());
        for (String table : List.of("public.customers", "public.customer_contacts")) {
            tables.computeIfPresent(table, (name, rows) -> new DataDigest.Rows(rows.count(), "not compared"));
        }
        return new Snapshot(snapshot.schema(), new DataDigest(tables));
    }

    private static Snapshot withoutLedger(Snapshot snapshot) {
        TreeMap<String, DataDigest.Rows> tables = new TreeMap<>(snapshot.data().tables());
        tables.remove("chaos.batches");
        return new Snapshot(snapshot.schema(), new DataDigest(tables));
    }
}
