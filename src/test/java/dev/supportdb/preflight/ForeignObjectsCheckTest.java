package dev.supportdb.preflight;

import static dev.supportdb.support.TinyChangelog.changeSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.Databases;
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

    private static final String ON_INDEX =
            "alter index public.i set (fillfactor = 50); comment on index public.i is 'mine';";

    private static final Pattern BLOCKS = Pattern.compile(
            "Drop them before the run:\n\n(.*)\n\nCreate them again after the run, [^:]*:\n\n(.*)", Pattern.DOTALL);

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

    /** Has an object of each kind that would be dropped without a message or would stop the run. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "view public.w | create view w with (security_barrier) as select n from a; comment on view w is 'mine'; "
            + "grant select on w to pg_monitor",
        "view public.y | create view w as select n from a; create view y as select * from w",
        "view public.w | create view w as select m from v; create rule r as on insert to w do instead nothing",
        "materialized view public.w | create materialized view w as select n from a; create unique index wi on w (n)",
        "view public.V | create view \"V\" as select n from a",
        "index public.i | create index i on a (n)",
        "index public.OWN | create index \"OWN\" on a (n)",
        "index public.i | create unique index i on a (lower(n)) include (id) where n <> ''; "
            + "alter index i alter column 1 set statistics 300",
        "not null of column public.a.n | alter table a alter n set not null",
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
        "function public.h | create function h(b) returns int language sql as 'select 1'; "
            + "revoke execute on function h(b) from public; grant execute on function h(b) to pg_monitor",
        "view bi.w | create schema bi; create view bi.w as select n from a; revoke delete on bi.w from current_user; "
            + "alter default privileges in schema bi grant select on tables to pg_monitor",
        "view public.w | create view w as select n from a; create function h() returns trigger language plpgsql "
            + "as 'begin return new; end'; create trigger g instead of update on w for each row execute function h(); "
            + "comment on trigger g on w is 'mine'; create rule r as on insert to w do instead nothing; "
            + "comment on rule r on w is 'mine'",
        "materialized view public.w | create materialized view w as select n from a; create index wi on w (n); "
            + "comment on index wi is 'mine'",
        "statistics public.s | create statistics s on id, n from a; alter statistics s owner to pg_monitor",
        "column public.a.g | alter table a add g text collate \"POSIX\" generated always as (n) stored not null; "
            + "comment on column a.g is 'mine'; grant select (g) on a to pg_monitor; alter table a "
            + "alter g set statistics 9, alter g set (n_distinct = 3), alter g set storage external, "
            + "alter g set compression pglz",
        "index public.gi | alter table a add g text generated always as (lower(n)) stored not null; "
            + "create index gi on a (g)",
        "constraint c on public.a | alter table a add g text generated always as (lower(n)) stored; "
            + "alter table a add constraint c check (g <> '')",
        "type public.d | create type d as (i int, x t); create type e as (d d); create table k (c d, e e[])",
        "type public.d | create domain d as t not null default 'x' constraint c check (value = 'x'); "
            + "comment on domain d is 'mine'; revoke usage on domain d from public; create table k (c d)",
        "publication p, for table a | create publication p for table a (id, n)",
        "publication p, for table b | create publication p for table b",
        "privileges on column public.a.n | grant select (n) on a to public; grant update (n) on a to pg_monitor",
        "table public.k | create table k () inherits (b)",
        "table public.k | create table k () inherits (a)",
        "table public.k | create table k (n text); alter table a inherit k",
        "table public.k | create table k (id int); alter table b inherit k",
        "table public.k | create table k (n text, m text, id int not null) partition by list (id); "
            + "alter table k attach partition a for values in (1, 2)",
        "table public.a, for its index own | alter table a cluster on own",
        "function public.h | create function h() returns text begin atomic select n from a; end",
        "function public.h | create function h(b) returns int language sql as 'select 1'",
    })
    void dependants_of_dropped_objects_are_named_before_and_the_statements_lead_to_the_end(String title, String made)
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
        database.execute(blocks.group(2));
        assertThat(before.differenceTo(database.snapshot())).isEmpty();
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
        "index public.gi | alter table a add g text generated always as (lower(n)) stored; create index gi on a (g)",
        "column public.k.c | create table k (c a)",
        "publication p, for table a | create publication p for table a (id, n)",
        "publication p, for table a | alter table a replica identity full; "
            + "create publication p for table a where (n = '')",
        "function public.h | create function h() returns text begin atomic select n from a; end",
    })
    void an_object_that_stops_a_change_of_type_is_named_forward_and_back(String title, String made) throws Exception {
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
    void an_object_that_a_change_of_type_carries_over_is_not_refused(String made) throws Exception {
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
                "type t is dropped (tiny.yaml::tables::test)");
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

        refused(() -> changelog.run("update", Map.of()), "column a.n is dropped (tiny.yaml::drops::test)", "index public.i");
    }

    @Test
    void the_same_is_refused_when_only_sql_is_asked_for() throws Exception {
        changelog.of(TABLES).run("update", Map.of());
        changelog.of(TABLES + DROPS);
        database.execute("create index i on a (n)");

        refused(() -> changelog.run("updateSql", Map.of()), "index public.i");
    }

    @Test
    void an_object_of_the_changelog_is_not_foreign() throws Exception {
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
    void a_column_is_not_foreign_whose_table_was_made_of_another_or_renamed() throws Exception {
        changelog.of(TABLES + changeSet("more", "", """
                create table s as (select id from a);
                create table l (x int, like a);
                create table o (y int, z text);
                alter table o rename to p;
                alter table p add q int;
                """, "drop table s; drop table l; drop table p")).run("update", Map.of());
        database.execute("alter table p add mine int");

        assertThatThrownBy(() -> changelog.run("rollbackCount", Map.of("count", 1)))
                .hasMessageContaining("column public.p.mine").hasMessageNotContaining("public.l.");

        database.execute("alter table p drop column mine");
        changelog.run("rollbackCount", Map.of("count", 1));

        assertThat(database.count("select count(*) from pg_class where relname in ('s', 'l', 'p')")).isZero();
    }

    @Test
    void privileges_on_an_object_that_goes_are_no_reason_to_refuse_but_said() throws Exception {
        List<String> said = new ArrayList<>();
        TinyChangelog saying = new TinyChangelog(folder, database, said::add).of(TABLES);
        saying.run("update", Map.of());
        database.execute("grant select, update on b to pg_monitor with grant option; grant select on v to public; "
                + "grant execute on function f() to pg_monitor; grant usage on type t to pg_monitor with grant option");

        saying.run("rollbackCount", Map.of("count", 1));

        assertThat(said).anyMatch(line -> line
                .startsWith("The privileges on b are dropped with it (tiny.yaml::tables::test).")
                && line.contains("grant update on public.b to pg_monitor with grant option;"))
                .anyMatch(line -> line.endsWith("grant select on public.v to public;"))
                .anyMatch(line -> line.endsWith("grant execute on function public.f() to pg_monitor;"))
                .anyMatch(line -> line.endsWith("grant usage on type public.t to pg_monitor with grant option;"));
    }

    @Test
    void settings_of_a_dropped_column_are_reported_and_not_refused() throws Exception {
        List<String> said = new ArrayList<>();
        TinyChangelog saying = new TinyChangelog(folder, database, said::add).of(TABLES);
        saying.run("update", Map.of());
        database.execute("""
                alter table a alter n type text collate "POSIX";
                alter table a alter n set statistics 9, alter n set (n_distinct = 3), alter n set storage external,
                    alter n set compression pglz, alter n set default 'x';
                comment on column a.n is 'mine'; alter table b set (fillfactor = 50);
                """);
        saying.of(TABLES + DROPS).run("update", Map.of());

        assertThat(said).anyMatch(line -> line
                .startsWith("The settings of column a.n are dropped with it (tiny.yaml::drops::")
                && Stream.of("set statistics 9;", "set (n_distinct = 3);", "set storage external;",
                        "set compression pglz;", "set default 'x'::text;", "comment on column public.a.n is 'mine';")
                        .allMatch(line::contains)
                // It resets the storage.
                && line.indexOf("collate \"POSIX\";") < line.indexOf("set storage external;"))
                .anyMatch(line -> line.endsWith("alter table public.b set (fillfactor = 50);"));
    }

    /** Of what is dropped by its name, and of what goes with a table, a column or a constraint. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "create index i on a (lower(n)) | drop index i | alter index public.i set (fillfactor = 50); "
            + "alter index public.i alter column 1 set statistics 9; comment on index public.i is 'mine';",
        "create table x (d int); create index i on x (d) | drop table x | " + ON_INDEX,
        "create table x (d int); alter table x add constraint i unique (d) | drop table x | " + ON_INDEX,
        "alter table a add d int; create index i on a (d) | alter table a drop d | " + ON_INDEX,
        "alter table a add d int; create index i on a (id) where d > 0 | alter table a drop d | " + ON_INDEX,
        "alter table a add d int; alter table a add constraint i unique (d) | alter table a drop d | " + ON_INDEX,
        "alter table a add constraint i unique (m) | alter table a drop constraint i | " + ON_INDEX,
        "create table x (d int constraint positive check (d > 0)); create trigger g before insert on x for each row "
            + "execute function f() | drop table x | comment on constraint positive on public.x is 'mine'; "
            + "comment on trigger g on public.x is 'mine';"})
    void settings_of_dropped_parts_are_reported_and_not_refused(String made, String back, String set) throws Exception {
        List<String> said = new ArrayList<>();
        TinyChangelog saying = new TinyChangelog(folder, database, said::add).of(TABLES
                + changeSet("parts", "", made, back));
        saying.run("update", Map.of());
        database.execute(set);

        saying.run("rollbackCount", Map.of("count", 1));

        assertThat(said).anyMatch(line -> line.startsWith("The settings of ")
                && line.contains(" dropped with it (tiny.yaml::parts::")
                && Stream.of(set.split("(?<=;) ")).allMatch(line::contains));
    }

    /** It is not a part of the view's definition. */
    @Test
    void a_default_of_a_view_with_a_dropped_type_is_named() throws Exception {
        changelog.of(TABLES).run("update", Map.of());
        database.execute("create table k (n text); create view w as select n from k; "
                + "alter view w alter n set default 'x'::t::text");

        Matcher blocks = refused(() -> changelog.of(TABLES + DROPS).run("update", Map.of()), "view public.w");

        database.execute(blocks.group(1));
        changelog.run("update", Map.of());
        database.execute(blocks.group(2));
        assertThat(database.texts("insert into w default values returning n")).containsExactly("x");
    }

    /** The statements for the index itself, which prevents the rollback, say it already. */
    @Test
    void settings_of_other_peoples_index_are_not_said_twice() throws Exception {
        List<String> said = new ArrayList<>();
        TinyChangelog saying = new TinyChangelog(folder, database, said::add).of(TABLES
                + changeSet("x", "", "create table x (d int)", "drop table x"));
        saying.run("update", Map.of());
        database.execute("create index theirs on x (d) with (fillfactor = 50); comment on index theirs is 'mine'");

        assertThatThrownBy(() -> saying.run("rollbackCount", Map.of("count", 1)))
                .hasMessageContaining("fillfactor='50'").hasMessageContaining("comment on index public.theirs is 'mine';");
        assertThat(said).noneMatch(line -> line.contains("theirs"));
    }

    @Test
    void an_event_trigger_is_named_before_it_fires() throws Exception {
        List<String> said = new ArrayList<>();
        TinyChangelog saying = new TinyChangelog(folder, database, said::add).of(TABLES);
        saying.run("update", Map.of());
        assertThat(said).noneMatch(line -> line.startsWith("Event trigger"));
        database.execute("create function h() returns event_trigger language plpgsql as 'begin raise ''kept''; end'; "
                + "create event trigger keep on sql_drop when tag in ('DROP TABLE') execute function h()");

        assertThatThrownBy(() -> saying.run("rollbackCount", Map.of("count", 1))).hasMessageContaining("kept");
        assertThat(said).anyMatch(line -> line.startsWith(
                "Event trigger keep (sql_drop, for DROP TABLE) fires for statements of this run. Where it raises, ")
                && line.endsWith("\nalter event trigger keep disable;\nalter event trigger keep enable;"));

        database.execute("alter event trigger keep disable");
        said.clear();
        saying.run("rollbackCount", Map.of("count", 1));
        assertThat(said).noneMatch(line -> line.startsWith("Event trigger"));
    }

    @Test
    void settings_of_a_column_by_the_changelog_are_not_reported() throws Exception {
        List<String> said = new ArrayList<>();
        TinyChangelog saying = new TinyChangelog(folder, database, said::add).of(TABLES + changeSet("more", "", """
                alter table a add c int not null default 7, add d serial; comment on column a.c is 'It''s; ours';
                alter table a alter n set default 'x'; comment on table a is 'ours'
                """, "alter table a drop n, drop c, drop d; alter table a add n text"));
        saying.run("update", Map.of());

        saying.run("rollbackCount", Map.of("count", 1));

        assertThat(said).noneMatch(line -> line.startsWith("The settings of"));
    }

    /** The server adds no column with a value to a table whose rows are in a column of another one. */
    @Test
    void a_column_of_the_row_type_is_named_before_one_with_a_default_is_added() throws Exception {
        changelog.of(TABLES).run("update", Map.of());
        database.execute("create table k (c a)");
        changelog.of(TABLES + changeSet("none", "", "alter table a add e int", null)).run("update", Map.of());
        changelog.of(TABLES + changeSet("none", "", "alter table a add e int", null)
                + changeSet("adds", "", "alter table a add d int default 7", "alter table a drop d"));

        Matcher blocks = refused(() -> changelog.run("update", Map.of()),
                "column a.d changes rows of this type (tiny.yaml::adds::test)", "column public.k.c");
        database.execute(blocks.group(1));
        changelog.run("update", Map.of());
        database.execute(blocks.group(2));
    }

    @Test
    void an_object_in_another_schema_is_somebody_elses_whatever_its_name() throws Exception {
        changelog.of(TABLES).run("update", Map.of());
        database.execute("create schema bi; create view bi.v as select n from a");

        refused(() -> changelog.run("rollbackCount", Map.of("count", 1)), "view bi.v");
    }

    private interface Run {
        void go() throws CommandExecutionException;
    }

    private static Matcher refused(Run run, String... titles) {
        CommandExecutionException refusal = catchThrowableOfType(CommandExecutionException.class, run::go);
        assertThat(refusal).hasNoCause().message().contains("that the changelog has not created. Nothing has been ")
                .contains(titles);
        Matcher blocks = BLOCKS.matcher(refusal.getMessage());
        assertThat(blocks.find()).isTrue();
        return blocks;
    }
}
