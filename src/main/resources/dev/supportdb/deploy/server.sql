-- Findings about the server before a migration: is_error, and a sentence.
with settings as (
  select current_setting('autovacuum_freeze_max_age')::bigint as freeze_max_age
),
-- The largest value of each sequence: its own, or that of a narrower column whose default uses it.
sequences as (
  select s.schemaname, s.sequencename, s.cycle, s.last_value,
    case when s.increment_by < 0 then s.min_value else least(s.max_value, min(case c.atttypid
      when 'int2'::regtype then 32767 when 'int4'::regtype then 2147483647 end)) end as end_value
  from pg_sequences s
  join pg_namespace n on n.nspname = s.schemaname
  join pg_class q on q.relnamespace = n.oid and q.relname = s.sequencename
  left join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = q.oid and d.classid = 'pg_attrdef'::regclass
  left join pg_attrdef a on a.oid = d.objid
  left join pg_attribute c on c.attrelid = a.adrelid and c.attnum = a.adnum
  group by s.schemaname, s.sequencename, s.cycle, s.last_value, s.increment_by, s.min_value, s.max_value
)
select true, format('The prepared transaction %s of %s has been open since %s and keeps its locks. End it: rollback prepared %L;',
  gid, owner, date_trunc('second', prepared), gid)
from pg_prepared_xacts where database = current_database()
union all
select false, format('pid %s (%s, user %s) has been in a transaction since %s (%s). What locks its tables waits for it: select pg_terminate_backend(%s);',
  pid, coalesce(nullif(application_name, ''), 'unknown'), usename, date_trunc('second', xact_start), state, pid)
from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and xact_start < now() - interval '1 minute'
  and backend_type = 'client backend'
union all
select false, format('The standby %s is %s behind', coalesce(nullif(application_name, ''), host(client_addr)), date_trunc('second', replay_lag))
from pg_stat_replication where replay_lag > interval '10 seconds'
union all
select false, format('The index %s is invalid: a build of it failed. Drop it, or run what builds it again', indexrelid::regclass)
from pg_index where not indisvalid and not exists (select from pg_inherits where inhparent = indexrelid)
union all
select last_value / end_value::numeric > 0.95, format('The sequence %I.%I has drawn %s of %s numbers', schemaname, sequencename, last_value, end_value)
from sequences where last_value / nullif(end_value, 0)::numeric > 0.8 and not cycle
union all
select age(datfrozenxid) > 1500000000, format('The oldest transaction of the database is %s transactions old; at 2 billion the server stops. Vacuum: vacuum (freeze)', age(datfrozenxid))
from pg_database, settings where datname = current_database() and age(datfrozenxid) > greatest(1000000000, 2 * freeze_max_age)
union all
select mxid_age(datminmxid) > 1500000000, format('The oldest multixact of the database is %s multixacts old; at 2 billion the server stops. Vacuum: vacuum (freeze)', mxid_age(datminmxid))
from pg_database where datname = current_database() and mxid_age(datminmxid) > 1000000000
union all
select false, format('pid %s runs %s, and does not make way for a lock as other autovacuums do', pid, query)
from pg_stat_activity where datname = current_database() and backend_type = 'autovacuum worker' and query like '%(to prevent wraparound)%'
union all
select true, 'The server is a standby' where pg_is_in_recovery()
