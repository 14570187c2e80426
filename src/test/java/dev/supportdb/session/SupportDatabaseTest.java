package dev.supportdb.session;

import static dev.supportdb.support.TinyChangelog.changeSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.postgres.Sql;
import dev.supportdb.support.Databases;
import dev.supportdb.support.Eventually;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TinyChangelog;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import liquibase.Scope;
import liquibase.change.core.RawSQLChange;
import liquibase.database.Database;
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.CommandExecutionException;
import liquibase.lockservice.LockServiceFactory;
import liquibase.resource.ClassLoaderResourceAccessor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

final class SupportDatabaseTest {

    private static final String NOTE = "insert into seen select '%s', current_setting('lock_timeout')";
    private static final String OUTSIDE = "runInTransaction: false";

    @TempDir
    private Path folder;

    private final List<String> said = new CopyOnWriteArrayList<>();
    private TestDatabase database;
    private TinyChangelog changelog;

    @BeforeEach
    void noteWhatEachChangesetSees() throws Exception {
        database = Databases.empty();
        changelog = new TinyChangelog(folder, database, said::add);
        database.execute("create table seen (at text, lock_timeout text)");
        database.execute("create table t (a int)");
    }

    @AfterEach
    void drop() throws Exception {
        database.close();
    }

    private String seen() throws Exception {
        return database.text("select string_agg(at || ' ' || lock_timeout, ', ' order by at) from seen");
    }

    @Test
    void limits_the_wait_for_a_lock_forward_and_back() throws Exception {
        changelog.of(changeSet("1", "", note("in"), note("in, back"))
                + changeSet("2", OUTSIDE, note("out"), note("out, back")));

        changelog.run("update", Map.of());
        changelog.run("rollbackCount", Map.of("count", 2));

        assertThat(seen()).isEqualTo("in 100ms, in, back 100ms, out 100ms, out, back 100ms");
    }

    @Test
    void lets_no_changeset_leave_its_settings_behind() throws Exception {
        changelog.of(changeSet("1", OUTSIDE, "set lock_timeout = 0", "set lock_timeout = 0")
                + changeSet("2", "", note("2"), note("2, back"))
                + changeSet("3", "", "set lock_timeout = 0", "set lock_timeout = 0")
                + changeSet("4", OUTSIDE, note("4"), null));

        changelog.run("update", Map.of());
        changelog.run("rollbackCount", Map.of("count", 4));

        assertThat(seen()).isEqualTo("2 100ms, 2, back 100ms, 4 100ms");
    }

    @Test
    void stock_liquibase_lets_them_leak() throws Exception {
        changelog.of(changeSet("1", OUTSIDE, "set lock_timeout = '1h'", null) + changeSet("2", "", note("2"), null));

        changelog.runStock("update", Map.of());

        assertThat(seen()).isEqualTo("2 1h");
    }

    /** A trigger looks at the setting from inside: a DROP INDEX CONCURRENTLY lets nothing be written before it. */
    @Test
    void only_concurrent_index_work_gets_the_long_lock_timeout() throws Exception {
        database.execute("""
                create function check_patience() returns event_trigger language plpgsql as $$
                begin
                  if (tg_tag in ('CREATE INDEX', 'DROP INDEX')) <> (current_setting('lock_timeout') = '10min') then
                    raise exception '% under a lock_timeout of %', tg_tag, current_setting('lock_timeout');
                  end if;
                end $$""");
        changelog.of(changeSet("1", OUTSIDE, "create index concurrently ix on t (a)",
                        "drop index concurrently if exists ix")
                + changeSet("2", "", "create view v as select 1", "drop view v"));
        changelog.run("status", Map.of());
        database.execute("create event trigger patience on ddl_command_start execute function check_patience()");

        changelog.run("update", Map.of());
        changelog.run("rollbackCount", Map.of("count", 2));

        assertThat(database.count("select count(*) from databasechangelog")).isZero();
        assertThatThrownBy(() -> changelog.runStock("update", Map.of()))
                .hasMessageContaining("under a lock_timeout of 0");
    }

    @Test
    void the_lock_timeout_is_short_again_after_a_failed_concurrent_index_build() throws Exception {
        database.execute("insert into t values (1), (1)");
        changelog.of(changeSet("1", OUTSIDE, "create unique index concurrently ix on t (a)", null));

        try (Connection connection = database.connect(); SupportDatabase support = new SupportDatabase()) {
            support.setConnection(new JdbcConnection(connection));
            support.begin(null);
            assertThatThrownBy(() -> changelog.run("update", Map.of("database", support)))
                    .hasMessageContaining("could not create unique index");
            assertThat(setting(connection, "lock_timeout")).isEqualTo("100ms");
        }
    }

    @Test
    void prepares_the_session() throws Exception {
        try (Connection connection = database.connect(); SupportDatabase support = new SupportDatabase()) {
            connection.createStatement().execute("""
                    select set_config(name, '1s', false) from pg_settings
                    where name in ('statement_timeout', 'idle_session_timeout', 'transaction_timeout')""");
            support.setConnection(new JdbcConnection(connection));
            support.begin(null);
            connection.rollback();

            assertThat(setting(connection, "application_name")).isEqualTo("support-db");
            assertThat(setting(connection, "lock_timeout")).isEqualTo("100ms");
            assertThat(Sql.texts(connection, "select setting from pg_settings where name in "
                    + "('statement_timeout', 'idle_session_timeout', 'transaction_timeout')")).containsOnly("0");
            assertThat(setting(connection, "idle_in_transaction_session_timeout")).isEqualTo("1min");
        }
    }

    @Test
    void begins_a_script_with_the_limit_and_lifts_it_for_concurrent_index_builds_only() throws Exception {
        changelog.of(changeSet("1", OUTSIDE, "create index concurrently ix on t (a)",
                        "drop index concurrently if exists ix")
                + changeSet("2", "", "alter table t add b int", "alter table t drop b"));

        String forward = changelog.run("updateSql", Map.of());
        assertThat(forward).containsSubsequence("\n\\set ON_ERROR_STOP on\n\\set AUTOCOMMIT on\nset lock_timeout = '3s';");
        assertThat(settings(forward)).containsExactly("3s", "10min", "3s");
        assertThat(forward).containsSubsequence("'10min'", "create index concurrently", "'3s'", "alter table");
        assertThat(settings(changelog.runOffline("updateSql"))).containsExactly("3s", "10min", "3s");
        assertThat(settings(changelog.run("futureRollbackSql", Map.of()))).containsExactly("3s", "10min", "3s");

        changelog.run("update", Map.of());
        String back = changelog.run("rollbackCountSql", Map.of("count", 2));
        assertThat(settings(back)).containsExactly("3s", "10min", "3s");
    }

    @Test
    void a_script_has_a_changeset_and_its_row_in_one_transaction() throws Exception {
        changelog.of(changeSet("1", OUTSIDE, "vacuum t", "vacuum t")
                + changeSet("2", "", "alter table t add b int", "alter table t drop b"));

        assertThat(changelog.run("updateSql", Map.of())).containsSubsequence(
                "vacuum t;", "INSERT INTO", "begin;", "alter table t add b int;", "INSERT INTO", "commit;");

        changelog.run("update", Map.of());
        assertThat(changelog.run("rollbackCountSql", Map.of("count", 2))).containsSubsequence(
                "begin;", "alter table t drop b;", "DELETE FROM", "commit;", "vacuum t;", "DELETE FROM")
                .containsOnlyOnce("begin;").containsOnlyOnce("commit;");
    }

    @Test
    void everything_goes_into_the_schema_public_whatever_comes_first_for_the_user() throws Exception {
        database.execute("create schema other; alter database " + database.name() + " set search_path = other, public");
        changelog.of(changeSet("1", "", "create table b (a int)", "drop table b"));

        changelog.run("update", Map.of());

        assertThat(database.texts("""
                select relnamespace::regnamespace from pg_class where relname in ('b', 'databasechangelog')
                """)).containsExactly("public", "public");
    }

    /** The version that a script is written for counts like that of a server. */
    @Test
    void a_server_that_is_too_old_is_refused() throws Exception {
        assertThatThrownBy(() -> open("offline:postgresql?version=14.19"))
                .hasMessageContaining("The server is PostgreSQL 14.19; 15 or later is needed.");

        open("offline:postgresql?version=15.0");
        open("offline:postgresql");
        open(database.url());
    }

    private void open(String url) throws Exception {
        try (Database opened = DatabaseFactory.getInstance().openDatabase(
                url, database.username(), database.password(), null, new ClassLoaderResourceAccessor())) {
            assertThat(opened).isInstanceOf(SupportDatabase.class);
        }
    }

    @Test
    void a_changeset_whose_row_cannot_be_written_has_not_happened() throws Exception {
        changelog.of(changeSet("1", "", "create table b (a int)", "drop table b"));
        refuseRows("insert");
        assertThatThrownBy(() -> changelog.run("update", Map.of())).hasMessageContaining("no row");
        assertThat(database.text("select to_regclass('b')")).isNull();

        database.execute("drop trigger refuse on databasechangelog");
        changelog.run("update", Map.of());
        assertThat(database.text("select to_regclass('b')")).isEqualTo("b");

        refuseRows("delete");
        assertThatThrownBy(() -> changelog.run("rollbackCount", Map.of("count", 1))).hasMessageContaining("no row");
        assertThat(database.text("select to_regclass('b')")).isEqualTo("b");

        database.execute("drop trigger refuse on databasechangelog");
        changelog.run("rollbackCount", Map.of("count", 1));
        assertThat(database.text("select to_regclass('b')")).isNull();
    }

    @Test
    void stock_liquibase_leaves_it_there_and_fails_from_then_on() throws Exception {
        changelog.of(changeSet("1", "", "create table b (a int)", "drop table b"));
        changelog.runStock("changelogSync", Map.of());
        database.execute("delete from databasechangelog");
        refuseRows("insert");
        assertThatThrownBy(() -> changelog.runStock("update", Map.of())).hasMessageContaining("no row");
        assertThat(database.text("select to_regclass('b')")).isEqualTo("b");

        database.execute("drop trigger refuse on databasechangelog");
        assertThatThrownBy(() -> changelog.runStock("update", Map.of()))
                .hasMessageContaining("relation \"b\" already exists");
    }

    /** Leaves the state of a run that is killed between the two, at the same place every time. */
    private void refuseRows(String operation) throws Exception {
        changelog.run("status", Map.of());
        database.execute("""
                create or replace function refuse() returns trigger language plpgsql as
                    'begin raise exception ''no row''; end';
                create trigger refuse before %s on databasechangelog for each row execute function refuse();
                """.formatted(operation));
    }

    @Test
    void gives_back_its_locks_while_it_waits_for_another_and_begins_again() throws Exception {
        database.execute("create table u (a int); insert into u values (1)");
        changelog.of(changeSet("1", "", "update u set a = a + 1; alter table u add b int", "alter table u drop b")
                + """
                - changeSet:
                    id: "2"
                    author: test
                    changes:
                      - addColumn: {tableName: u, columns: [column: {name: c, type: int}]}
                      - sql: update u set a = a + 1
                      - sql: alter table t add b int
                      - sql: insert into seen values ('2')
                    rollback:
                      - sql: alter table u drop c
                      - sql: alter table t drop b
                """);

        assertThat(whileTableIsRead(() -> changelog.run("update", Map.of())))
                .containsPattern("Waiting up to \\d+ s for a lock: pid [0-9]+ .*idle in transaction.* holds t since");
        assertThat(database.text("select concat_ws(' ', a, b is null, c is null) from u")).isEqualTo("3 t t");
        assertThat(database.count("select count(*) from seen")).isOne();
        assertThat(database.count("select count(*) from databasechangelog")).isEqualTo(2);

        whileTableIsRead(() -> changelog.run("rollbackCount", Map.of("count", 1)));
        assertThat(database.count("select count(*) from databasechangelog")).isOne();
        assertThat(database.texts("""
                select column_name from information_schema.columns where table_name in ('t', 'u') order by column_name
                """)).containsExactly("a", "a", "b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "runInTransaction: false\n"})
    void waits_for_the_history_as_for_any_other_table(String attributes) throws Exception {
        String first = changeSet("1", attributes, "insert into seen values ('1')", "delete from seen");
        changelog.of(first).run("update", Map.of());
        changelog.of(first
                + changeSet("2", attributes, "insert into seen values ('2')", "delete from seen where at = '2'"));

        beside("lock table databasechangelog in share mode", () -> changelog.run("update", Map.of()));
        assertThat(database.count("select count(*) from seen")).isEqualTo(2);
        assertThat(database.count("select count(*) from databasechangelog")).isEqualTo(2);

        beside("lock table databasechangelog in share mode",
                () -> changelog.run("rollbackCount", Map.of("count", 1)));
        assertThat(database.count("select count(*) from seen")).isOne();
        assertThat(database.count("select count(*) from databasechangelog")).isOne();
    }

    @Test
    void tries_a_statement_outside_a_transaction_again_by_itself() throws Exception {
        changelog.of("""
                - changeSet:
                    id: "1"
                    author: test
                    runInTransaction: false
                    changes:
                      - sql: insert into seen values ('1')
                      - sql: alter table t add b int
                    rollback: []
                """);

        whileTableIsRead(() -> changelog.run("update", Map.of()));

        assertThat(database.count("select count(*) from seen")).isOne();
        assertThat(database.count("select count(*) from databasechangelog")).isOne();
    }

    @ParameterizedTest
    @ValueSource(strings = {"soon", "1.5", "-5"})
    void refuses_a_patience_that_is_no_number_of_seconds(String patience) {
        changelog.of(changeSet("1", "", "create table v (a int)", null));

        assertThatThrownBy(() -> updateWithPatience(patience)).hasMessageContaining(
                "supportdb.lock.patience must be a whole number from 0 to 86400, not '" + patience);
    }

    @Test
    void says_who_is_in_the_way_when_it_gives_up() throws Exception {
        changelog.of(changeSet("1", "", "create table v (a int); alter table t add b int", null));
        try (Connection report = database.connect(); Statement reading = report.createStatement()) {
            report.setAutoCommit(false);
            reading.execute("select from t");

            assertThatThrownBy(() -> updateWithPatience(1))
                    .isInstanceOf(CommandExecutionException.class)
                    .hasMessageContaining("canceling statement due to lock timeout")
                    .hasMessageContaining("Gave up after 1 s waiting for a lock: pid "
                            + report.unwrap(PGConnection.class).getBackendPID());
            assertThat(database.text("select to_regclass('v')")).isNull();
        }
        changelog.run("update", Map.of());
        assertThat(database.count("select count(*) from databasechangelog")).isOne();
    }

    private void updateWithPatience(Object seconds) throws Exception {
        Scope.child("supportdb.lock.patience", seconds, () -> changelog.run("update", Map.of()));
    }

    @Test
    void stops_when_its_lock_is_lost() throws Exception {
        changelog.of(changeSet("1", "", "select pg_advisory_unlock_all()", "select pg_advisory_unlock_all()")
                + changeSet("2", "", "create table v (a int)", "drop table v"));

        assertThatThrownBy(() -> changelog.run("update", Map.of())).hasMessageContaining("has lost its lock");
        assertThat(database.texts("select id from databasechangelog")).containsExactly("1");

        changelog.run("update", Map.of());
        assertThat(database.count("select count(*) from databasechangelog")).isEqualTo(2);
    }

    /**
     * In a transaction it may have locked a table by then, and sessions that need it would wait for the answer as well.
     */
    @Test
    void sees_to_its_lock_once_in_a_transaction_and_before_each_change_outside() throws Exception {
        String unlocksFirst = """
                - changeSet:
                    id: "%s"
                    author: test
                    runInTransaction: %s
                    changes:
                      - sql: select pg_advisory_unlock_all()
                      - sql: insert into seen values ('%1$s')
                """;

        changelog.of(unlocksFirst.formatted("in", true));
        changelog.run("update", Map.of());
        changelog.of(unlocksFirst.formatted("in", true) + unlocksFirst.formatted("out", false));
        assertThatThrownBy(() -> changelog.run("update", Map.of())).hasMessageContaining("has lost its lock");

        assertThat(database.texts("select at from seen")).containsExactly("in");
    }

    /** Its session ends during a statement, or before the next change, when it checks its lock. */
    @Test
    void says_why_when_its_session_has_ended() throws Exception {
        changelog.of(changeSet("1", "", "select pg_terminate_backend(pg_backend_pid())", null));
        assertThatThrownBy(() -> changelog.run("update", Map.of()))
                .hasMessageContaining("terminating connection due to administrator command");

        try (Connection connection = database.connect()) {
            // Not closed, because closing would use the session and fail.
            SupportDatabase support = new SupportDatabase();
            support.setConnection(new JdbcConnection(connection));
            LockServiceFactory.getInstance().getLockService(support).waitForLock();
            database.execute("select pg_terminate_backend(%d, 60000)"
                    .formatted(connection.unwrap(PGConnection.class).getBackendPID()));
            assertThatThrownBy(() -> support.executeStatements(new RawSQLChange("select 1"), null, List.of()))
                    .hasMessageContaining("terminating connection due to administrator command")
                    .hasMessageContaining("Run the same command to resume.");
        }
    }

    @Test
    void stock_liquibase_waits_for_ever() throws Exception {
        changelog.of(changeSet("1", "", "alter table t add b int", null));
        changelog.run("changelogSync", Map.of());
        database.execute("delete from databasechangelog");
        try (Connection report = database.connect(); Statement reading = report.createStatement()) {
            report.setAutoCommit(false);
            reading.execute("select from t");
            CompletableFuture<Void> update = start(() -> changelog.runStock("update", Map.of()));

            database.awaitThat("""
                    exists (select from pg_locks where relation = 't'::regclass and not granted
                        and waitstart < clock_timestamp() - interval '1 second')
                    """);
            report.rollback();
            update.join();
        }
    }

    /** Returns the output of the run until its end, which it cannot reach while a session reads the table. */
    private String whileTableIsRead(Run run) throws Exception {
        return beside("select from t", run);
    }

    private String beside(String sql, Run run) throws Exception {
        try (Connection report = database.connect(); Statement reading = report.createStatement()) {
            report.setAutoCommit(false);
            reading.execute(sql);
            said.clear();
            CompletableFuture<Void> update = start(run);
            Eventually.until(() -> said.stream().anyMatch(line -> line.startsWith("Waiting up to ")),
                    () -> "was not said in " + said);
            report.rollback();
            update.join();
        }
        return String.join("\n", said);
    }

    private interface Run {
        void run() throws Exception;
    }

    private static CompletableFuture<Void> start(Run run) {
        return CompletableFuture.runAsync(() -> {
            try {
                run.run();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }, command -> Executors.defaultThreadFactory().newThread(command).start());
    }

    /** Liquibase alone leaves functions and types, and the next update fails on them. */
    @Test
    void drops_all_that_a_changelog_has_made() throws Exception {
        changelog.of(changeSet("1", "", """
                create type size as enum ('small'); create domain count as int;
                create type span as range (subtype = int); create type place as (street text);
                create table crates (id int, size size, count count);
                create function f() returns int language sql return 1;
                create function g() returns int language sql return f();
                create procedure p() language sql as 'select 1'""", null));
        changelog.run("update", Map.of());

        changelog.run("dropAll", Map.of());
        assertThat(database.count("""
                select (select count(*) from pg_class where relnamespace = 'public'::regnamespace)
                    + (select count(*) from pg_proc where pronamespace = 'public'::regnamespace)
                    + (select count(*) from pg_type where typnamespace = 'public'::regnamespace)""")).isZero();
        changelog.run("update", Map.of());

        changelog.runStock("dropAll", Map.of());
        assertThatThrownBy(() -> changelog.run("update", Map.of())).hasMessageContaining("already exists");
    }

    private static String note(String at) {
        return NOTE.formatted(at);
    }

    private static List<String> settings(String script) {
        return script.lines().filter(line -> line.startsWith("set lock_timeout"))
                .map(line -> line.replaceAll(".*'(.*)';", "$1")).toList();
    }

    private static String setting(Connection connection, String name) throws Exception {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("show " + name)) {
            row.next();
            return row.getString(1);
        }
    }
}
