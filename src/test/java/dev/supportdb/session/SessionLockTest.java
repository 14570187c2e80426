package dev.supportdb.session;

import static dev.supportdb.support.TinyChangelog.changeSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TestRole;
import dev.supportdb.support.TinyChangelog;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import liquibase.Scope;
import liquibase.database.core.PostgresDatabase;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.LockException;
import liquibase.lockservice.StandardLockService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SessionLockTest {

    @TempDir
    private Path folder;

    private TestDatabase database;
    private TinyChangelog changelog;
    private Run one;
    private Run other;

    /** What one process has: a session and the lock service on it. */
    private record Run(Connection connection, SupportDatabase support, SessionLock lock) {

        static Run on(TestDatabase database) throws Exception {
            Connection connection = database.connect();
            SupportDatabase support = new SupportDatabase();
            support.setConnection(new JdbcConnection(connection));
            SessionLock lock = new SessionLock();
            lock.setDatabase(support);
            lock.setChangeLogLockWaitTime(0);
            return new Run(connection, support, lock);
        }

        int pid() throws Exception {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("select pg_backend_pid()")) {
                row.next();
                return row.getInt(1);
            }
        }
    }

    @BeforeEach
    void connectTwice() throws Exception {
        database = Databases.empty();
        changelog = new TinyChangelog(folder, database)
                .of(changeSet("1", "", "create table t (a int)", "drop table t"));
        one = Run.on(database);
        other = Run.on(database);
    }

    @AfterEach
    void drop() throws Exception {
        one.connection().close();
        other.connection().close();
        database.close();
    }

    @Test
    void is_held_by_one_run_at_a_time() throws Exception {
        assertThat(one.lock().acquireLock()).isTrue();
        assertThat(other.lock().acquireLock()).isFalse();

        one.lock().releaseLock();
        assertThat(other.lock().acquireLock()).isTrue();
        assertThat(one.lock().acquireLock()).isFalse();
    }

    @Test
    void is_free_after_one_release_however_often_it_was_taken() throws Exception {
        one.lock().acquireLock();
        one.lock().acquireLock();
        one.lock().releaseLock();
        one.lock().releaseLock();

        assertThat(other.lock().acquireLock()).isTrue();
    }

    @Test
    void is_held_only_while_the_session_holds_it() throws Exception {
        assertThat(one.lock().hasChangeLogLock()).isFalse();
        one.lock().acquireLock();
        assertThat(one.lock().hasChangeLogLock()).isTrue();
        assertThat(other.lock().hasChangeLogLock()).isFalse();

        database.execute("select pg_terminate_backend(%d)".formatted(one.pid()));
        assertThat(one.lock().hasChangeLogLock()).isFalse();
    }

    @Test
    void is_seen_also_in_a_transaction_that_has_failed() throws Exception {
        one.lock().acquireLock();
        try (Statement statement = one.connection().createStatement()) {
            assertThatThrownBy(() -> statement.execute("select 1/0")).hasMessageContaining("division by zero");
        }
        assertThat(one.lock().hasChangeLogLock()).isTrue();
    }

    @Test
    void is_another_one_for_another_history() throws Exception {
        other.support().setDatabaseChangeLogTableName("another_history");

        assertThat(one.lock().acquireLock()).isTrue();
        assertThat(other.lock().acquireLock()).isTrue();
    }

    @Test
    void says_who_has_it_when_patience_ends() throws Exception {
        one.lock().acquireLock();

        assertThatThrownBy(() -> other.lock().waitForLock())
                .isInstanceOf(LockException.class)
                .hasMessageContaining("pid " + one.pid())
                .hasMessageContaining("support-db")
                .hasMessageContaining("connected since")
                .hasMessageContaining("select pg_terminate_backend(" + one.pid() + ")");
    }

    @Test
    void says_no_more_than_it_may_see_of_another_role() throws Exception {
        try (TestRole role = TestRole.in(database, "deployer"); Connection connection = role.database().connect()) {
            SupportDatabase support = new SupportDatabase();
            support.setConnection(new JdbcConnection(connection));
            SessionLock lock = new SessionLock();
            lock.setDatabase(support);
            lock.setChangeLogLockWaitTime(0);
            one.lock().acquireLock();

            assertThatThrownBy(lock::waitForLock).hasMessageContaining(("It is held by pid %d (support-db, user %s, "
                    + "from unknown). Should").formatted(one.pid(), database.username()));
            assertThat(lock.listLocks()).singleElement().satisfies(
                    listed -> assertThat(listed.getLockedBy()).contains("pid " + one.pid()));
        }
    }

    /** And nothing is made for that: a first run may be about to make it. */
    @Test
    void is_listed() throws Exception {
        assertThat(changelog.run("listLocks", Map.of())).contains("No locks");
        assertThat(database.count("select count(*) from pg_tables where schemaname = 'public'")).isZero();
        one.lock().acquireLock();

        assertThat(changelog.run("listLocks", Map.of()))
                .contains("pid " + one.pid()).contains("support-db").contains(database.username());
    }

    @Test
    void is_not_taken_away_from_another_run() throws Exception {
        changelog.run("releaseLocks", Map.of());
        one.lock().acquireLock();

        assertThatThrownBy(() -> changelog.run("releaseLocks", Map.of()))
                .hasMessageContaining("No lock is stale")
                .hasMessageContaining("pg_terminate_backend(" + one.pid() + ")");
        assertThat(one.lock().hasChangeLogLock()).isTrue();
    }

    @Test
    void is_given_back_by_every_command_also_one_that_fails() throws Exception {
        for (String command : List.of("update", "rollbackCount", "updateCount", "status")) {
            changelog.run(command, Map.of("database", one.support(), "count", 1));
            assertThat(one.lock().hasChangeLogLock()).as(command).isFalse();
        }
        changelog.of(changeSet("2", "", "select 1/0", null));
        for (String command : List.of("update", "updateCount")) {
            assertThatThrownBy(() -> changelog.run(command, Map.of("database", one.support(), "count", 1)))
                    .hasMessageContaining("division by zero");
            assertThat(one.lock().hasChangeLogLock()).as(command + " failed").isFalse();
        }
    }

    @Test
    void lets_scripts_be_written_while_another_run_has_it() throws Exception {
        one.lock().acquireLock();

        assertThat(changelog.run("updateSql", Map.of())).doesNotContainIgnoringCase("lock_database")
                .doesNotContainIgnoringCase("databasechangeloglock")
                .as("when it is run").containsOnlyOnce("pg_try_advisory_lock");
        assertThat(changelog.runOffline("updateSql")).doesNotContainIgnoringCase("databasechangeloglock");
        assertThat(database.count("select count(*) from pg_tables where schemaname = 'public'")).isZero();
    }

    @Test
    void is_not_blocked_by_a_stale_row_of_stock_liquibase() throws Exception {
        changelog.runStock("update", Map.of());
        database.execute("update databasechangeloglock set locked = true, lockedby = 'killed', lockgranted = now()");
        changelog.run("rollbackCount", Map.of("count", 1));
        assertThat(database.count("select count(*) from databasechangelog")).isZero();

        PostgresDatabase stock = new PostgresDatabase();
        stock.setConnection(new JdbcConnection(one.connection()));
        StandardLockService stockLock = new StandardLockService();
        stockLock.setDatabase(stock);
        assertThat(stockLock.acquireLock()).as("stock Liquibase").isFalse();
    }

    /** The server is in the middle of a statement that takes an hour; it has to notice by itself that nobody waits. */
    @Test
    void is_gone_with_a_killed_process() throws Exception {
        database.execute("create table started (at int)");
        changelog.of(changeSet("1", "runInTransaction: false", "insert into started values (1)", null)
                + changeSet("2", "", "select pg_sleep(3600)", null));
        Process process = update();
        while (database.count("select count(*) from pg_stat_activity where query like '%pg_sleep(3600)%' "
                + "and state = 'active' and pid <> pg_backend_pid() and datname = current_database()") == 0) {
            assertThat(process.isAlive()).as("the run that is to be killed").isTrue();
        }
        assertThat(one.lock().acquireLock()).isFalse();

        process.destroyForcibly().waitFor();

        one.lock().setChangeLogLockWaitTime(1);
        one.lock().waitForLock();
        assertThat(one.lock().hasChangeLogLock()).isTrue();
    }

    @Test
    void is_waited_for_as_long_as_another_works_unless_somebody_says_how_long() throws Exception {
        SessionLock lock = new SessionLock();

        assertThat(Duration.ofMinutes(lock.getChangeLogLockWaitTime())).isGreaterThan(Duration.ofDays(100));
        Scope.child("liquibase.changelogLockWaitTimeInMinutes", 5L,
                () -> assertThat(lock.getChangeLogLockWaitTime()).isEqualTo(5));
    }

    /** Also what comes before Liquibase's own lock: the history table, which two would make at once. */
    @Test
    void lets_many_start_at_once_on_an_empty_database() throws Exception {
        one.lock().acquireLock();
        int holder = one.pid();
        List<Process> processes = List.of(update(), update());
        for (Process process : processes) {
            assertThat(process.inputReader().lines().filter(line -> line.startsWith("Waiting")).findFirst())
                    .hasValueSatisfying(said -> assertThat(said).contains("It is held by pid " + holder));
        }
        assertThat(database.count("select count(*) from pg_tables where schemaname = 'public'")).isZero();

        one.lock().releaseLock();

        for (Process process : processes) {
            process.inputReader().lines().forEach(line -> { });
            assertThat(process.waitFor()).isZero();
        }
        assertThat(database.count("select count(*) from databasechangelog")).isOne();
    }

    private Process update() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
                "-cp", System.getProperty("java.class.path"), RunUpdate.class.getName(),
                folder.toString(), database.name(), database.url(), database.username());
        builder.environment().put("PASSWORD", database.password());
        return builder.redirectErrorStream(true).start();
    }
}
