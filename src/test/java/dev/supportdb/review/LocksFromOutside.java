package dev.supportdb.review;

import dev.supportdb.postgres.Sql;
import dev.supportdb.support.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The locks of a migration as somebody else sees them, who asks again and again while it runs; the strongest on each
 * table that was there before.
 */
final class LocksFromOutside {

    private static final String LOCKS = """
            select coalesce(t.oid, c.oid)::regclass::text, l.mode
            from pg_locks l
            join pg_stat_activity a using (pid)
            join pg_class c on c.oid = l.relation
            left join pg_index i on i.indexrelid = c.oid
            left join pg_class t on t.oid = i.indrelid
            where l.locktype = 'relation' and l.granted
                and a.application_name = 'support-db' and a.datname = current_database()
                and c.relnamespace = 'public'::regnamespace and c.relname ~ '^(items|parents)' and c.relkind = 'r'
            """;

    private final Map<String, LockMode> locks = new TreeMap<>();
    private Thread thread;
    private volatile boolean over;
    private volatile Exception failure;

    /** Begins with the first changeset that is traced; receives the progress. */
    Consumer<String> watching(TestDatabase server) {
        return line -> {
            if (line.startsWith("1 of ")) {
                thread = new Thread(() -> watch(server), "locks from outside");
                thread.start();
            }
        };
    }

    private void watch(TestDatabase server) {
        try {
            String scratch = server.text("select datname from pg_database where datname like 'trace_%'");
            try (Connection connection = DriverManager.getConnection(server.url().replace(server.name(), scratch),
                    server.username(), server.password())) {
                while (!over) {
                    Sql.rows(connection, LOCKS, row -> Map.entry("public." + row.getString(1),
                            LockMode.of(row.getString(2)))).forEach(lock ->
                            locks.merge(lock.getKey(), lock.getValue(), (a, b) -> a.compareTo(b) > 0 ? a : b));
                }
            }
        } catch (SQLException e) {
            if (!over && !"57P01".equals(e.getSQLState())) {
                failure = e;
            }
        }
    }

    Map<String, LockMode> locks() {
        return locks;
    }

    /** Why it stopped too soon; null when it did not. The scratch database goes with everybody in it. */
    Exception failure() {
        return failure;
    }

    void stop() throws InterruptedException {
        over = true;
        thread.join();
    }
}
