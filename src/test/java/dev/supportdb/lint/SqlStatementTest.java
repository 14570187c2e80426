package dev.supportdb.lint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules understand SQL, in which the same statement can be written in many ways. */
final class SqlStatementTest {

    @TempDir
    private Path project;

    /** Returns a changeset with this SQL. */
    static String changeset(String attributes, String sql) {
        return """
                - changeSet:
                    id: "002_ticket_language-02-do_it"
                    author: support-db
                    comment: Do it
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
        "index-concurrently | CREATE/**/INDEX \"The index\" ON \"public\" . \"tickets\" (note)",
        "alone | create index concurrently x on tickets (note)",
        "index-concurrently | create index if not exists x on public.tickets (note)",
        "index-concurrently | drop index ix_tickets_note",
        "index-concurrently | DROP INDEX IF EXISTS public.\"ix_tickets_note\"",
        "index-concurrently | reindex index ix_tickets_note",
        "index-concurrently | reindex (verbose) table tickets",
        "alone | drop index concurrently if exists ix_tickets_note",
        "index-concurrently | alter table tickets add constraint u unique (note)",
        "index-concurrently | ALTER TABLE ONLY public.tickets ADD UNIQUE (note)",
        "constraint-not-valid | alter table tickets add check (note <> '')",
        "constraint-not-valid | alter table tickets add constraint c check (note <> ', not valid')",
        "constraint-not-valid | alter table tickets add z text, add foreign key (id) references customers (id)",
        "index-concurrently | alter table tickets add column code int default 1 unique",
        "constraint-not-valid | alter table tickets add code int default 1 check (code > 0)",
        "constraint-not-valid | alter table tickets add constraint f foreign key (customer_id) references customers",
        "constraint-not-valid | alter table tickets add column a int check (a is not null)",
        "constraint-not-valid | alter table tickets add constraint x exclude using gist (note with =)",
        "partition | create table t (id int) partition by list (id); "
            + "alter table t attach partition tickets default",
        "not-null | alter table tickets alter note set not null",
        "not-null | alter table tickets add constraint n not null note",
        "not-null | alter table tickets add a text, add column code int not null",
        "constraint-validated | alter table tickets add constraint c check (note <> '') not valid; "
            + "alter table tickets validate constraint c",
        "partition | alter table rides detach partition rides_2025",
        "volatile-default | alter table tickets add token uuid default gen_random_uuid()",
        "volatile-default | alter table tickets add column at timestamptz default clock_timestamp()",
        "volatile-default | alter table tickets add column n bigint generated always as identity",
        "volatile-default | alter table tickets add column n bigserial",
        "type-change | alter table tickets alter customer_id set data type bigint using customer_id::bigint",
        "contract | alter table tickets alter note drop not null",
        "contract | drop trigger keep_notes on tickets",
        "contract | drop table if exists tickets",
        "contract | drop table if exists nothing, public.tickets",
        "contract | drop view open_tickets",
        "contract | drop materialized view public.open_tickets",
        "contract | alter view open_tickets rename to openings",
        "contract | alter type kind rename value 'a' to 'b'",
        "contract | alter table tickets set schema archive",
        "contract | drop function priority_of(int)",
        "cascade | drop domain old cascade",
        "cascade | drop owned by somebody",
        "cascade | drop type kind CASCADE",
        "cascade | drop trigger t on tickets cascade",
        "cascade | alter table tickets drop constraint if exists tickets_pkey cascade",
        "cascade | create type kind as enum ('a'); drop type kind, other cascade",
        "rewrite | cluster",
        "rewrite | CLUSTER public.tickets /* once */ USING tickets_pkey",
        "rewrite | alter table tickets add z text, set tablespace fast",
        "rewrite | alter table tickets set access method columnar",
        "rewrite | alter index tickets_pkey set tablespace fast",
        "rewrite | alter table all in tablespace slow set tablespace fast",
        "rewrite | refresh materialized view daily",
        "lock-table | lock tickets",
        "lock-table | create table a (b int); lock table a, only public.tickets in share row exclusive mode nowait",
        "triggers-off | alter table tickets disable trigger all",
        "triggers-off | alter table tickets add z text, disable trigger user",
        "triggers-off | set local session_replication_role = 'replica'",
        "triggers-off | set session_replication_role to replica",
        "triggers-off | select set_config('session_replication_role', 'replica', true)",
        "contract | alter table \"tickets\" drop column \"note\"",
        "contract | alter table tickets drop note",
        "contract | alter table if exists public.tickets add z text, drop /* it */ column if exists \"note\" restrict",
        "contract | alter table tickets rename note to notes",
        "contract | alter table tickets rename to requests",
        "lock-timeout | set lock_timeout = 0",
        "lock-timeout | set local lock_timeout to '1min'",
        "lock-timeout | reset lock_timeout",
        "lock-timeout | select set_config('lock_timeout', '5s', false)",
        "lock-timeout | do $$ begin perform set_config('lock_timeout', '0', true); end $$",
        "transaction-control | begin",
        "transaction-control | START TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        "transaction-control | commit; begin",
        "transaction-control | rollback work",
        "json | create table answers (id int primary key, body json not null)",
        "json | alter table tickets add body json",
        "foreign-key-index | create table answers (id int primary key, ticket int references tickets)",
        "foreign-key-index | create table answers (id int primary key, t int, foreign key (t) references tickets (id))",
        "foreign-key-index | alter table tickets add boss int references customers (id)",
        "row-security | alter table tickets enable row level security",
        "row-security | alter table tickets force row level security",
        "row-security | alter table tickets disable row level security",
        "row-security | create policy p on tickets for insert with check (true)",
        "autovacuum | alter table tickets set (autovacuum_enabled = off)",
        "autovacuum | create table answers (id int) with (fillfactor = 70, autovacuum_enabled = 'false')",
        "stable-check | alter table tickets add check (id > extract(year from current_date)) not valid",
        "stable-check | create table answers (day date check (day <= now()))",
        "name-length | comment on column tickets.a_note_with_a_name_so_long_that_postgresql_cuts_it_off_in_the_middle "
            + "is 'It'",
        "name-length | alter table tickets add \"ein_sehr_langer_name_für_eine_spalte_mit_umlauten_wie_ä_öüäöüä\" int",
        "data-change | delete from tickets",
        "data-change | truncate tickets",
        "data-change | create table notes (t text); truncate notes, only public.tickets restart identity",
        "data-change | create table notes as select note from tickets",
        "data-change | create table notes (t text); insert into notes table tickets",
        "data-change | copy tickets (id, note) from '/tmp/tickets'",
        "data-change | /* all */ update only tickets set note = null",
        "data-change | with x as (select 1) update tickets set note = null",
        "data-change | with gone as (delete from tickets returning id) select count(*) from gone",
        "data-change | create table notes (t text); insert into notes select note from tickets"})
    void bad_sql_is_refused(String rule, String sql) throws IOException {
        assertThat(RuleExample.of(project, changeset("", sql)).findings()).extracting(Finding::rule)
                .containsExactly(rule);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "create table notes (t text); create index on notes (t); update notes set t = ''; "
            + "alter table notes add check (t <> '')",
        "create table if not exists notes (t text not null, unique (t)); "
            + "insert into notes select 'x' from generate_series(1, 9)",
        "create table notes (t text); create index ix_notes on notes (t); reindex index ix_notes; drop index ix_notes; "
            + "cluster notes; lock table notes; copy notes from '/tmp/notes'; alter table notes set unlogged; "
            + "alter table notes add constraint x exclude (t with =), add b int not null, disable trigger all",
        "lock table tickets in row exclusive mode; lock table tickets in access share mode",
        "alter table tickets set (fillfactor = 90), disable trigger first, cluster on tickets_pkey",
        "set local session_replication_role = origin; reset session_replication_role; set local work_mem = '1MB'",
        "create view v as select 1 as n; alter view v rename to w; alter table v rename to w; drop view v; "
            + "drop view if exists nothing; drop type kind; drop trigger t on tickets",
        "create table p (id int) partition by list (id); create table a (id int); "
            + "alter table p attach partition a default; alter table p detach partition a",
        "alter table tickets add column at timestamptz not null default now()",
        "alter table tickets add column kind varchar(10) default 'x'::varchar(10) not null",
        "alter table tickets alter column token set default gen_random_uuid()",
        "alter table tickets add column boss int, add column checked boolean default false",
        "with x as (select id from tickets for update) select count(*) from x",
        "alter table tickets drop constraint if exists c",
        "alter table tickets alter column subject type text, alter column note type text",
        "insert into customers (id, email) values (1, 'from tickets')",
        "drop trigger keep_notes on tickets; "
            + "create trigger keep_notes before update on tickets for each row execute function keep_note()",
        "update tickets set note = 'x' where id = 7",
        "alter table tickets add column n jsonb default cast('{}' as jsonb), add a int[] default array[]::int[]",
        "alter table rides detach partition rides_2025 finalize",
        "create table answers (ticket int references tickets); create index on answers (ticket)",
        "create table answers (ticket int primary key references tickets, body jsonb, at date check (at > '2020-1-1'))",
        "create policy p on tickets using (id = 1); alter table tickets enable row level security",
        "refresh materialized view daily with no data; set local statement_timeout = '1min'",
        "-- update tickets set note = '';\nselect 'delete from tickets; drop table tickets'",
        "comment on table tickets is 'drop table tickets'",
        "select 'so \"it\" is'; select 'drop table tickets'"})
    void good_sql_is_not(String sql) throws IOException {
        assertThat(RuleExample.of(project, changeset("", sql)).findings()).isEmpty();
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
    void a_statement_that_is_not_idempotent_is_refused_outside_a_transaction(String sql) throws IOException {
        assertThat(RuleExample.of(project, changeset("runInTransaction: false", sql)).findings())
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
        "reindex table concurrently tickets; vacuum (analyze) tickets; vacuum (full false) tickets",
        "drop materialized view if exists m; create materialized view m as select 1 as n; refresh materialized view m",
        "create or replace function f() returns int language sql return 1",
        "create table if not exists notes (t text primary key); insert into notes values ('x') on conflict do nothing",
        "alter table tickets alter column note set default ''; analyze tickets"})
    void an_idempotent_statement_is_not_refused(String sql) throws IOException {
        assertThat(RuleExample.of(project, changeset("runInTransaction: false", sql)).findings()).isEmpty();
    }
}
