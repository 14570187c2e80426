package dev.supportdb.changelog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.deploy.Migration;
import dev.supportdb.deploy.Recount;
import dev.supportdb.support.Databases;
import dev.supportdb.support.State;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Killed with SIGKILL wherever it is, a migration is completed by the same command. */
final class KillTest {

    private static final State START = State.before("005_ticket_priority_enum").withTickets(10_000);

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    /** Backfills that a kill stopped on their way. */
    private final Set<String> stopped = new TreeSet<>();

    @TempDir
    private Path folder;
    private TestDatabase database;

    @BeforeEach
    void create() throws Exception {
        System.out.println("Kills are drawn from seed " + seed);
        database = Databases.at(START);
    }

    @AfterEach
    void drop() throws Exception {
        database.close();
    }

    @Test
    void the_same_command_completes_what_a_kill_stopped() throws Exception {
        Snapshot start = Snapshot.of(database);

        killUpdate(filling("ticket_priority", 0));
        killUpdate(filling("ticket_priority", 0.3));
        killIndexBuild();
        killUpdate(filling("ticket_status", 0));
        killUpdate("select count(*) >= %d from databasechangelog".formatted(executed() + 1 + random.nextInt(15)));
        killUpdate(filling("ticket_metrics", 0));
        killUpdate(filling("customer_contacts", 0));
        killUpdate(filling("response_times", 0));
        complete(null);

        try (TestDatabase undisturbed = Databases.at(START)) {
            new Migration(START.of(undisturbed)).update();
            assertThat(Snapshot.of(undisturbed).lessDrawnKeys().differenceTo(Snapshot.of(database).lessDrawnKeys()))
                    .isEmpty();
            assertThat(stopped).hasSizeGreaterThanOrEqualTo(3);
            assertThat(rowsDone(database)).as("rows, none twice").containsAllEntriesOf(rowsDoneOfStopped(undisturbed));
        }
        try (Connection connection = database.connect()) {
            for (Recount recount : Recount.values()) {
                assertThat(recount.wrongRows(connection)).as(recount.promise()).isEmpty();
            }
        }
        assertNothingIsLeftBehind();

        killRollback(undoing("response_times"));
        killRollback(undoing("ticket_metrics"));
        killRollback(undoing("ticket_status"));
        complete(START.tag());

        assertThat(start.differenceTo(Snapshot.of(database))).isEmpty();
        assertNothingIsLeftBehind();
    }

    private void killUpdate(String when) throws Exception {
        kill(null, when);
    }

    private void killRollback(String when) throws Exception {
        kill(START.tag(), when);
    }

    private void kill(String tag, String when) throws Exception {
        Path log = Files.createTempFile(folder, "killed", ".log");
        Process process = MigrationProcess.start(database, START, tag, log);
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            while (process.isAlive() && !holds(statement, when)) {
                // Leaves the processor to the process that is watched.
                Thread.sleep(1);
            }
            assertThat(process.isAlive()).as("%s%nwith seed %d never seen before the end of%n%s", when, seed,
                    Files.readString(log)).isTrue();
            process.destroyForcibly().waitFor();
        }
        awaitEndOfSessions();
        stopped.addAll(database.texts("select name from backfills where state <> 'filled'"));
    }

    /** A snapshot that stays keeps the index from being finished, so what the kill leaves is not valid. */
    private void killIndexBuild() throws Exception {
        try (Connection reader = database.connect(); Statement statement = reader.createStatement()) {
            reader.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            reader.setAutoCommit(false);
            statement.execute("select 1");
            killUpdate("select exists (select from pg_index where not indisvalid)");
        }
        assertThat(database.count("select count(*) from pg_index where not indisvalid")).isPositive();
    }

    private void awaitEndOfSessions() throws SQLException {
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            while (holds(statement, """
                    select exists (select from pg_stat_activity
                                   where datname = current_database() and application_name = 'support-db')
                    """)) {
                Thread.onSpinWait();
            }
        }
    }

    /** On the way, beyond some part of it; or at its end, should the kill come too late. */
    private String filling(String name, double least) {
        return """
                select exists (select from backfills
                               where name = '%s' and (state <> 'filling' or last_key > end_key * %s))
                """.formatted(name, least + 0.3 * random.nextDouble());
    }

    private String undoing(String name) {
        return """
                select exists (select from backfills
                               where name = '%s' and (state = 'undone' or state = 'undoing' and last_key > end_key * %s))
                """.formatted(name, 0.5 * random.nextDouble());
    }

    /** False also while there is no table to ask. */
    private static boolean holds(Statement statement, String condition) throws SQLException {
        try (ResultSet row = statement.executeQuery(condition)) {
            row.next();
            return row.getBoolean(1);
        } catch (SQLException e) {
            if (e.getSQLState().equals("42P01")) {
                return false;
            }
            throw e;
        }
    }

    private void complete(String tag) throws Exception {
        Path log = folder.resolve("completed.log");
        int exit = MigrationProcess.start(database, START, tag, log).waitFor();
        assertThat(exit).as("seed %d%n%s", seed, Files.readString(log)).isZero();
        awaitEndOfSessions();
    }

    private int executed() throws SQLException {
        return (int) database.count("select count(*) from databasechangelog");
    }

    private Map<String, Long> rowsDoneOfStopped(TestDatabase undisturbed) throws SQLException {
        Map<String, Long> rows = rowsDone(undisturbed);
        rows.keySet().retainAll(stopped);
        return rows;
    }

    private static Map<String, Long> rowsDone(TestDatabase database) throws SQLException {
        Map<String, Long> rows = new HashMap<>();
        for (String name : database.texts("select name from backfills")) {
            rows.put(name, database.count("select rows_done from backfills where name = '" + name + "'"));
        }
        return rows;
    }

    private void assertNothingIsLeftBehind() throws Exception {
        assertThat(database.texts("select indexrelid::regclass from pg_index where not indisvalid")).isEmpty();
        assertThat(database.texts("""
                select pid from pg_locks
                where locktype = 'advisory'
                    and database = (select oid from pg_database where datname = current_database())
                """)).isEmpty();
        assertThat(new Migration(START.of(database)).run("listLocks", Map.of())).contains("No locks");
    }
}
