package dev.supportdb.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.ChangeSet.ExecType;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Functions that run with their owner's rights run where the changelog has put them, and nowhere else. */
final class DefinerFunctionsTest {

    private static final String OPEN = """
            select oid::regprocedure from pg_proc
            where pronamespace = 'public'::regnamespace and has_function_privilege('public', oid, 'execute')
            """;

    private static final String ALL =
            "select oid::regprocedure from pg_proc where pronamespace = 'public'::regnamespace";

    private static final String DEFINERS = """
            select proname from pg_proc where prosecdef and pronamespace = 'public'::regnamespace order by 1
            """;

    /** A column type whose cast to text runs as the owner of the function that casts it. */
    private static final String HIJACK = """
            set session authorization %1$s;
            create type pg_temp.evil as (x integer);
            create function pg_temp.run(pg_temp.evil) returns text language plpgsql as $$
            begin
                execute 'grant select on public.customers to %1$s';
                return '';
            end
            $$;
            create cast (pg_temp.evil as text) with function pg_temp.run(pg_temp.evil);
            create temporary table fake (id integer, status pg_temp.evil, priority text, assigned_user_id integer);
            create trigger fake after update on fake for each row execute function public.log_ticket_changes();
            insert into fake values (1, row(1), 'low', null);
            update fake set status = row(2);
            """;

    /** Without any cast: rows of one's own that are taken for those of the changelog's tables. */
    private static final String ON_A_TABLE_OF_ONES_OWN = """
            set session authorization %1$s;
            create temporary table fake (id integer);
            create trigger fake before insert on fake for each %3$s execute function public.%2$s();
            insert into fake values (1);
            """;

    /** The same function without the check of the table it is on. */
    private static final String WITHOUT_ITS_CHECK = """
            do $$
            begin
                execute (select regexp_replace(pg_get_functiondef(oid), 'if coalesce\\(pg_partition_root.*?end if;', '')
                         from pg_proc where proname = 'log_ticket_changes');
            end
            $$
            """;

    private TestDatabase database;
    private String hostile;

    @BeforeEach
    void create() throws Exception {
        database = Databases.at(MigrationState.head());
        hostile = database.name() + "_hostile";
        database.execute("create role %1$s; grant temporary on database %2$s to %1$s"
                .formatted(hostile, database.name()));
    }

    @AfterEach
    void drop() throws SQLException {
        database.execute("drop owned by %1$s; drop role %1$s".formatted(hostile));
        database.close();
    }

    @Test
    void no_function_is_open_to_the_public() throws Exception {
        assertThat(database.texts(DEFINERS)).hasSizeGreaterThan(7);
        assertThat(database.texts(OPEN)).isEmpty();

        try (TestDatabase analytics = Databases.empty()) {
            new LiquibaseRunner(MigrationState.analytics(analytics)).update();
            assertThat(analytics.texts(OPEN)).isEmpty();
        }
    }

    /** This includes the functions that a rollback restores. */
    @Test
    void no_function_is_open_to_the_public_after_any_changeset() throws Exception {
        try (TestDatabase walked = Databases.empty()) {
            OpenFunctions open = new OpenFunctions(walked);
            LiquibaseRunner migration = new LiquibaseRunner(MigrationState.head().of(walked), Path.of(""), line -> { },
                    open);
            migration.update();
            assertThat(open.seen).contains("sync_ticket_priority()", "map_ticket_status()");
            open.seen.clear();
            migration.rollback();

            assertThat(open.seen).contains("sync_ticket_priority()", "map_ticket_status()");
            assertThat(open.found).isEmpty();
        }
    }

    /** Looks at the functions after every changeset, forward and back. */
    private static final class OpenFunctions extends AbstractChangeExecListener {

        private final TestDatabase database;
        private final List<String> found = new ArrayList<>();
        private final Set<String> seen = new TreeSet<>();

        OpenFunctions(TestDatabase database) {
            this.database = database;
        }

        @Override
        public void ran(ChangeSet changeSet, DatabaseChangeLog changeLog, Database target, ExecType execType) {
            check("after " + changeSet.getId());
        }

        @Override
        public void rolledBack(ChangeSet changeSet, DatabaseChangeLog changeLog, Database target) {
            check("after the rollback of " + changeSet.getId());
        }

        private void check(String when) {
            try {
                seen.addAll(database.texts(ALL));
                database.texts(OPEN).forEach(function -> found.add(when + ": " + function));
            } catch (SQLException e) {
                throw new IllegalStateException(when, e);
            }
        }
    }

    /** Policies that hide rows from the owner would make a trigger count a part of them. */
    @Test
    void each_sees_all_rows_or_fails() throws Exception {
        assertThat(database.texts(DEFINERS)).isNotEmpty();
        assertThat(database.texts("""
                select proname from pg_proc where prosecdef and pronamespace = 'public'::regnamespace
                    and not coalesce(proconfig, '{}') @> '{row_security=off}'
                """)).isEmpty();

        String owner = database.name() + "_owner";
        database.execute(LegacyRows.PEOPLE + LegacyRows.tickets(1) + """
                create role %1$s;
                alter function count_ticket_comments() owner to %1$s;
                alter table tickets owner to %1$s;
                alter table ticket_comments owner to %1$s;
                grant usage on schema public to %1$s;
                """.formatted(owner));
        try {
            String comment = "insert into ticket_comments (ticket_id, user_id, content) values (1, 1, 'c')";
            database.execute(comment);
            database.execute("""
                    alter table ticket_comments enable row level security, force row level security;
                    alter table tickets enable row level security, force row level security
                    """);

            assertThatThrownBy(() -> database.execute(comment)).hasMessageContaining("row-level security policy");
        } finally {
            database.execute("reassign owned by %1$s to current_user; drop owned by %1$s; drop role %1$s".formatted(owner));
        }
    }

    @Test
    void one_of_the_expand_phase_refuses_another_table() throws Exception {
        try (TestDatabase expanded = Databases.at(MigrationState.head().labelled("!vector and !contract"))) {
            assertThat(expanded.texts(DEFINERS)).contains("map_ticket_status");
            assertThatEachRefusesAnotherTable(expanded);
        }
    }

    @Test
    void none_can_be_hung_on_a_table_of_somebody_else() throws SQLException {
        assertThatThrownBy(() -> database.execute(HIJACK.formatted(hostile)))
                .isInstanceOf(SQLException.class).hasMessageContaining("permission denied for function")
                .hasMessageContaining("log_ticket_changes");
        assertThat(canRead()).isFalse();
    }

    /** Some platforms grant execute to every role by default. */
    @Test
    void one_that_may_be_executed_refuses_another_table() throws SQLException {
        database.execute("grant execute on function log_ticket_changes() to " + hostile);

        assertThatThrownBy(() -> database.execute(HIJACK.formatted(hostile))).isInstanceOf(SQLException.class)
                .hasMessageContaining("log_ticket_changes() is for triggers of tickets alone");
        assertThat(canRead()).isFalse();
        assertThatEachRefusesAnotherTable(database);
    }

    private void assertThatEachRefusesAnotherTable(TestDatabase in) throws SQLException {
        in.execute("grant execute on all functions in schema public to " + hostile);
        try {
            for (String function : in.texts(DEFINERS)) {
                for (String level : List.of("row", "statement")) {
                    assertThatThrownBy(() -> in.execute(ON_A_TABLE_OF_ONES_OWN.formatted(hostile, function, level)))
                            .as(function).isInstanceOf(SQLException.class)
                            .hasMessageContaining(function + "() is for triggers of ").hasMessageContaining(" alone");
                }
            }
        } finally {
            in.execute("revoke execute on all functions in schema public from " + hostile);
        }
    }

    @Test
    void one_that_is_open_and_does_not_look_gives_the_owners_rights_away() throws SQLException {
        database.execute("grant execute on function log_ticket_changes() to public");
        database.execute(WITHOUT_ITS_CHECK);

        assertThat(database.texts(OPEN)).isEqualTo(List.of("log_ticket_changes()"));
        database.execute(HIJACK.formatted(hostile));
        assertThat(canRead()).isTrue();
    }

    @Test
    void a_table_that_is_partitioned_later_keeps_its_triggers() throws SQLException {
        database.execute(LegacyRows.PEOPLE + LegacyRows.tickets(2));
        for (String table : List.of("satisfaction_surveys", "ticket_comments")) {
            partition(table);
        }

        database.execute("""
                insert into satisfaction_surveys (id, ticket_id, customer_id, rating, survey_sent_at)
                    values (1, 1, 1, 4, now());
                insert into ticket_comments (id, ticket_id, user_id, content, is_internal, created_at)
                    select n, 2, 1, 'c', false, t.created_at + n * interval '1 second'
                    from tickets t, generate_series(8, 9) n where t.id = 2;
                delete from ticket_comments where id = 9;
                """);

        assertThat(database.texts("select concat_ws(' ', id, satisfaction_rating, total_comments, "
                + "first_response_time_seconds) from tickets order by id")).containsExactly("1 4 0", "2 1 8");
    }

    /** Replaces a table by a partitioned one of the same name, with two partitions and its triggers. */
    private void partition(String table) throws SQLException {
        List<String> triggers = database.texts("select pg_get_triggerdef(oid) from pg_trigger "
                + "where tgrelid = '%s'::regclass and not tgisinternal".formatted(table));
        assertThat(triggers).isNotEmpty();
        database.execute("""
                alter table %1$s rename to %1$s_unpartitioned;
                create table %1$s (like %1$s_unpartitioned including defaults) partition by hash (ticket_id);
                create table %1$s_0 partition of %1$s for values with (modulus 2, remainder 0);
                create table %1$s_1 partition of %1$s for values with (modulus 2, remainder 1);
                drop table %1$s_unpartitioned cascade;
                """.formatted(table) + String.join(";", triggers));
    }

    private boolean canRead() throws SQLException {
        return database.text("select has_table_privilege('%s', 'customers', 'select')".formatted(hostile)).equals("t");
    }
}
