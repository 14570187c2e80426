-- Everything the catalogue says of a database's own schema, as pairs of an object and a fact about it. No oid, no file
-- name, no column number: two databases of one schema give the same pairs, whatever the way they got there.
-- Runs with search_path = pg_catalog, pg_temp, so that every other name comes out qualified.
with schemas as (
  select * from pg_namespace where nspname <> 'information_schema' and nspname !~ '^pg_'
),

relations as (
  select c.*
  from pg_class c join schemas n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'f', 'v', 'm', 'S', 'c')
    -- The books Liquibase keeps tell of the way, not of the schema.
    and c.relname not in ('databasechangelog', 'databasechangeloglock')
    -- What an extension brings is told by its name and version.
    and not exists (
      select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
    )
),

-- The options a user can set, in 15 to 18. A server may keep options of its own in the same arrays (since November 2026
-- pg_attver, different for each column each time it is made), which say nothing of the schema. What an extension's access
-- method or operator class offers, only the extension knows.
documented (kind, options) as (
  values
  ('table', array[
    'autovacuum_analyze_scale_factor', 'autovacuum_analyze_threshold', 'autovacuum_enabled', 'autovacuum_freeze_max_age',
    'autovacuum_freeze_min_age', 'autovacuum_freeze_table_age', 'autovacuum_multixact_freeze_max_age',
    'autovacuum_multixact_freeze_min_age', 'autovacuum_multixact_freeze_table_age', 'autovacuum_vacuum_cost_delay',
    'autovacuum_vacuum_cost_limit', 'autovacuum_vacuum_insert_scale_factor', 'autovacuum_vacuum_insert_threshold',
    'autovacuum_vacuum_max_threshold', 'autovacuum_vacuum_scale_factor', 'autovacuum_vacuum_threshold', 'fillfactor',
    'log_autovacuum_min_duration', 'parallel_workers', 'toast_tuple_target', 'user_catalog_table',
    'vacuum_index_cleanup', 'vacuum_max_eager_freeze_failure_rate', 'vacuum_truncate'
  ]),
  ('view', array['check_option', 'security_barrier', 'security_invoker']),
  ('column', array['n_distinct', 'n_distinct_inherited']),
  ('index', array[
    'autosummarize', 'buffering', 'deduplicate_items', 'fastupdate', 'fillfactor', 'gin_pending_list_limit',
    'pages_per_range'
  ]),
  ('operator class', array['false_positive_rate', 'n_distinct_per_range', 'siglen', 'values_per_range'])
),

-- As pg_get_indexdef() and, of an exclusion constraint, pg_get_constraintdef() write them, but for the options. 16384 is the
-- first oid after those of initdb.
indexes as (
  select i.*, x.relkind, x.relname, x.reltablespace, m.amname, k.keys, k.operands, k.included,
    (
      select string_agg(o.option_name || '=' || quote_literal(o.option_value), ', ' order by o.option_name)
      from pg_options_to_table(x.reloptions) o
      where m.oid >= 16384 or o.option_name = any (select unnest(options) from documented where kind = 'index')
    ) as options,
    pg_get_expr(i.indpred, i.indrelid) as predicate
  from pg_index i
  join relations c on c.oid = i.indrelid
  join pg_class x on x.oid = i.indexrelid
  join pg_am m on m.oid = x.relam
  left join pg_constraint e on e.conindid = i.indexrelid and e.contype = 'x'
  cross join lateral (
    select
      string_agg(k.key, ', ' order by a.attnum) filter (where a.attnum <= i.indnkeyatts) as keys,
      string_agg(k.key || ' WITH ' || k.operator, ', ' order by a.attnum) as operands,
      string_agg(k.name, ', ' order by a.attnum) filter (where a.attnum > i.indnkeyatts) as included
    from pg_attribute a
    left join pg_attribute t on t.attrelid = i.indrelid and t.attnum = i.indkey[a.attnum - 1]
    join pg_type y on y.oid = coalesce(t.atttypid, a.atttypid)
    left join pg_opclass o on o.oid = i.indclass[a.attnum - 1]
    left join pg_type q on q.oid = o.opcintype
    cross join lateral (
      select
        pg_get_indexdef(i.indexrelid, a.attnum, false) as name,
        (
          select string_agg(p.option_name || '=' || quote_literal(p.option_value), ', ' order by p.option_name)
          from pg_options_to_table(a.attoptions) p
          where o.oid >= 16384 or p.option_name = any (select unnest(options) from documented where kind = 'operator class')
        ) as options,
        -- A default one of the type itself, or of a type that takes it in without a conversion.
        o.opcdefault and (q.oid in (y.oid, y.typbasetype) or q.typispreferred or q.typtype = 'p') as expected,
        (
          select case n.nspname when 'pg_catalog' then p.oprname else format('OPERATOR(%I.%s)', n.nspname, p.oprname) end
          from pg_operator p join pg_namespace n on n.oid = p.oprnamespace where p.oid = e.conexclop[a.attnum]
        ) as operator,
        pg_index_column_has_property(i.indexrelid, a.attnum, 'desc') as descending,
        pg_index_column_has_property(i.indexrelid, a.attnum, 'nulls_first') as nulls_first
    ) d
    cross join lateral (
      select d.name, d.operator, concat(d.name,
        case when i.indcollation[a.attnum - 1] <> coalesce(t.attcollation, y.typcollation)
          then ' COLLATE ' || i.indcollation[a.attnum - 1]::regcollation end,
        case when d.options is not null or not d.expected then (
          select ' ' || case n.nspname when 'pg_catalog' then '' else quote_ident(n.nspname) || '.' end || quote_ident(o.opcname)
          from pg_namespace n where n.oid = o.opcnamespace
        ) end,
        ' (' || d.options || ')',
        case when d.descending then ' DESC' end,
        case when d.descending <> d.nulls_first then case when d.descending then ' NULLS LAST' else ' NULLS FIRST' end end
      ) as key
    ) k
    where a.attrelid = i.indexrelid
  ) k
),

-- acltype is what acldefault() calls the kind; null where there is no default.
objects (classid, objid, subid, definition, owner, acltype, acl) as (
  select 'pg_namespace'::regclass, oid, 0, 'exists', nspowner, 'n', nspacl
  from schemas

  union all
  select 'pg_class'::regclass, c.oid, 0,
    concat_ws(', ',
      case c.relpersistence when 'u' then 'unlogged' else 'permanent' end,
      'using ' || (select amname from pg_am where oid = c.relam and amname <> 'heap'),
      'partition by ' || pg_get_partkeydef(c.oid),
      (
        select case when c.relispartition then 'partition of ' else 'inherits ' end
          || string_agg(inhparent::regclass::text, ', ' order by inhseqno)
        from pg_inherits where inhrelid = c.oid
      ),
      pg_get_expr(c.relpartbound, c.oid),
      'with ' || (
        select string_agg(option_name || '=' || option_value, ', ' order by option_name)
        from pg_options_to_table(c.reloptions)
        where c.relam >= 16384 or option_name = any (
          select unnest(options) from documented where kind = case c.relkind when 'v' then 'view' else 'table' end
        )
      ),
      'toast with ' || (
        select string_agg(option_name || '=' || option_value, ', ' order by option_name)
        from pg_class t, pg_options_to_table(t.reloptions)
        where t.oid = c.reltoastrelid and option_name = any (select unnest(options) from documented where kind = 'table')
      ),
      case when c.relreplident = 'f' then 'replica identity full'
        when c.relreplident = 'n' and c.relkind in ('r', 'p') then 'replica identity nothing' end,
      case when c.relrowsecurity then 'row security enabled' end,
      case when c.relforcerowsecurity then 'row security forced' end,
      'tablespace ' || (select quote_ident(spcname) from pg_tablespace where oid = c.reltablespace),
      (
        select format('server %I %s', s.srvname, t.ftoptions)
        from pg_foreign_table t join pg_foreign_server s on s.oid = t.ftserver where t.ftrelid = c.oid
      ),
      (
        select format('%s start %s increment %s minvalue %s maxvalue %s cache %s%s', format_type(seqtypid, null),
          seqstart, seqincrement, seqmin, seqmax, seqcache, case when seqcycle then ' cycle' end)
        from pg_sequence where seqrelid = c.oid
      ),
      (
        select 'owned by ' || (pg_identify_object(refclassid, refobjid, refobjsubid)).identity
        from pg_depend
        where classid = 'pg_class'::regclass and objid = c.oid and c.relkind = 'S'
          and refclassid = 'pg_class'::regclass and refobjsubid > 0 and deptype in ('a', 'i')
      ),
      case when c.relkind = 'm' and not c.relispopulated then 'not populated' end,
      case when c.relkind in ('v', 'm') then 'as' || E'\n' || pg_get_viewdef(c.oid) end),
    c.relowner, case c.relkind when 'S' then 's' else 'r' end, c.relacl
  from relations c
  where c.relkind <> 'c'

  union all
  select 'pg_class'::regclass, a.attrelid, a.attnum,
    concat_ws(' ',
      format_type(a.atttypid, a.atttypmod),
      case when a.attcollation <> t.typcollation then 'collate ' || a.attcollation::regcollation end,
      case when a.attnotnull then 'not null' end,
      case a.attidentity when 'a' then 'generated always as identity'
        when 'd' then 'generated by default as identity' end,
      case a.attgenerated when '' then 'default' when 's' then 'generated, stored,' else 'generated, virtual,' end
        || ' ' || pg_get_expr(d.adbin, d.adrelid),
      case when a.attstorage <> t.typstorage then format('storage "%s"', a.attstorage) end,
      case when a.attcompression <> '' then format('compression "%s"', a.attcompression) end,
      case when a.attstattarget >= 0 then 'statistics ' || a.attstattarget end,
      'with ' || (
        select string_agg(option_name || '=' || option_value, ', ' order by option_name)
        from (
          select * from pg_options_to_table(a.attoptions)
          where option_name = any (select unnest(options) from documented where kind = 'column')
          union all select * from pg_options_to_table(a.attfdwoptions)
        ) o
      )),
    c.relowner, 'c', a.attacl
  from relations c
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  join pg_type t on t.oid = a.atttypid
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where c.relkind <> 'S'

  union all
  select 'pg_class'::regclass, i.indexrelid, 0,
    concat_ws(', ',
      format('CREATE %sINDEX %I ON %s%s USING %I (%s)', case when i.indisunique then 'UNIQUE ' end, i.relname,
        case i.relkind when 'I' then 'ONLY ' end, i.indrelid::regclass, i.amname, i.keys)
        || coalesce(' INCLUDE (' || i.included || ')', '')
        || case when i.indnullsnotdistinct then ' NULLS NOT DISTINCT' else '' end
        || coalesce(' WITH (' || i.options || ')', '')
        || coalesce(' WHERE ' || i.predicate, ''),
      case when not i.indisvalid then 'invalid' end,
      case when not i.indisready then 'not ready' end,
      case when i.indisclustered then 'clustered' end,
      case when i.indisreplident then 'replica identity' end,
      'tablespace ' || (select quote_ident(spcname) from pg_tablespace where oid = i.reltablespace),
      'part of ' || (select inhparent::regclass from pg_inherits where inhrelid = i.indexrelid)),
    null, null, null
  from indexes i

  union all
  select 'pg_constraint'::regclass, k.oid, 0,
    concat_ws(', ',
      case k.contype when 'x' then (
        select format('EXCLUDE USING %I (%s)', i.amname, i.operands)
          || coalesce(' INCLUDE (' || i.included || ')', '')
          || coalesce(' WITH (' || i.options || ')', '')
          || coalesce(' WHERE (' || i.predicate || ')', '')
          || case when k.condeferrable then ' DEFERRABLE' else '' end
          || case when k.condeferred then ' INITIALLY DEFERRED' else '' end
        from indexes i where i.indexrelid = k.conindid
      ) else pg_get_constraintdef(k.oid) end,
      -- "alter table … disable trigger all" switches a foreign key off without a trace in pg_constraint.
      case when exists (select from pg_trigger where tgconstraint = k.oid and tgisinternal and tgenabled <> 'O')
        then 'its triggers not all enabled' end),
    null, null, null
  from pg_constraint k
  where (k.conrelid in (select oid from relations)
      or k.contypid in (select t.oid from pg_type t join schemas n on n.oid = t.typnamespace))
    -- The copies a partition gets cannot be changed on their own; a constraint trigger is told as a trigger.
    and k.conparentid = 0 and k.contype <> 't'
    -- "not null" is told with the column: before 18 the catalogue has no constraint for it.
    and (k.contype <> 'n' or not k.convalidated)

  union all
  select 'pg_trigger'::regclass, t.oid, 0,
    concat_ws(', ',
      pg_get_triggerdef(t.oid),
      case t.tgenabled when 'D' then 'disabled' when 'R' then 'on a replica only' when 'A' then 'always' end),
    null, null, null
  from pg_trigger t
  where t.tgrelid in (select oid from relations) and not t.tgisinternal

  union all
  select 'pg_rewrite'::regclass, r.oid, 0,
    concat_ws(', ',
      pg_get_ruledef(r.oid),
      case r.ev_enabled when 'D' then 'disabled' when 'R' then 'on a replica only' when 'A' then 'always' end),
    null, null, null
  from pg_rewrite r
  where r.ev_class in (select oid from relations) and r.rulename <> '_RETURN'

  union all
  select 'pg_policy'::regclass, p.oid, 0,
    concat_ws(' ',
      case when p.polpermissive then 'permissive' else 'restrictive' end,
      'for ' || case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
        when 'd' then 'delete' else 'all' end,
      'to ' || (
        select string_agg(coalesce(quote_ident(rolname), 'public'), ', ' order by rolname)
        from unnest(p.polroles) o left join pg_roles r on r.oid = o
      ),
      'using (' || pg_get_expr(p.polqual, p.polrelid) || ')',
      'with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'),
    null, null, null
  from pg_policy p
  where p.polrelid in (select oid from relations)

  union all
  select 'pg_statistic_ext'::regclass, s.oid, 0,
    concat_ws(', ', pg_get_statisticsobjdef(s.oid),
      case when s.stxstattarget >= 0 then 'statistics ' || s.stxstattarget end),
    s.stxowner, null, null
  from pg_statistic_ext s
  where s.stxrelid in (select oid from relations)

  union all
  select 'pg_proc'::regclass, p.oid, 0,
    case when p.prokind <> 'a' then pg_get_functiondef(p.oid)
      else (
        select format('aggregate (%s) %s, state %s %s, final %s, combine %s, moving %s %s %s, initial %s %s, sort %s',
          pg_get_function_arguments(p.oid), aggkind, format_type(aggtranstype, null), aggtransfn::regprocedure,
          aggfinalfn::regprocedure, aggcombinefn::regprocedure, aggmtransfn::regprocedure, aggminvtransfn::regprocedure,
          aggmfinalfn::regprocedure, quote_nullable(agginitval), quote_nullable(aggminitval), aggsortop::regoperator)
        from pg_aggregate where aggfnoid = p.oid
      ) end,
    p.proowner, 'f', p.proacl
  from pg_proc p
  where p.pronamespace in (select oid from schemas)

  union all
  select 'pg_type'::regclass, t.oid, 0,
    case t.typtype
      when 'e' then (
        select format('enum (%s)', string_agg(quote_literal(enumlabel), ', ' order by enumsortorder))
        from pg_enum where enumtypid = t.oid
      )
      when 'd' then concat_ws(' ',
        'domain over ' || format_type(t.typbasetype, t.typtypmod),
        case when t.typcollation <> b.typcollation then 'collate ' || t.typcollation::regcollation end,
        case when t.typnotnull then 'not null' end,
        'default ' || pg_get_expr(t.typdefaultbin, 0))
      when 'r' then (
        select format('range of %s, %s, %s, %s', format_type(rngsubtype, null), rngcollation::regcollation,
          rngcanonical::regprocedure, rngsubdiff::regprocedure)
        from pg_range where rngtypid = t.oid
      )
      when 'c' then 'composite'
      else format('base %s %s', t.typinput::regprocedure, t.typoutput::regprocedure) end,
    t.typowner, 'T', t.typacl
  from pg_type t join schemas n on n.oid = t.typnamespace left join pg_type b on b.oid = t.typbasetype
  -- Row types of tables, arrays and multiranges come with what they are made of.
  where (t.typrelid = 0 or t.typrelid in (select oid from relations where relkind = 'c'))
    and t.typtype <> 'm' and not exists (select from pg_type e where e.typarray = t.oid)

  union all
  select 'pg_extension'::regclass, e.oid, 0,
    format('version %s in schema %s', e.extversion, e.extnamespace::regnamespace),
    null, null, null
  from pg_extension e

  union all
  select 'pg_publication'::regclass, p.oid, 0,
    concat_ws(', ',
      case when p.puballtables then 'all tables' end,
      case when p.pubinsert then 'insert' end,
      case when p.pubupdate then 'update' end,
      case when p.pubdelete then 'delete' end,
      case when p.pubtruncate then 'truncate' end,
      case when p.pubviaroot then 'by way of the partition root' end),
    p.pubowner, null, null
  from pg_publication p

  union all
  select 'pg_publication_namespace'::regclass, p.oid, 0, 'exists', null, null, null
  from pg_publication_namespace p

  union all
  select 'pg_publication_rel'::regclass, p.oid, 0,
    concat_ws(' ', 'columns',
      coalesce((
        select string_agg(quote_ident(attname), ', ' order by attname)
        from pg_attribute where attrelid = p.prrelid and attnum = any (p.prattrs)
      ), 'all'),
      'where ' || pg_get_expr(p.prqual, p.prrelid)),
    null, null, null
  from pg_publication_rel p
  where p.prrelid in (select oid from relations)

  union all
  select 'pg_event_trigger'::regclass, e.oid, 0,
    concat_ws(', ',
      format('on %s execute %s', e.evtevent, e.evtfoid::regprocedure),
      'when tag in ' || (select string_agg(t, ', ' order by t) from unnest(e.evttags) t),
      case e.evtenabled when 'D' then 'disabled' when 'R' then 'on a replica only' when 'A' then 'always' end),
    e.evtowner, null, null
  from pg_event_trigger e

  union all
  -- Default privileges that hold in one schema add to the built-in ones, the others stand in their place.
  select 'pg_default_acl'::regclass, a.oid, 0, null, a.defaclrole,
    case when a.defaclnamespace = 0 then translate(a.defaclobjtype::text, 'S', 's') end, a.defaclacl
  from pg_default_acl a

  union all
  -- The rare kinds are told by their identity alone. 16384 is the first oid after those of initdb.
  select classid, objid, 0, 'exists', null, null, null
  from (
    select 'pg_collation'::regclass, oid from pg_collation where collnamespace in (select oid from schemas)
    union all select 'pg_conversion'::regclass, oid from pg_conversion where connamespace in (select oid from schemas)
    union all select 'pg_operator'::regclass, oid from pg_operator where oprnamespace in (select oid from schemas)
    union all select 'pg_opclass'::regclass, oid from pg_opclass where opcnamespace in (select oid from schemas)
    union all select 'pg_opfamily'::regclass, oid from pg_opfamily where opfnamespace in (select oid from schemas)
    union all select 'pg_ts_config'::regclass, oid from pg_ts_config where cfgnamespace in (select oid from schemas)
    union all select 'pg_ts_dict'::regclass, oid from pg_ts_dict where dictnamespace in (select oid from schemas)
    union all select 'pg_cast'::regclass, oid from pg_cast where oid >= 16384
    union all select 'pg_language'::regclass, oid from pg_language where oid >= 16384
    union all select 'pg_foreign_data_wrapper'::regclass, oid from pg_foreign_data_wrapper
    union all select 'pg_foreign_server'::regclass, oid from pg_foreign_server
  ) rare (classid, objid)
),

named as (
  select o.*, r.rolname,
    -- Default privileges are named with their role, which is the owner and told as such.
    i.type || ' ' || replace(i.identity, concat('for role ', quote_ident(r.rolname), ' '), '') as object
  from objects o
  left join pg_roles r on r.oid = o.owner
  cross join lateral pg_identify_object(o.classid, o.objid, o.subid) i
  where not exists (
    select from pg_depend d where d.classid = o.classid and d.objid = o.objid and d.deptype = 'e'
  )
)

select object, definition as fact from named where definition is not null

union all
-- Who owns most of it is not part of the schema; that a single object belongs to somebody else is.
select object, 'owner ' || quote_ident(rolname)
from named
where subid = 0 and owner is not null and rolname is distinct from (
  select mode() within group (order by rolname) from named where classid <> 'pg_namespace'::regclass and subid = 0
)

union all
-- Compared with the built-in privileges, so that a grant taken back leaves no trace, and 17's "maintain" is no news.
select n.object,
  format('%s %s %s %s%s', g.verb, string_agg(lower(g.privilege_type), ', ' order by g.privilege_type),
    case g.verb when 'grant' then 'to' else 'from' end,
    case g.grantee when 0 then 'public' when n.owner then 'the owner' else g.grantee::regrole::text end,
    case when g.is_grantable then ' with grant option' end)
from named n
cross join lateral (
  select 'grant' as verb, * from (
    select grantee, privilege_type, is_grantable from aclexplode(n.acl)
    except select grantee, privilege_type, is_grantable from aclexplode(acldefault(n.acltype::"char", n.owner))
  ) more
  union all
  select 'revoke', * from (
    select grantee, privilege_type, is_grantable from aclexplode(acldefault(n.acltype::"char", n.owner))
    except select grantee, privilege_type, is_grantable from aclexplode(n.acl)
  ) less
) g
where n.acl is not null
group by n.object, n.owner, g.verb, g.grantee, g.is_grantable

union all
select n.object, 'comment ' || quote_literal(d.description)
from named n
join pg_description d on d.classoid = n.classid and d.objoid = n.objid and d.objsubid = n.subid
