package dev.supportdb.backfill.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.Eventually;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TestRole;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/** Each signal holds a backfill, says why, and lets it go on when it is gone. */
final class ThrottleTest {

    private final List<String> said = Collections.synchronizedList(new ArrayList<>());
    private OrdersTable orders;
    private TestDatabase database;

    @TempDir
    private Path folder;

    @BeforeEach
    void create_orders() throws SQLException, CommandExecutionException {
        orders = OrdersTable.create();
        database = orders.database();
    }

    @AfterEach
    void drop() throws SQLException {
        orders.close();
    }

    @Test
    void a_healthy_database_does_not_throttle() throws SQLException {
        start(OrdersTable.HOLDS).join();

        assertThat(said).singleElement().asString().startsWith("line_count: 2,000 rows");
    }

    @Test
    void a_file_that_is_there() throws Exception {
        Path file = Files.writeString(folder.resolve("hold"), "the month is being closed\n");
        CompletableFuture<Void> fill =
                start(new BackfillSettings.Holds(Duration.ofSeconds(10), 1024, false, 0.5, true, file, null));

        awaitHeld("the month is being closed");
        Files.delete(file);

        fill.join();
        assertFilled("the month is being closed");
    }

    @Test
    void a_command_that_fails() throws Exception {
        Path file = Files.createFile(folder.resolve("busy"));
        CompletableFuture<Void> fill = start(new BackfillSettings.Holds(
                Duration.ofSeconds(10), 1024, false, 0.5, true, null,
                "test ! -e " + file + " || { echo p99 is 300 ms; exit 3; }"));

        awaitHeld("p99 is 300 ms");
        Files.delete(file);

        fill.join();
        assertFilled("p99 is 300 ms");
    }

    @Test
    void a_command_that_hangs_and_leaves_nothing_behind() throws Exception {
        Path file = Files.createFile(folder.resolve("busy"));
        CompletableFuture<Void> fill = start(new BackfillSettings.Holds(
                Duration.ofSeconds(10), 1024, false, 0.5, true, null,
                "test ! -e " + file + " || { sleep 4711; true; }"));

        orders.awaitThat("exists (select from backfills where waiting_for like '%has not answered in 5 s')");
        Files.delete(file);

        fill.join();
        assertThat(ProcessHandle.current().descendants().map(process -> process.info().commandLine().orElse("")))
                .noneMatch(command -> command.contains("sleep 4711"));
    }

    @Test
    void a_vacuum_or_an_index_build() throws SQLException {
        CompletableFuture<Void> fill;
        String reason;
        try (Connection other = database.connect(); Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("lock table orders in share update exclusive mode");
            reason = "a vacuum or an index build of orders, pid "
                    + other.unwrap(PGConnection.class).getBackendPID();
            fill = start(OrdersTable.HOLDS);
            awaitHeld(reason);
        }
        fill.join();
        assertFilled(reason);
    }

    @Test
    void too_many_dead_rows() throws SQLException {
        database.execute("""
                alter table orders set (autovacuum_enabled = off);
                insert into orders (id) select n from generate_series(100001, 250000) n;
                delete from orders where id > 100000;
                """);
        database.execute("select pg_stat_force_next_flush()");
        orders.awaitThat("(select n_dead_tup >= 150000 from pg_stat_user_tables where relname = 'orders')");
        CompletableFuture<Void> fill = start(OrdersTable.HOLDS);

        awaitHeld("orders has 150000 dead rows that no vacuum has removed yet");
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            statement.execute("vacuum orders");
        }

        fill.join();
        assertFilled("orders has 150000 dead rows that no vacuum has removed yet");
    }

    @Test
    void a_standby_that_falls_behind() throws SQLException {
        try (Connection standby = standby()) {
            LogSequenceNumber start = LogSequenceNumber.valueOf(database.text("select pg_current_wal_lsn()"));
            PGReplicationStream stream = standby.unwrap(PGConnection.class).getReplicationAPI().replicationStream()
                    .physical().withStartPosition(start).start();
            report(stream, start);
            orders.awaitThat("exists (select from pg_stat_replication where replay_lsn is not null)");
            database.execute("create table noise as select repeat('x', 1000) from generate_series(1, 3000)");
            CompletableFuture<Void> fill =
                    start(new BackfillSettings.Holds(Duration.ofSeconds(10), 1, false, 0.5, true, null, null));

            orders.awaitThat("exists (select from backfills where waiting_for like 'standby % is % behind')");
            report(stream, LogSequenceNumber.valueOf(database.text("select pg_current_wal_lsn()")));
            fill.join();
        }
        assertThat(orders.wrong("true")).isZero();
    }

    /** An ordinary role sees no standby that is behind. */
    @Test
    void a_standby_whose_lag_is_hidden_is_said() throws SQLException {
        try (TestRole migrator = TestRole.in(database, "migrator")) {
            assertThat(hiddenStandbys(migrator)).isNull();
            try (Connection standby = standby()) {
                standby.unwrap(PGConnection.class).getReplicationAPI().replicationStream().physical()
                        .withStartPosition(LogSequenceNumber.valueOf(database.text("select pg_current_wal_lsn()")))
                        .start();

                assertThat(hiddenStandbys(migrator)).isEqualTo("cannot throttle by the lag of 1 standby, which is "
                        + "hidden from user %1$s. To show it: grant pg_read_all_stats to %1$s;"
                        .formatted(migrator.name()));
                migrator.with("grant pg_read_all_stats to ROLE");
                assertThat(hiddenStandbys(migrator)).isNull();
            }
        }
    }

    private static String hiddenStandbys(TestRole role) throws SQLException {
        try (Connection connection = role.database().connect()) {
            connection.setAutoCommit(false);
            return Throttle.hiddenStandbys(connection);
        }
    }

    private static void report(PGReplicationStream stream, LogSequenceNumber applied) throws SQLException {
        stream.setFlushedLSN(applied);
        stream.setAppliedLSN(applied);
        stream.forceUpdateStatus();
    }

    private Connection standby() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", database.username());
        properties.setProperty("password", database.password());
        properties.setProperty("replication", "true");
        properties.setProperty("assumeMinServerVersion", "9.4");
        properties.setProperty("preferQueryMode", "simple");
        try {
            return DriverManager.getConnection(database.url(), properties);
        } catch (SQLException e) {
            Assumptions.abort("the server lets no standby connect: " + e.getMessage());
            throw e;
        }
    }

    @Test
    void sessions_that_wait_for_its_rows() throws SQLException {
        orders.slow(1);
        CompletableFuture<Void> fill = start(OrdersTable.HOLDS);
        Set<String> held = new HashSet<>();
        while (!fill.isDone()) {
            database.execute("update orders set writes = writes where id % 50 = 0");
            held.addAll(database.texts("select waiting_for from backfills where waiting_for is not null"));
        }
        fill.join();

        assertThat(held).anyMatch(line -> line.matches("\\d+ sessions? waited for rows of the last batch"));
        assertThat(orders.wrong("true")).isZero();
    }

    private CompletableFuture<Void> start(BackfillSettings.Holds holds) {
        BackfillSettings pace = new BackfillSettings(1, Duration.ofMillis(100), 0, false, false, holds);
        return OrdersTable.start(() -> orders.run(OrdersTable.LINE_COUNT, BackfillDirection.FILL, pace, said::add));
    }

    private void awaitHeld(String reason) throws SQLException {
        orders.awaitThat("exists (select from backfills where waiting_for = '%s')".formatted(reason));
        Eventually.until(() -> !said.isEmpty(), () -> "nothing was said");
        assertThat(database.count("select count(*) from orders where lines is not null"))
                .isEqualTo(database.count("select rows_done from backfill_progress")).isZero();
    }

    private void assertFilled(String reason) throws SQLException {
        assertThat(said).containsSubsequence("line_count waits: " + reason, "line_count resumes");
        assertThat(database.text("select waiting_for from backfills")).isNull();
        assertThat(orders.wrong("true")).isZero();
    }
}
