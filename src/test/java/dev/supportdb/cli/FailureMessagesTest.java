package dev.supportdb.cli;

import static dev.supportdb.support.TinyChangelog.backfill;
import static dev.supportdb.support.TinyChangelog.changeSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.supportdb.embedded.EmbeddedPostgres;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.session.SessionLock;
import dev.supportdb.session.SupportDatabase;
import dev.supportdb.support.Databases;
import dev.supportdb.support.DocumentationPage;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.ServerPlace;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TinyChangelog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import liquibase.Scope;
import liquibase.Scope.ScopedRunner;
import liquibase.database.jvm.JdbcConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each message on the page about failed migrations is one that is said, and each that is said here is on the page. */
final class FailureMessagesTest {

    private static final String MAIN = changeSet("main", "labels: main", "select 1", "select 1");
    private static final String CRM = changeSet("crm", """
            labels: crm
            preConditions:
              - onFailMessage: crm needs main
              - changeSetExecuted: {id: main, author: test, changeLogFile: tiny.yaml}
            """, "select 1", "select 1");
    private static final String GUARDED = """
            - changeSet:
                id: guarded
                author: test
                changes:
                  - sql: {sql: select 1}
                rollback:
                  - refuse: {loses: crates.size, rows: select * from crates}
            """;
    private static final String FILL = backfill("fill", "name: crates", "table: crates",
            "pending: weight is null", "fill: update crates set weight = 1 / 0 where id = any(:keys)");

    @TempDir
    private Path folder;

    private final List<String> messages = new ArrayList<>();
    private TestDatabase database;
    private TinyChangelog changelog;

    @BeforeEach
    void create() throws Exception {
        database = Databases.at(MigrationState.head());
        database.execute("create table crates (id integer primary key, size int, weight int)");
        database.execute("insert into crates values (1, 1), (2, 1), (3, null)");
        changelog = new TinyChangelog(folder, database);
    }

    @AfterEach
    void drop() throws Exception {
        database.close();
    }

    @Test
    void are_those_of_the_page() throws Exception {
        downgrades();
        fails(() -> new LiquibaseRunner(MigrationState.analytics(database)).update());
        wrongChangesets();
        wrongRows();
        othersInTheWay();
        backfills();
        otherFiles();
        rollbacks();
        databasesOfOthers();
        whatOnlyReads();

        List<Pattern> forms = forms(DocumentationPage.of("docs/failed-migrations.md")
                .between("## It said", "## An example"));
        assertThat(forms).hasSizeGreaterThan(15);
        assertThat(forms.stream().filter(form -> messages.stream().noneMatch(message -> form.matcher(message).find())))
                .as("what is on the page and was not said").isEmpty();
        assertThat(messages.stream().filter(message -> forms.stream().noneMatch(form -> form.matcher(message).find())))
                .as("what was said and is not on the page").isEmpty();
    }

    private void downgrades() throws Exception {
        messages.add(CommandRun.on(database, "downgrade", "before-017", "--env=test").output());
    }

    private void wrongChangesets() {
        updateFails("", "insert into nowhere values (1)");
        updateFails("", "update crates set colour = 'red'");
        updateFails("", "creat table crates ()");
        updateFails("", "create table crates (id int)");
        updateFails("", "alter table crates add size int");
    }

    private void wrongRows() throws Exception {
        updateFails("runInTransaction: false", "create unique index concurrently uq_crates on crates (size)");
        updateFails("", "alter table crates add constraint ck_crates check (size > 1)");
        updateFails("", "alter table crates alter size set not null");
        updateFails("", """
                create table sizes (id int primary key);
                alter table crates add constraint fk_crates foreign key (size) references sizes
                """);
    }

    private void othersInTheWay() throws Exception {
        database.execute("create view sizes as select size from crates");
        updateFails("", "alter table crates drop column size");
        updateFails("", "do $$ begin execute 'alter table crates ' || 'drop column size'; end $$");
        database.execute("create table tubs (id int); create index ix_tubs on tubs (id)");
        updateFails("runInTransaction: false", "create index concurrently ix_tubs on crates (size)");
        database.execute("drop view sizes; create access method columnar type table handler heap_tableam_handler;"
                + "create table racks (id int) using columnar");
        updateFails("", "create table if not exists racks (id int)");
        database.execute("drop table racks; drop access method columnar");
        try (Connection other = database.connect(); Statement lock = other.createStatement()) {
            other.setAutoCommit(false);
            lock.execute("lock table crates");
            Scope.child("supportdb.lock.patience", 1, () -> updateFails("", "alter table crates add colour int"));
        }
        try (Connection other = database.connect()) {
            SupportDatabase run = new SupportDatabase();
            run.setConnection(new JdbcConnection(other));
            SessionLock lock = new SessionLock();
            lock.setDatabase(run);
            lock.acquireLock();
            Scope.child("liquibase.changelogLockWaitTimeInMinutes", 0L, () -> updateFails("", "select 1"));
        }
        changelog.of(changeSet("unlocks", "", "select pg_advisory_unlock_all()", null) + MAIN);
        fails(() -> changelog.run("update", Map.of()));
        updateFails("", "select pg_terminate_backend(pg_backend_pid())");
    }

    private void backfills() {
        changelog.of(FILL);
        fails(() -> changelog.run("update", Map.of()));
    }

    private void otherFiles() throws Exception {
        changelog.of(MAIN).run("update", Map.of());
        changelog.of(MAIN.replace("select 1", "select 2"));
        fails(() -> changelog.run("update", Map.of()));
        updateFails("""
                preConditions:
                  - sqlCheck: {expectedResult: "0", sql: select count(*) from crates}
                """, "select 1");
        changelog.of(CRM.replace("id: main", "id: nothing"));
        fails(() -> changelog.run("update", Map.of()));
        fails(() -> changelog.run("rollbackCount", Map.of("count", 1)));
    }

    private void rollbacks() throws Exception {
        changelog.of(MAIN + CRM).run("update", Map.of());
        fails(() -> changelog.run("rollbackCount", "@main", Map.of("count", 1)));
        changelog.of(MAIN + CRM + GUARDED).run("update", Map.of());
        fails(() -> changelog.run("rollbackCount", Map.of("count", 1)));
        String cannot = changeSet("cannot", "", "select 1", "drop table nowhere");
        changelog.of(MAIN + CRM + GUARDED + cannot).run("update", Map.of());
        fails(() -> changelog.run("rollbackCount", Map.of("count", 1)));
        String bare = "- changeSet: {id: bare, author: test, changes: [{sql: {sql: select 1}}]}\n";
        changelog.of(MAIN + CRM + GUARDED + cannot + bare).run("update", Map.of());
        fails(() -> changelog.run("rollbackCount", Map.of("count", 1)));
    }

    private void databasesOfOthers() throws Exception {
        String stranger = database.name() + "_stranger";
        database.execute("create role %1$s login; grant create on schema public to %1$s".formatted(stranger));
        try {
            updateFails("", "select 1");
            database.execute("revoke create on schema public from " + stranger);
            database.execute("create table boxes (id int); alter table boxes enable row level security;"
                    + "grant select on boxes to " + stranger);
            updateFails("", "set role %s; select * from boxes".formatted(stranger));
            changelog.of(changeSet("boxes", "", """
                    create table if not exists boxes ();
                    create function pack() returns int security definer return 1;
                    alter function pack() owner to %s""".formatted(stranger), null)).run("update", Map.of());
            fails(() -> changelog.run("update", Map.of()));
            database.execute("create schema copy; create table copy.databasechangelog as table databasechangelog;"
                    + "delete from databasechangelog");
            fails(() -> changelog.run("update", Map.of()));
            database.execute("create table alembic_version as select '1' as version_num");
            fails(() -> changelog.run("update", Map.of()));
        } finally {
            database.execute("drop owned by %1$s; drop role %1$s".formatted(stranger));
        }
    }

    private void whatOnlyReads() throws Exception {
        database.execute("alter database %s set default_transaction_read_only = on".formatted(database.name()));
        updateFails("", "select 1");
        EmbeddedPostgres server = ServerPlace.find().server("fsync=off");
        try {
            server.start();
            server.stop();
            Files.createFile(server.folder().resolve("data/standby.signal"));
            server.start();
            String user = EmbeddedPostgres.SUPERUSER;
            TestDatabase restored = new TestDatabase("support", server.url("support"), user, server.password(user));
            TinyChangelog there = new TinyChangelog(folder, restored).of(MAIN);
            fails(() -> there.run("update", Map.of()));
        } finally {
            server.reset();
        }
    }

    private void updateFails(String attributes, String sql) {
        changelog.of(changeSet("broken", attributes, sql, null));
        fails(() -> changelog.run("update", Map.of()));
    }

    private void fails(ScopedRunner<?> run) {
        Throwable failure = catchThrowable(run::run);
        assertThat(failure).isNotNull();
        messages.add(failure.getMessage().replaceAll("\\s+", " "));
    }

    /** The patterns in the first cells of the tables, in which the dots match anything. */
    private static List<Pattern> forms(DocumentationPage page) {
        return page.text().lines().filter(line -> line.startsWith("| `"))
                .map(line -> line.substring(0, line.indexOf(" | ")))
                .flatMap(cell -> Pattern.compile("`([^`]+)`").matcher(cell).results())
                .map(message -> form(message.group(1))).toList();
    }

    private static Pattern form(String message) {
        return Pattern.compile(String.join(".*", Stream.of(message.split("…", -1)).map(Pattern::quote).toList()));
    }
}
