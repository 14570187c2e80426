package dev.supportdb.objects;

import static dev.supportdb.support.TinyChangelog.changeSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TestRole;
import dev.supportdb.support.TinyChangelog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A column gets another type, and what other people have put on it is still there, forward, back and forward again. */
final class ReplaceColumnChangeTest {

    private static final String TABLE = changeSet("table", "",
            "create table a (id int primary key, n varchar(20), s varchar(5)); create index ia on a (n);"
                    + "insert into a values (1, 'x', 'long'), (2, 'y', 'short')", null);
    private static final String TWIN = changeSet("twin", "", "create type t as enum ('x', 'y');"
            + "alter table a add n_new t; update a set n_new = n::t; create index ia_new on a (n_new)",
            "alter table a drop column n_new; drop type t");
    private static final String SWAP = """
            - changeSet:
                id: swap
                author: test
                changes:
                  - replaceColumn: {tableName: a, columnName: n, newColumnName: n_new, oldColumnName: n_old,
                      newDataType: t}
                rollback:
                  - replaceColumn: {tableName: a, columnName: n, newColumnName: n_old, oldColumnName: n_new,
                      newDataType: varchar(20)}
            """;
    private static final String PREPARE = """
            - changeSet:
                id: prepare
                author: test
                runInTransaction: false
                changes:
                  - prepareReplacement: {tableName: a, columnName: n, newColumnName: n_new}
                rollback: []
            """;
    private static final String PREPARE_BACK = """
            - changeSet:
                id: prepare-back
                author: test
                runInTransaction: false
                changes:
                  - empty: {}
                rollback:
                  - prepareReplacement: {tableName: a, columnName: n, newColumnName: n_old}
            """;
    private static final String DROP = changeSet("drop", "", "alter table a drop column n_old",
            "alter table a add n_old varchar(20); update a set n_old = n::text; create index ia_old on a (n_old)");
    private static final String LENGTHEN = """
            - changeSet:
                id: lengthen
                author: test
                changes:
                  - replaceColumn: {tableName: a, columnName: s, newDataType: varchar(10)}
                rollback:
                  - sql: {sql: alter table a add s_short varchar(5)}
                  - sql: {sql: update a set s_short = s}
                  - replaceColumn: {tableName: a, columnName: s, newColumnName: s_short, newDataType: varchar(5)}
            """;
    private static final String ALL = TABLE + TWIN + PREPARE + SWAP + PREPARE_BACK + DROP + LENGTHEN;
    private static final int COUNT = 6;

    @TempDir
    private Path folder;

    private TestDatabase database;
    private TinyChangelog changelog;

    @BeforeEach
    void create() throws Exception {
        database = Databases.empty();
        changelog = new TinyChangelog(folder, database).of(TABLE);
        changelog.run("update", Map.of());
        database.execute("create function f() returns trigger language plpgsql as 'begin return new; end'");
        changelog.of(ALL);
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    @Test
    void a_role_that_may_not_create_the_copy_to_try_an_object_on_is_told_how_it_may() throws Exception {
        database.execute("create view v as select n from a; revoke temporary on database %s from public"
                .formatted(database.name()));
        try (TestRole role = TestRole.in(database, "migrator").with("alter schema public owner to ROLE; "
                + "alter table a owner to ROLE; alter view v owner to ROLE; alter table databasechangelog owner to ROLE; "
                + "alter table databasechangeloglock owner to ROLE")) {
            TinyChangelog its = new TinyChangelog(folder, role.database()).of(ALL);
            String grant = "grant temporary on database %s to %s;".formatted(database.name(), role.name());

            assertThatThrownBy(() -> its.run("update", Map.of())).hasMessageContaining("Nothing has been changed")
                    .hasMessageContaining("view public.v").hasMessageEndingWith(grant);

            database.execute(grant);
            its.run("update", Map.of());
            assertThat(database.text("select pg_get_viewdef('v'::regclass)")).contains("FROM a");
        }
    }

    /** Each once with the column that is replaced both ways, and once with the one whose type is altered. */
    @ParameterizedTest
    @ValueSource(strings = {"""
        create view v with (security_barrier) as select id, C from a; comment on view v is 'mine';
        comment on column v.C is 'its'; grant select on v to pg_monitor; grant update (id) on v to public;
        alter view v owner to pg_monitor;
        create policy p on a as restrictive for select to pg_monitor using (upper(C) <> 'Q');
        comment on policy p on a is 'mine';
        create rule r as on update to a where old.C::text = 'u' do also nothing; alter table a disable rule r;
        comment on rule r on a is 'mine';
        create trigger g before update of C, id on a for each row execute function f();
        alter table a disable trigger g; comment on trigger g on a is 'mine';
        create statistics st (dependencies, mcv) on C, id from a; alter statistics st set statistics 9;
        comment on statistics st is 'mine';
        create publication p for table a (id, C);
        grant select (C), update (C) on a to pg_monitor with grant option; grant references (C) on a to public;
        alter table a alter C set statistics 77; alter table a alter C set (n_distinct = 3);
        comment on column a.C is 'mine';
        """, """
        create view v as select concat(C, '!') as x from a; create view w with (security_invoker) as select * from v;
        create rule r as on insert to w do instead nothing; alter view w alter column x set default 'd';
        create table o (n text); create policy p on o using (exists (select from a where a.C::text = o.n));
        create trigger g after update on a for each row when (old.C is distinct from new.C) execute function f();
        alter table a enable always trigger g;
        create statistics st on C, id from a; alter statistics st owner to pg_monitor;
        create publication p for all tables;
        alter table a alter C set default 'x';
        alter table a cluster on ia;
        """, """
        create schema bi; create view bi.w as select C from a; create view v as select w.C from bi.w;
        alter index ia set (fillfactor = 70); comment on index ia is 'mine';
        alter table a set (fillfactor = 70); alter table a replica identity full;
        """, """
        create view v as select id, C from a; revoke delete on v from current_user;
        alter view v alter C set default 'x';
        alter default privileges grant select on tables to pg_monitor;
        """})
    void indexes_and_constraints_of_the_column_are_carried_over(String made) throws Exception {
        database.execute(made.replaceAll("\\bC\\b", "n"));
        carriedOver();

        changelog.run("rollbackCount", Map.of("count", COUNT));
        database.execute("drop schema if exists bi cascade; drop view if exists v cascade; drop table if exists o;"
                + "drop publication if exists p; drop statistics if exists st; drop policy if exists p on a;"
                + "drop rule if exists r on a; drop trigger if exists g on a");
        database.execute(made.replaceAll("\\bC\\b", "s"));
        carriedOver();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {
        "create index i on a using hash (n) with (fillfactor = 70); comment on index i is 'mine'",
        "create unique index i on a (n desc nulls last, id) include (id) nulls not distinct where id > 0",
        "create index i on a (id) where n is not null",
        "create index i on a ((n is null)); alter index i alter column 1 set statistics 300",
        "create index an_index_whose_name_is_as_long_as_a_name_can_be_in_postgresql_63ch on a (n)",
        "create unique index i on a (n, id); create index j on a (id, n); alter table a cluster on i",
        "alter table a add constraint c check (n::text <> 'q' and id > 0); comment on constraint c on a is 'mine'; "
            + "alter table a add constraint d check (n is not null) not valid"})
    void indexes_and_checks_are_built_before_and_carried_over(String made) throws Exception {
        database.execute(made);
        carriedOver();
    }

    @Test
    void settings_that_a_change_in_place_would_drop_are_kept() throws Exception {
        database.execute("""
                alter table a alter s type varchar(5) collate "POSIX", alter s set storage external,
                    alter s set compression pglz
                """);
        changelog.run("update", Map.of());

        assertThat(database.text("""
                select concat_ws(' ', format_type(atttypid, atttypmod), attcollation::regcollation, attstorage,
                    attcompression) from pg_attribute where attrelid = 'a'::regclass and attname = 's'
                """)).isEqualTo("character varying(10) \"POSIX\" e p");
    }

    /** Runs from the state before the changesets to the one after them. */
    private void carriedOver() throws Exception {
        Snapshot before = database.snapshot();
        changelog.run("update", Map.of());
        Snapshot after = database.snapshot();
        changelog.run("rollbackCount", Map.of("count", COUNT));
        assertThat(before.differenceTo(database.snapshot())).isEmpty();
        changelog.run("update", Map.of());
        assertThat(after.differenceTo(database.snapshot())).isEmpty();
        assertThat(database.text("select format_type(atttypid, atttypmod) from pg_attribute "
                + "where attrelid = 'a'::regclass and attname = 'n'")).isEqualTo("t");
    }

    /** Objects that the server refuses for the new type, or that cannot be carried over quickly. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "view public.v | create view v as select coalesce(n, 'none') as n from a",
        "view public.w | create view v as select coalesce(n, 'none') as n from a; create view w as select * from v",
        "publication p, for table a | alter table a replica identity full; "
            + "create publication p for table a where (n = 'x')",
        "policy p on public.o | create table o (n varchar(9)); create policy p on o "
            + "using (n in (select coalesce(n, 'x') from a))",
        "index public.i | create index i on a (id) where n = 'x'",
        "constraint c on public.a | alter table a add constraint c unique (n)",
        "constraint c on public.a | alter table a add constraint c check (coalesce(n, 'q') <> 'q')",
        "index public.i | create index i on a (n text_pattern_ops)",
        "materialized view public.m | create materialized view m as select n from a",
        "column public.a.g | alter table a add g text generated always as (lower(n)) stored",
        "index public.gi | alter table a add g text generated always as (lower(n)) stored; create index gi on a (g)",
        "constraint gc on public.a | alter table a add g text generated always as (lower(n)) stored; "
            + "alter table a add constraint gc check (g <> '')",
        "view public.w | create materialized view m as select n from a; create view w as select n from m",
        "view public.w | create function h() returns text return (select n from a limit 1); "
            + "create view w as select h() as h",
        "collation or storage of column public.a.n | alter table a alter n type varchar(20) collate \"C\"",
        "collation or storage of column public.a.n | alter table a alter n set storage external",
        "collation or storage of column public.a.n | alter table a alter n set compression pglz",
        "default of public.a.n | alter table a alter n set default 'q'",
        "function public.h | create function h() returns text begin atomic select n from a; end",
        "table public.p | create table p (n varchar(20)); alter table a inherit p",
    })
    void an_object_that_cannot_be_carried_over_is_named_before_a_change(String title, String made) throws Exception {
        database.execute(made);
        Snapshot before = database.snapshot();

        assertThatThrownBy(() -> changelog.run("update", Map.of())).hasNoCause()
                .hasMessageContaining("column a.n gets another type (tiny.yaml::swap::test)")
                .hasMessageContaining(title);

        assertThat(database.snapshot()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void a_run_that_is_broken_off_goes_on_or_back_from_there(int count) throws Exception {
        database.execute("""
                create view v as select n, s from a; create view w as select * from v; grant select on w to pg_monitor;
                create policy p on a using (n <> 'q' and s <> 'q'); grant select (n, s) on a to pg_monitor;
                create trigger g before update of n, s on a for each row execute function f();
                alter table a disable trigger g;
                create index i on a (n, id); create unique index u on a (id) include (n); alter table a cluster on i;
                alter table a add constraint c check (n <> 'q'), add constraint d check (n <> 'r') not valid;
                """);
        Snapshot before = database.snapshot();

        changelog.run("updateCount", Map.of("count", count));
        changelog.run("rollbackCount", Map.of("count", count));
        assertThat(before.differenceTo(database.snapshot())).isEmpty();

        changelog.run("updateCount", Map.of("count", count));
        changelog.run("update", Map.of());
        Snapshot after = database.snapshot();
        changelog.run("rollbackCount", Map.of("count", count));
        changelog.run("update", Map.of());
        assertThat(after.differenceTo(database.snapshot())).isEmpty();

        changelog.run("rollbackCount", Map.of("count", count));
        changelog.run("rollbackCount", Map.of("count", COUNT - count));
        assertThat(before.differenceTo(database.snapshot())).isEmpty();
    }

    @Test
    void an_object_that_names_both_columns_stays_as_it_is() throws Exception {
        changelog.of(TABLE + TWIN).run("update", Map.of());
        database.execute("create trigger g before update of n, n_new on a for each row execute function f()");
        changelog.of(TABLE + TWIN + SWAP).run("update", Map.of());

        assertThat(database.text("select pg_get_triggerdef(oid) from pg_trigger where tgname = 'g'"))
                .contains("UPDATE OF n_old, n ON");
    }

    @Test
    void the_script_for_review_carries_over_what_a_run_does() throws Exception {
        database.execute("create view v as select n from a; grant select (n) on a to pg_monitor");

        assertThat(changelog.run("updateSql", Map.of())).contains("lock table", "rename column", "_object.take");

        database.execute("create index i on a (n)");
        assertThatThrownBy(() -> changelog.run("updateSql", Map.of())).hasMessageContaining("index public.i");
    }

    @Test
    void the_page_names_every_kind_that_is_carried_over() throws Exception {
        assertThat(Files.readString(Path.of("docs/other-objects.md")))
                .contains(Dependant.CARRIED_AT_ONCE.stream().filter(kind -> !kind.equals("setting")).toList());
    }
}
