package dev.supportdb.preflight;

import static dev.supportdb.support.TinyChangelog.changeSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TinyChangelog;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A run takes nothing from other people, and does not stop half-way over what they have made: it says so before. */
final class ForeignObjectsCheckTest {

    private static final String TABLES =
            changeSet("tables", "", "create table a (id int primary key, n text, m text); create table b (id int);"
                    + "create function f() returns trigger language plpgsql as 'begin return new; end';"
                    + "create type t as enum ('x'); create index own on a (m); create view v as select m from a",
                    "drop view v; drop table b; drop table a; drop function f(); drop type t");
    private static final String DROPS = changeSet("drops", "", "drop view v; alter table a drop column n, drop m;"
            + "drop table b; drop function f(); drop type t",
            "alter table a add n text, add m text; create table b (id int); create type t as enum ('x');"
                    + "create function f() returns trigger language plpgsql as 'begin return new; end';"
                    + "create index own on a (m); create view v as select m from a");
    private static final String RETYPES = changeSet("retypes", "", "drop view v; alter table a alter n type varchar(9)",
            "alter table a alter column n set data type text; create view v as select m from a");

    private static final Pattern BLOCKS = Pattern.compile(
            "Take them away before the run:\n\n(.*)\n\nBring them back after it, [^:]*:\n\n(.*)", Pattern.DOTALL);

    @TempDir
    private Path folder;

    private TestDatabase database;
    private TinyChangelog changelog;

    @BeforeEach
    void create() throws SQLException {
        database = Databases.empty();
        changelog = new TinyChangelog(folder, database);
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    /** Of each kind, what would go without a word and what would stop the run. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "view public.w | create view w with (security_barrier) as select n from a; comment on view w is 'mine'; "
            + "grant select on w to pg_monitor",
        "view public.y | create view w as select n from a; create view y as select * from w",
        "view public.w | create view w as select m from v; create rule r as on insert to w do instead nothing",
        "materialized view public.w | create materialized view w as select n from a; create unique index wi on w (n)",
        "index public.i | create index i on a (n)",
        "index public.i | create unique index i on a (lower(n)) include (id) where n <> ''",
        "constraint c on public.a | alter table a add constraint c check (n <> '')",
        "constraint c on public.a | alter table a add constraint c unique (n)",
        "constraint c on public.k | alter table b add primary key (id); "
            + "create table k (b int constraint c references b)",
        "statistics public.s | create statistics s on id, n from a",
        "policy p on public.a | create policy p on a as restrictive for select to pg_monitor using (n <> '')",
        "policy p on public.k | create table k (id int); create policy p on k using (exists (select from b))",
        "rule r on public.a | create rule r as on update to a where old.n = 'u' do also nothing",
        "trigger g on public.a | create function h() returns trigger language plpgsql as 'begin return new; end'; "
            + "create trigger g before update of n on a for each row execute function h(); "
            + "alter table a disable trigger g",
        "trigger g on public.k | create table k (id int); "
            + "create trigger g before insert on k for each row execute function f()",
        "column public.a.g | alter table a add g int generated always as (length(n)) stored",
        "column public.k.c | create table k (c t)",
        "column public.k.c | create table k (c b)",
        "type public.d | create domain d as t",
        "publication p, for table a | create publication p for table a (id, n)",
        "publication p, for table b | create publication p for table b",
        "privileges on column public.a.n | grant select (n) on a to public; grant update (n) on a to pg_monitor",
        "table public.k | create table k () inherits (b)",
        "table public.k | create table k () inherits (a)",
        "table public.a, for its index own | alter table a cluster on own",
        "function public.h | create function h() returns text begin atomic select n from a; end",
        "function public.h | create function h(b) returns int language sql as 'select 1'",
    })
    void what_depends_on_what_goes_is_named_before_and_the_statements_lead_to_the_end(String title, String made)
            throws Exception {
        changelog.of(TABLES).run("update", Map.of());
        changelog.of(TABLES + DROPS);
        database.execute(made);
        Snapshot before = database.snapshot();

        Matcher blocks = refused(() -> changelog.run("update", Map.of()), title);

        assertThat(database.snapshot()).isEqualTo(before);
        database.execute(blocks.group(1));
        changelog.run("update", Map.of());
        changelog.run("rollbackCount", Map.of("count", 1));
        if (!made.contains("domain")) {
            database.execute(blocks.group(2));
            assertThat(before.differenceTo(database.snapshot())).isEmpty();
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "view public.w | create view w as select n from a",
        "index public.i | create index i on a (lower(n))",
        "index public.i | create index i on a (id) where n = 'x'",
        "policy p on public.a | create policy p on a using (n <> '')",
        "rule r on public.a | create rule r as on update to a where old.n = 'u' do also nothing",
        "trigger g on public.a | create function h() returns trigger language plpgsql as 'begin return new; end'; "
            + "create trigger g before update of n on a for each row execute function h()",
        "column public.a.g | alter table a add g int generated always as (length(n)) stored",
        "column public.k.c | create table k (c a)",
        "publication p, for table a | create publication p for table a (id, n)",
        "publication p, for table a | alter table a replica identity full; "
            + "create publication p for table a where (n = '')",
        "function public.h | create function h() returns text begin atomic select n from a; end",
    })
    void what_a_change_of_type_stops_at_is_named_forward_and_back(String title, String made) throws Exception {
        changelog.of(TABLES).run("update", Map.of());
        changelog.of(TABLES + RETYPES);
        database.execute(made);

        Matcher forward = refused(() -> changelog.run("update", Map.of()), title);
        database.execute(forward.group(1));
        changelog.run("update", Map.of());
        database.execute(forward.group(2));
        Matcher back = refused(() -> changelog.run("rollbackCount", Map.of("count", 1)), title);
        database.execute(back.group(1));
        changelog.run("rollbackCount", Map.of("count", 1));
        database.execute(back.group(2));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "create index i on a (n)", "alter table a add constraint c check (n <> '')",
        "create statistics s on id, n from a", "create publication p for table a (id, m)",
        "grant select (n) on a to public", "create view w as select id from a", "create publication p for all tables",
        "create function h(a) returns int language sql as 'select 1'",
    })
    void what_a_change_of_type_takes_along_is_not_refused(String made) throws Exception {
        changelog.of(TABLES).run("update", Map.of());
        changelog.of(TABLES + RETYPES);
        database.execute(made);

        changelog.run("update", Map.of());
        changelog.run("rollbackCount", Map.of("count", 1));
    }

    @Test
    void all_is_named_at_once_in_the_order_in_which_it_can_go() throws Exception {
        changelog.of(TABLES).run("update", Map.of());
        database.execute("""
                create view w as select n from a; create view x as select * from w; create index i on a (n);
                create table k (b t); create view kv as select b from k;
                """);
        Snapshot before = database.snapshot();

        Matcher blocks = refused(() -> changelog.run("rollbackCount", Map.of("count", 1)), "view public.w",
                "view public.x", "index public.i", "column public.k.b", "view public.kv",
                "type t goes (tiny.yaml::tables::test)");
        database.execute(blocks.group(1));
        changelog.run("rollbackCount", Map.of("count", 1));
        changelog.run("update", Map.of());
        database.execute(blocks.group(2));

        assertThat(before.differenceTo(database.snapshot())).isEmpty();
    }

    @Test
    void a_renamed_object_is_known_by_the_name_it_has_before_the_run() throws Exception {
        changelog.of(TABLES).run("update", Map.of());
        changelog.of(TABLES
                + changeSet("renames", "", "alter table a rename column n to old; alter table a rename to c", null)
                + changeSet("drops", "", "drop view v; alter table c add n int; alter table c drop old", null));
        database.execute("create index i on a (n)");

        refused(() -> changelog.run("update", Map.of()), "column a.n goes (tiny.yaml::drops::test)", "index public.i");
    }

    @Test
    void the_same_is_refused_when_only_sql_is_asked_for() throws Exception {
        changelog.of(TABLES).run("update", Map.of());
        changelog.of(TABLES + DROPS);
        database.execute("create index i on a (n)");

        refused(() -> changelog.run("updateSql", Map.of()), "index public.i");
    }

    @Test
    void what_the_changelog_makes_is_not_taken_for_somebody_elses() throws Exception {
        changelog.of(TABLES + changeSet("more", "", """
                alter table a add g int references a, add unique (n), add u int unique, add c int check (c > 0),
                    add constraint named foreign key (g) references a;
                create index on a (g);
                create sequence s owned by a.g;
                create statistics st on g, c from a;
                create policy p on a using (n <> '');
                create rule r as on update to a where old.n = 'u' do also nothing;
                create or replace trigger tr after insert on a for each row execute function f();
                create domain d as t;
                create publication pub for table a;
                """, "drop publication pub; drop domain d")).run("update", Map.of());

        changelog.run("rollbackCount", Map.of("count", 2));

        assertThat(database.count("select count(*) from pg_class where relname in ('a', 'b')")).isZero();
    }

    @Test
    void privileges_on_a_table_that_goes_are_no_reason_to_refuse_but_said() throws Exception {
        List<String> said = new ArrayList<>();
        TinyChangelog saying = new TinyChangelog(folder, database, said::add).of(TABLES);
        saying.run("update", Map.of());
        database.execute("grant select, update on b to pg_monitor with grant option; grant select on v to public");

        saying.run("rollbackCount", Map.of("count", 1));

        assertThat(said).anyMatch(line -> line.startsWith("The privileges on b go with it (tiny.yaml::tables::test).")
                && line.contains("grant update on public.b to pg_monitor with grant option;"))
                .anyMatch(line -> line.endsWith("grant select on public.v to public;"));
    }

    @Test
    void one_in_another_schema_is_somebody_elses_whatever_its_name() throws Exception {
        changelog.of(TABLES).run("update", Map.of());
        database.execute("create schema bi; create view bi.v as select n from a");

        refused(() -> changelog.run("rollbackCount", Map.of("count", 1)), "view bi.v");
    }

    private interface Run {
        void go() throws CommandExecutionException;
    }

    private static Matcher refused(Run run, String... titles) {
        CommandExecutionException refusal = catchThrowableOfType(CommandExecutionException.class, run::go);
        assertThat(refusal).hasNoCause().message().contains("that the changelog has not made. Nothing has been ")
                .contains(titles);
        Matcher blocks = BLOCKS.matcher(refusal.getMessage());
        assertThat(blocks.find()).isTrue();
        return blocks;
    }
}
