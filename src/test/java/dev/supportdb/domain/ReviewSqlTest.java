package dev.supportdb.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.Databases;
import dev.supportdb.support.Eventually;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.PsqlScript;
import dev.supportdb.support.TestDatabase;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import liquibase.Scope;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The SQL for review changes nothing, backfills included, and does what the command itself does. */
final class ReviewSqlTest {

    private static final MigrationState HEAD = MigrationState.head().withTickets(500);
    private static final MigrationState START = MigrationState.before("002_sla_fields").withTickets(500);

    /** Fills have run to here, and fills are still to come. */
    private static final MigrationState MIDDLE = MigrationState.before("016_ticket_metrics").withTickets(500);

    private TestDatabase database;

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    enum Goal {
        UPDATE_SQL("update tickets") {
            @Override
            String run(LiquibaseRunner migration) throws CommandExecutionException {
                return migration.updateSql();
            }
        },
        ROLLBACK_COUNT_SQL("ticket_audit_log") {
            @Override
            String run(LiquibaseRunner migration) throws CommandExecutionException {
                return migration.rollbackSql(50);
            }
        },
        ROLLBACK_SQL("update tickets") {
            @Override
            String run(LiquibaseRunner migration) throws CommandExecutionException {
                return migration.run("rollbackSql", Map.of("tag", START.tag()));
            }
        },
        FUTURE_ROLLBACK_SQL("update tickets") {
            @Override
            String run(LiquibaseRunner migration) throws CommandExecutionException {
                return migration.futureRollbackSql();
            }
        };

        final String part;

        Goal(String part) {
            this.part = part;
        }

        abstract String run(LiquibaseRunner migration) throws CommandExecutionException;
    }

    @ParameterizedTest
    @EnumSource
    void writes_nothing(Goal goal) throws Exception {
        database = Databases.at(MIDDLE);
        Snapshot before = database.snapshot();
        List<String> books = books();

        assertThat(goal.run(new LiquibaseRunner(MIDDLE.of(database)))).contains(goal.part);

        assertThat(before.differenceTo(database.snapshot())).isEmpty();
        assertThat(books()).isEqualTo(books);
    }

    @ParameterizedTest
    @EnumSource
    void does_not_even_try_to_write(Goal goal) throws Exception {
        database = Databases.at(MIDDLE);
        database.execute("alter database " + database.name() + " set default_transaction_read_only = on");
        LiquibaseRunner migration = new LiquibaseRunner(MIDDLE.of(database));

        // Autovacuum also uses transaction ids, so one run without a new id is enough.
        boolean drawn = true;
        for (int run = 0; drawn && run < 10; run++) {
            String next = nextTransaction();
            goal.run(migration);
            drawn = !next.equals(nextTransaction());
        }
        assertThat(drawn).as("a transaction id was drawn in each run").isFalse();
    }

    @Test
    void the_sql_of_an_update_leaves_an_empty_database_empty() throws Exception {
        database = Databases.empty();

        assertThat(new LiquibaseRunner(HEAD.of(database)).updateSql()).contains("CREATE TABLE", "do $backfill$");

        assertThat(database.texts("select relname from pg_class where relnamespace = 'public'::regnamespace"))
                .isEmpty();
    }

    @Test
    void the_sql_of_an_update_does_what_the_update_does() throws Exception {
        assumePsql();
        database = Databases.empty();

        PsqlScript.run(database, new LiquibaseRunner(HEAD.of(database)).updateSql());

        assertThatItIsAt(HEAD);
        assertThatLiquibaseTakesItFor(HEAD);
    }

    @Test
    void the_offline_sql_does_what_the_update_does(@TempDir Path folder) throws Exception {
        assumePsql();
        database = Databases.empty();
        TargetDatabase online = HEAD.of(database);
        TargetDatabase offline =
                new TargetDatabase("offline:postgresql?version=17&outputLiquibaseSql=all&changeLogFile="
                + URLEncoder.encode(folder.resolve("history.csv").toString(), StandardCharsets.UTF_8),
                null, null, online.changelog(), online.contexts(), online.labels(), online.parameters());

        PsqlScript.run(database, new LiquibaseRunner(offline).updateSql());

        assertThatItIsAt(HEAD);
        assertThatLiquibaseTakesItFor(HEAD);
    }

    @Test
    void the_sql_of_a_rollback_does_what_the_rollback_does() throws Exception {
        assumePsql();
        database = Databases.at(HEAD);

        PsqlScript.run(database, Goal.ROLLBACK_SQL.run(new LiquibaseRunner(HEAD.of(database))));

        assertThatItIsAt(START);
        assertThatLiquibaseTakesItFor(START);
    }

    @Test
    void the_sql_of_a_rollback_that_would_lose_data_refuses_before_anything_is_undone() throws Exception {
        assumePsql();
        database = Databases.at(HEAD);
        String script = Goal.ROLLBACK_SQL.run(new LiquibaseRunner(HEAD.of(database)));
        database.execute("update tickets set subject = repeat('x', 501) where id = (select min(id) from tickets)");
        Snapshot before = database.snapshot();

        PsqlScript.Result result = PsqlScript.exit(database, script);

        assertThat(result.code()).isNotZero();
        assertThat(result.log()).contains("1 ticket(s) have a subject of more than 500 characters");
        assertThat(before.differenceTo(database.snapshot())).isEmpty();
    }

    @Test
    void the_sql_stops_at_the_first_error_and_leaves_no_half_changeset() throws Exception {
        assumePsql();
        database = Databases.at(START);
        String script = new LiquibaseRunner(HEAD.of(database)).updateSql();
        // This index makes the second statement of that changeset fail.
        database.execute("create index ix_tickets_priority_old on tickets (priority)");

        PsqlScript.Result result = PsqlScript.exit(database, script);

        assertThat(result.code()).isNotZero();
        assertThat(result.log()).contains("relation \"ix_tickets_priority_old\" already exists");
        assertThat(database.text("select id from databasechangelog order by orderexecuted desc limit 1"))
                .isEqualTo("005_ticket_priority_enum-10-release_priority");
        assertThat(database.count("select count(*) from pg_attribute where attname = 'priority_old'")).isZero();
    }

    @Test
    void the_sql_of_a_future_rollback_undoes_the_update_that_follows() throws Exception {
        assumePsql();
        database = Databases.at(MIDDLE);
        LiquibaseRunner migration = new LiquibaseRunner(MIDDLE.of(database));
        String sql = migration.futureRollbackSql();
        migration.update();

        PsqlScript.run(database, sql);

        assertThatItIsAt(MIDDLE);
        assertThatLiquibaseTakesItFor(MIDDLE);
    }

    @Test
    void the_sql_is_for_one_state_of_a_database_and_refuses_others() throws Exception {
        assumePsql();
        database = Databases.at(MIDDLE);
        LiquibaseRunner migration = new LiquibaseRunner(MIDDLE.of(database));
        String forward = migration.updateSql();
        PsqlScript.run(database, forward);
        Snapshot head = database.snapshot();

        assertThatItRefuses(forward, head,
                "- changelog/main/016_ticket_metrics.yaml: 6 of its changesets have run, not 0");
        String back = migration.rollbackSql(1);
        migration.rollback(2);
        Snapshot further = database.snapshot();
        assertThatItRefuses(back, further,
                "- changelog/crm/028_customer_score.yaml: 2 of its changesets have run, not 4");
        migration.update();
        PsqlScript.run(database, back);
        try (TestDatabase other = Databases.empty()) {
            PsqlScript.Result result = PsqlScript.exit(other, forward);
            assertThat(result.code()).isNotZero();
            assertThat(result.log()).contains("This script was written for a database with a history, and "
                    + other.name() + " has none. Nothing has been changed.");
            assertThat(other.count("select count(*) from pg_class where oid >= 16384")).isZero();
        }
    }

    private void assertThatItRefuses(String script, Snapshot before, String why) throws Exception {
        PsqlScript.Result result = PsqlScript.exit(database, script);

        assertThat(result.code()).isNotZero();
        assertThat(result.log()).contains("This script was written for another state of the database:", why,
                "Nothing has been changed.");
        assertThat(before.differenceTo(database.snapshot())).isEmpty();
    }

    @Test
    void the_sql_waits_for_no_other_run_and_lets_none_begin() throws Exception {
        assumePsql();
        database = Databases.at(MIDDLE);
        Snapshot before = database.snapshot();
        String script = new LiquibaseRunner(MIDDLE.of(database)).updateSql();
        try (Connection other = database.connect()) {
            other.createStatement().execute(script.lines().filter(line -> line.contains("pg_try_advisory_lock"))
                    .findFirst().orElseThrow().replaceFirst(".*if not (.*) then", "select $1"));

            PsqlScript.Result result = PsqlScript.exit(database, script);
            assertThat(result.code()).isNotZero();
            assertThat(result.log()).contains("Another run holds the lock of this database. Nothing has been changed");
            assertThat(before.differenceTo(database.snapshot())).isEmpty();
            assertThatThrownBy(() -> Scope.child("liquibase.changelogLockWaitTimeInMinutes", 0L,
                    () -> new LiquibaseRunner(MIDDLE.of(database)).update()))
                    .hasMessageContaining("Another run holds the lock");
        }
    }

    @Test
    void the_sql_commits_each_changeset_also_where_psql_would_not() throws Exception {
        assumePsql();
        database = Databases.at(START);
        String script = new LiquibaseRunner(START.of(database)).updateSql();

        PsqlScript.run(database, "\\set AUTOCOMMIT off\n" + script);

        assertThatItIsAt(HEAD);
    }

    @Test
    void an_update_completes_the_sql_whose_psql_was_killed() throws Exception {
        assumePsql();
        database = Databases.at(START);
        LiquibaseRunner migration = new LiquibaseRunner(START.of(database));
        PsqlScript.Running psql = PsqlScript.start(database, migration.updateSql());
        Eventually.until(() -> database.count("select count(*) from databasechangelog") > 60,
                () -> "the script has not come that far");

        psql.kill();

        migration.update();
        assertThatItIsAt(HEAD);
    }

    private static void assumePsql() {
        assumeThat(PsqlScript.isInstalled()).as("psql is on the PATH, to run the scripts with").isTrue();
    }

    private void assertThatItIsAt(MigrationState state) throws Exception {
        try (TestDatabase other = Databases.at(state)) {
            assertThat(other.snapshot().differenceTo(database.snapshot())).isEmpty();
        }
    }

    private void assertThatLiquibaseTakesItFor(MigrationState state) throws Exception {
        String history = "select id || ' ' || md5sum || ' ' || coalesce(tag, '') from databasechangelog "
                + "order by orderexecuted";
        try (TestDatabase other = Databases.at(state)) {
            assertThat(database.texts(history)).isEqualTo(other.texts(history));
        }
    }

    /**
     * Returns rows that no snapshot contains: the records of Liquibase and the backfills of what they did and when.
     */
    private List<String> books() throws SQLException {
        return database.texts("""
                select row(d.*)::text from databasechangelog d
                union all select row(b.*)::text from backfills b
                order by 1
                """);
    }

    private String nextTransaction() throws SQLException {
        return database.text("select pg_snapshot_xmax(pg_current_snapshot())");
    }
}
