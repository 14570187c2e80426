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

    /** A process: a session and the lock service on it. */
    private record Run(Connection connection, SupportDatabase support, SessionLock lock) {

        static Run on(TestDatabase database) throws Exception {
            Connection connection = database.connect();
            SupportDatabase support = new SupportDatabase();
            support.setConnection(new JdbcConnection(connection));
            support.begin(null);
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
    void the_lock_is_held_by_one_run_at_a_time() throws Exception {
        assertThat(one.lock().acquireLock()).isTrue();
        assertThat(other.lock().acquireLock()).isFalse();

        one.lock().releaseLock();
        assertThat(other.lock().acquireLock()).isTrue();
        assertThat(one.lock().acquireLock()).isFalse();
    }

    @Test
    void the_lock_is_free_after_one_release_however_often_it_was_taken() throws Exception {
        one.lock().acquireLock();
        one.lock().acquireLock();
        one.lock().releaseLock();
        one.lock().releaseLock();

        assertThat(other.lock().acquireLock()).isTrue();
    }

    @Test
    void the_lock_is_held_only_while_the_session_holds_it() throws Exception {
        assertThat(one.lock().hasChangeLogLock()).isFalse();
        one.lock().acquireLock();
        assertThat(one.lock().hasChangeLogLock()).isTrue();
        assertThat(other.lock().hasChangeLogLock()).isFalse();

        database.execute("select pg_terminate_backend(%d)".formatted(one.pid()));
        assertThat(one.lock().hasChangeLogLock()).isFalse();
    }

    @Test
    void the_lock_is_seen_even_in_a_failed_transaction() throws Exception {
        one.lock().acquireLock();
        try (Statement statement = one.connection().createStatement()) {
            assertThatThrownBy(() -> statement.execute("select 1/0")).hasMessageContaining("division by zero");
        }
        assertThat(one.lock().hasChangeLogLock()).isTrue();
    }

    @Test
    void another_history_has_another_lock() throws Exception {
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

            assertThatThrownBy(lock::waitForLock).hasMessageContaining(("The lock is held by pid %d (support-db, user "
                    + "%s, from unknown). If").formatted(one.pid(), database.username()));
            assertThat(lock.listLocks()).singleElement().satisfies(
                    listed -> assertThat(listed.getLockedBy()).contains("pid " + one.pid()));
        }
    }

    /** And nothing is made for that: a first run may be about to make it. */
    @Test
    void the_lock_is_listed() throws Exception {
        assertThat(changelog.run("listLocks", Map.of())).contains("No locks");
        assertThat(database.count("select count(*) from pg_tables where schemaname = 'public'")).isZero();
        one.lock().acquireLock();

        assertThat(changelog.run("listLocks", Map.of()))
                .contains("pid " + one.pid()).contains("support-db").contains(database.username());
    }

    @Test
    void the_lock_is_not_taken_away_from_another_run() throws Exception {
        changelog.run("releaseLocks", Map.of());
        one.lock().acquireLock();

        assertThatThrownBy(() -> changelog.run("releaseLocks", Map.of()))
                .hasMessageContaining("The lock was not released")
                .hasMessageContaining("pg_terminate_backend(" + one.pid() + ")");
        assertThat(one.lock().hasChangeLogLock()).isTrue();
    }

    @Test
    void every_command_releases_the_lock_even_if_it_fails() throws Exception {
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
                .doesNotContainIgnoringCase("table databasechangeloglock")
                .as("when it is run").containsOnlyOnce("pg_try_advisory_lock");
        assertThat(changelog.runOffline("updateSql")).doesNotContainIgnoringCase("table databasechangeloglock");
        assertThat(database.texts("select tablename from pg_tables where schemaname = 'public'"))
                .as("of the other run").containsExactly("databasechangeloglock");
    }

    @Test
    void excludes_a_run_of_stock_liquibase_and_is_excluded_by_it() throws Exception {
        StandardLockService stock = stock();
        one.lock().waitForLock();
        assertThat(stock.acquireLock()).as("stock Liquibase").isFalse();
        assertThat(database.text("select lockedby from databasechangeloglock")).startsWith("support-db, pid ");
        one.lock().releaseLock();

        assertThat(stock.acquireLock()).as("stock Liquibase").isTrue();
        assertThat(one.lock().acquireLock()).isFalse();
        assertThat(one.lock().hasChangeLogLock()).isFalse();
        assertThatThrownBy(() -> other.lock().waitForLock())
                .hasMessageContaining("a run of Liquibase without support-db").hasMessageContaining("releaseLocks");
        assertThat(changelog.run("listLocks", Map.of())).doesNotContain("No locks");

        stock.releaseLock();
        assertThat(one.lock().acquireLock()).isTrue();
    }

    /** Nobody else can know whether the row of a killed run of stock Liquibase is stale. */
    @Test
    void takes_a_row_that_a_killed_run_has_left_and_stock_liquibase_on_request() throws Exception {
        one.lock().waitForLock();
        one.connection().close();
        assertThat(database.text("select lockedby from databasechangeloglock")).startsWith("support-db, pid ");
        changelog.run("update", Map.of());
        assertThat(database.text("select locked from databasechangeloglock")).isEqualTo("f");

        database.execute("update databasechangeloglock set locked = true, lockedby = 'killed', lockgranted = now()");
        assertThat(other.lock().acquireLock()).isFalse();
        changelog.run("releaseLocks", Map.of());
        assertThat(other.lock().acquireLock()).isTrue();
    }

    private StandardLockService stock() throws Exception {
        PostgresDatabase stock = new PostgresDatabase();
        stock.setConnection(new JdbcConnection(database.connect()));
        StandardLockService lock = new StandardLockService();
        lock.setDatabase(stock);
        return lock;
    }

    /** The server is in the middle of a statement that takes an hour; it has to notice by itself that nobody waits. */
    @Test
    void the_lock_ends_with_a_killed_process() throws Exception {
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
    void a_run_waits_for_the_lock_as_long_as_it_takes_unless_a_limit_is_set() throws Exception {
        SessionLock lock = new SessionLock();

        assertThat(Duration.ofMinutes(lock.getChangeLogLockWaitTime())).isGreaterThan(Duration.ofDays(100));
        Scope.child("liquibase.changelogLockWaitTimeInMinutes", 5L,
                () -> assertThat(lock.getChangeLogLockWaitTime()).isEqualTo(5));
    }

    /** This includes the step before Liquibase's own lock: the history table, which two would create at once. */
    @Test
    void lets_many_start_at_once_on_an_empty_database() throws Exception {
        one.lock().acquireLock();
        int holder = one.pid();
        List<Process> processes = List.of(update(), update());
        for (Process process : processes) {
            assertThat(process.inputReader().lines().filter(line -> line.startsWith("Waiting")).findFirst())
                    .hasValueSatisfying(said -> assertThat(said).contains("The lock is held by pid " + holder));
        }
        assertThat(database.texts("select tablename from pg_tables where schemaname = 'public'"))
                .containsExactly("databasechangeloglock");

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
