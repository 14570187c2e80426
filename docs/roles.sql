-- The roles of a support-db database and their rights; docs/roles.md says what each is for. Idempotent: run it before the
-- first update, and again after an update that has created one of the tables under "closed". The database needs the
-- language plpgsql, as every migration does: each new database has it; if it was dropped, run "create extension plpgsql".
-- Run this script as a superuser, or as a role with CREATEROLE and CREATEDB that owns the database:
--
--   psql -X -d support -f docs/roles.sql
--   psql -X -d support -f docs/roles.sql -v owner=… -v application=… -v reader=… -v backup=… -v scratch=…
\set ON_ERROR_STOP on
\set QUIET on
\set VERBOSITY terse
\if :{?owner}
\else
  \set owner support_owner
\endif
\if :{?application}
\else
  \set application support_application
\endif
\if :{?reader}
\else
  \set reader support_reader
\endif
\if :{?backup}
\else
  \set backup support_backup
\endif
\if :{?scratch}
\else
  \set scratch support_scratch
\endif
-- Tables that the application reads and only triggers or the owner write: the history, the state of the backfills, the
-- notes of old applications, the audit log, and the values that a rollback puts back.
\if :{?closed}
\else
  \set closed databasechangelog,databasechangeloglock,backfills,backfill_ranges,old_shapes,old_shape_writes
  \set closed :closed,ticket_audit_log
  \set closed :closed,ticket_priority_originals,ticket_status_originals,ticket_response_times_originals
\endif

begin;
set local client_min_messages = warning;

-- Refuse before anything is changed.
select set_config('support_db.roles', array[:'owner', :'application', :'reader', :'backup', :'scratch']::text, true)
    as given \gset
do $$
declare
    _names text[] := current_setting('support_db.roles')::text[];
    _powerful text := (
        select string_agg(rolname, ', ') from pg_roles where rolname = any (_names) and (rolsuper or rolreplication));
begin
    if (select count(distinct name) < cardinality(_names) from unnest(_names) name) then
        raise exception 'Two roles have the same name (%): give each a name of its own. Nothing has been changed.',
            array_to_string(_names, ', ');
    end if;
    if current_user = any (_names) then
        raise exception 'Role % cannot set up its own rights: connect as an administrator. Nothing has been changed.',
            current_user;
    end if;
    if _powerful is not null then
        raise exception 'None of the roles may be a superuser or replicate, as % may: choose another name, or take '
            'that from it. Nothing has been changed.', _powerful;
    end if;
end
$$;

-- Roles log in, but have no password yet.
select format('create role %I login nosuperuser nocreaterole %s', name,
    case name when :'scratch' then 'createdb' else 'nocreatedb' end)
from unnest(current_setting('support_db.roles')::text[]) name
where not exists (select from pg_roles where rolname = name) \gexec

select format('alter role %I nocreaterole %s', rolname, case rolname when :'scratch' then 'createdb' else 'nocreatedb' end)
from pg_roles
where rolname = any (current_setting('support_db.roles')::text[])
    and (rolcreaterole or rolcreatedb <> (rolname = :'scratch')) \gexec

-- An administrator who is no superuser grants rights on tables, and default privileges, as a member of their owner.
select format('grant %I to current_user', :'owner') where not pg_has_role(:'owner', 'usage') \gexec

grant connect on database :"DBNAME" to :"owner", :"application", :"reader", :"backup";
-- A run tries on an empty temporary copy which objects of others a column of another type can keep.
grant temporary on database :"DBNAME" to :"owner";
-- A run refuses a schema where somebody may create who is neither its owner nor the role of the run.
select format('alter schema public owner to %I', :'owner')
from pg_namespace where nspname = 'public' and pg_has_role(nspowner, 'usage') \gexec
revoke create on schema public from public;
grant usage, create on schema public to :"owner";
grant usage on schema public to :"application", :"reader", :"backup";

-- A session that migrates, or writes SQL for review, begins with a block in PL/pgSQL.
select case when rolsuper then format('grant usage on language plpgsql to %I, %I', :'owner', :'reader')
    when not has_language_privilege(:'owner', 'plpgsql', 'usage') then
        format($w$do $$begin raise warning '%%', %L; end$$ $w$, format(
            'Nobody can migrate yet. As a superuser run: grant usage on language plpgsql to %I, %I;',
            :'owner', :'reader')) end
from pg_roles where rolname = current_user \gexec

-- Tables of later updates. No right on functions: whoever may execute a trigger function may hang it on a table of their
-- own, and then it runs with the rights of its owner.
alter default privileges for role :"owner" in schema public
    grant select, insert, update, delete on tables to :"application";
alter default privileges for role :"owner" in schema public grant usage, select on sequences to :"application";
alter default privileges for role :"owner" in schema public grant select on tables to :"reader", :"backup";
alter default privileges for role :"owner" in schema public grant select on sequences to :"reader", :"backup";

-- Tables that are there already.
select format('grant select%s on %s to %I', case name when :'application' then ', insert, update, delete' else '' end,
    c.oid::regclass, name)
from pg_class c cross join unnest(array[:'application', :'reader', :'backup']) name
where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')
    and pg_get_userbyid(relowner) = :'owner' \gexec
select format('grant select%s on sequence %s to %I', case name when :'application' then ', usage' else '' end,
    c.oid::regclass, name)
from pg_class c cross join unnest(array[:'application', :'reader', :'backup']) name
where relnamespace = 'public'::regnamespace and relkind = 'S' and pg_get_userbyid(relowner) = :'owner' \gexec
select format('revoke insert, update, delete, truncate, references, trigger on %s from %I', oid::regclass, :'application')
from pg_class
where relnamespace = 'public'::regnamespace and relname = any (string_to_array(:'closed', ','))
    and pg_get_userbyid(relowner) = :'owner' \gexec

-- A dump has all of the database, whoever owns it.
select case
    when pg_has_role(:'backup', 'pg_read_all_data', 'usage') then null
    when rolsuper or current_setting('server_version_num')::integer < 160000
            or pg_has_role('pg_read_all_data', 'member with admin option') then
        format('grant pg_read_all_data to %I', :'backup')
    else format($do$do $$begin raise warning '%%', %L; end$$ $do$, format(
        'The backup reads the tables of the owner alone. For all, as a superuser run: grant pg_read_all_data to %I;',
        :'backup')) end
from pg_roles where rolname = current_user \gexec

commit;

\pset footer off
select name as role, count(*) filter (where has_table_privilege(name, c.oid, 'select')) as "tables it reads",
    count(*) filter (where has_table_privilege(name, c.oid, 'insert, update, delete')) as "tables it writes",
    (select rolcreatedb from pg_roles where rolname = name) as "creates databases"
from unnest(array[:'owner', :'application', :'reader', :'backup', :'scratch']) with ordinality role (name, place)
left join pg_class c on relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
group by name, place order by place;
