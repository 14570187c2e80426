package dev.supportdb.chaos;

import dev.supportdb.support.Eventually;
import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A command in a thread of this process, one backfill of which can be brought to any moment, and waits there. */
final class WatchedRun implements AutoCloseable {

    /** A moment of a backfill at which somebody intervenes. */
    enum Moment {
        /** It waits for something outside, before its first batch. */
        HELD,
        /** In a batch, it waits for a row that an application has locked. */
        WRITING,
        /** It rests after a batch. */
        RESTING,
        /** It has been told to pause. */
        PAUSED
    }

    private final TestDatabase database;
    private final String backfill;
    private final Path hold;
    private final CompletableFuture<Void> run;
    private final Connection application;

    /**
     * @param backfill the first that the command runs, or the first that is to be waited for
     * @param folder   for a file of its own
     */
    WatchedRun(TestDatabase database, ReferenceRun way, ReferenceRun.Stretch stretch, String backfill, Path folder)
            throws IOException, SQLException {
        this.database = database;
        this.backfill = backfill;
        this.hold = Files.writeString(folder.resolve("hold"), "held by a file");
        this.application = database.connect();
        this.run = stretch.command().start(way.migration(database),
                Map.of("supportdb.backfill.hold.file", hold.toString(), "supportdb.backfill.rest-ratio", "0"));
    }

    void bringTo(Moment moment) throws IOException, SQLException {
        await("waiting_for = 'held by a file'");
        switch (moment) {
            case HELD -> { }
            case WRITING -> {
                lockLastRow();
                Files.delete(hold);
                await("rows_done > 0 and exists (select from pg_locks where not granted)");
            }
            case RESTING -> {
                change("rest_ratio = 50");
                Files.delete(hold);
                await("""
                        rows_done > 0 and exists (select from pg_stat_activity
                            where datname = current_database() and application_name = 'support-db' and state = 'idle')
                        """);
            }
            case PAUSED -> {
                change("requested_state = 'pause'");
                Files.delete(hold);
                await("waiting_for = 'paused'");
            }
        }
    }

    private void lockLastRow() throws SQLException {
        application.setAutoCommit(false);
        try (Statement statement = application.createStatement()) {
            statement.execute("select from tickets order by id desc limit 1 for update");
        }
    }

    /** Removes every obstacle except its control row. */
    void letGo() throws IOException, SQLException {
        Files.deleteIfExists(hold);
        application.close();
    }

    void change(String set) throws SQLException {
        database.execute("update backfills set %s where name = '%s'".formatted(set, backfill));
    }

    /** Returns when this holds of the backfill. */
    void await(String condition) throws SQLException {
        while (!holds(condition)) {
            if (run.isDone()) {
                run.join();
                throw new AssertionError("the run is over, and never was " + condition);
            }
            Eventually.betweenTwoLooks();
        }
    }

    private boolean holds(String condition) throws SQLException {
        try {
            return database.count("select count(*) from backfill_progress where name = '%s' and %s"
                    .formatted(backfill, condition)) > 0;
        } catch (SQLException e) {
            if (e.getSQLState().equals("42P01")) {
                return false;
            }
            throw e;
        }
    }

    /** Returns when the run has looked at the record twice again. */
    void awaitTwoLooks() throws SQLException {
        for (int look = 0; look < 2; look++) {
            String last = lastQuery();
            while (lastQuery().equals(last)) {
                Eventually.betweenTwoLooks();
            }
        }
    }

    private String lastQuery() throws SQLException {
        return database.text("""
                select max(query_start) from pg_stat_activity
                where datname = current_database() and application_name = 'support-db'
                """);
    }

    /** Returns when it has come to its end; throws what it failed with. */
    void join() throws Exception {
        run.get(5, TimeUnit.MINUTES);
    }

    @Override
    public void close() throws IOException, SQLException {
        letGo();
    }
}
