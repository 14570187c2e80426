package dev.supportdb.changelog.lint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the rules make of SQL, in which there are many ways to say one thing. */
final class StatementsTest {

    @TempDir
    private Path project;

    private static String changeset(String attributes, String sql) {
        return """
                - changeSet:
                    id: "002_ticket_language-02-do_it"
                    author: support-db
                %s    changes:
                      - sql:
                          splitStatements: false
                          sql: |
                %s    rollback:
                      - sql: select 1
                """.formatted(attributes.indent(4), sql.indent(12));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "index-concurrently | create unique index x on tickets (note)",
        "index-concurrently | create index on tickets (note)",
        "index-concurrently | create index concurrently x on tickets (note)",
        "index-concurrently | create index if not exists x on public.tickets (note)",
        "index-concurrently | alter table tickets add constraint u unique (note)",
        "index-concurrently | ALTER TABLE ONLY public.tickets ADD UNIQUE (note)",
        "constraint-not-valid | alter table tickets add check (note <> '')",
        "constraint-not-valid | alter table tickets add constraint c check (note <> ', not valid')",
        "constraint-not-valid | alter table tickets add z text, add foreign key (id) references customers (id)",
        "index-concurrently | alter table tickets add column code int default 1 unique",
        "constraint-not-valid | alter table tickets add code int default 1 check (code > 0)",
        "constraint-not-valid | alter table tickets add column if not exists c int default 1 references customers (id)",
        "constraint-not-valid | do $$ begin alter table tickets add constraint c check (note <> ''); end $$",
        "not-null | alter table tickets alter note set not null",
        "volatile-default | alter table tickets add token uuid default gen_random_uuid()",
        "volatile-default | alter table tickets add column at timestamptz default clock_timestamp()",
        "volatile-default | alter table tickets add column n bigint generated always as identity",
        "volatile-default | alter table tickets add column n bigserial",
        "type-change | alter table tickets alter column subject type varchar(100)",
        "type-change | alter table tickets alter customer_id set data type bigint using customer_id::bigint",
        "contract | drop table if exists tickets",
        "contract | drop table if exists nothing, public.tickets cascade",
        "contract | alter table \"tickets\" drop column \"note\"",
        "contract | alter table tickets drop note",
        "contract | alter table tickets rename note to notes",
        "contract | alter table tickets rename to requests",
        "data-change | delete from tickets",
        "data-change | truncate tickets",
        "data-change | /* all */ update only tickets set note = null",
        "data-change | with x as (select 1) update tickets set note = null",
        "data-change | with gone as (delete from tickets returning id) select count(*) from gone",
        "data-change | create table notes (t text); insert into notes select note from tickets",
        "data-change | do $$ declare x int; begin if true then update tickets set note = ''; end if; end $$"})
    void bad_sql_is_refused(String rule, String sql) throws IOException {
        assertThat(Example.of(project, changeset("", sql)).findings()).extracting(Finding::rule).containsExactly(rule);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "create table notes (t text); create index on notes (t); update notes set t = ''; "
            + "alter table notes add check (t <> '')",
        "create table if not exists notes (t text not null, unique (t)); "
            + "insert into notes select 'x' from generate_series(1, 9)",
        "alter table tickets add column at timestamptz not null default now()",
        "alter table tickets add column kind varchar(10) default 'x'::varchar(10) not null",
        "alter table tickets alter column token set default gen_random_uuid()",
        "alter table tickets add column boss int references customers (id), add column checked boolean default false",
        "with x as (select id from tickets for update) select count(*) from x",
        "alter table tickets drop constraint if exists c, alter column note drop not null",
        "alter table tickets alter column subject type text, alter column note type text",
        "insert into customers (id, email) values (1, 'from tickets')",
        "create function f() returns void language plpgsql as $$ begin update tickets set note = ''; end $$",
        "create function f() returns void begin atomic delete from tickets; update tickets set note = ''; end",
        "-- update tickets set note = '';\nselect 'delete from tickets; drop table tickets'",
        "comment on table tickets is 'drop table tickets'",
        "select 'so \"it\" is'; select 'drop table tickets'"})
    void good_sql_is_not(String sql) throws IOException {
        assertThat(Example.of(project, changeset("", sql)).findings()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "create index concurrently if not exists x on tickets (note)",
        "alter table tickets add constraint c check (note <> '') not valid",
        "alter table tickets add column a int",
        "drop index concurrently x",
        "alter type kind add value 'x'",
        "create table notes (t text)",
        "create function f() returns int language sql return 1",
        "create table if not exists notes (t text); insert into notes values ('x')",
        "alter table tickets drop constraint if exists c; alter table tickets rename constraint d to e"})
    void what_cannot_be_run_again_is_refused_outside_a_transaction(String sql) throws IOException {
        assertThat(Example.of(project, changeset("runInTransaction: false", sql)).findings())
                .extracting(Finding::rule).containsExactly("rerunnable");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "drop index concurrently if exists x; create index concurrently x on tickets (note)",
        "alter table tickets drop constraint if exists c; "
            + "alter table tickets add constraint c check (note <> '') not valid; "
            + "alter table tickets validate constraint c; alter table tickets drop constraint c",
        "alter table tickets add column if not exists a int",
        "alter type kind add value if not exists 'x'",
        "drop materialized view if exists m; create materialized view m as select 1 as n; refresh materialized view m",
        "create or replace function f() returns int language sql return 1",
        "create table if not exists notes (t text primary key); insert into notes values ('x') on conflict do nothing",
        "alter table tickets alter column note set default '', alter column note drop not null; analyze tickets"})
    void what_can_is_not(String sql) throws IOException {
        assertThat(Example.of(project, changeset("runInTransaction: false", sql)).findings()).isEmpty();
    }
}
