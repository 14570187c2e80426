-- Selects the schema of a database from the catalogue, as facts: an aspect of an object, or of a part of one, and its
-- value. Facts have no oid, file name or column number, so two databases with the same schema have the same facts, however
-- they were created. The value is empty if the aspect is enough; an aspect with a list has several facts.
-- Runs with search_path = pg_catalog, pg_temp, so that every other name is qualified in the output. :without is an array of
-- the tables to leave out.
with schemas as materialized (
  select oid, quote_ident(nspname) as name, nspowner, nspacl
  from pg_namespace where nspname <> 'information_schema' and nspname !~ '^pg_'
),

-- The objects of an extension are represented by its name and version.
members as materialized (
  select classid, objid from pg_depend where deptype = 'e'
),

relations as materialized (
  select c.oid, c.relkind, c.relam, c.reloptions, c.relpersistence, c.relispartition, c.relpartbound, c.reltoastrelid,
    c.relreplident, c.relrowsecurity, c.relforcerowsecurity, c.reltablespace, c.relispopulated, c.relowner, c.relacl,
    n.name as schema, quote_ident(c.relname) as name,
    case c.relkind when 'f' then 'foreign table' when 'v' then 'view' when 'm' then 'materialized view'
      when 'S' then 'sequence' when 'c' then 'composite type' else 'table' end as kind
  from pg_class c join schemas n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'f', 'v', 'm', 'S', 'c')
    and c.relname <> all (:without)
    and ('pg_class'::regclass, c.oid) not in (select classid, objid from members)
),

-- The options a user can set, in 15 to 18. A server may keep options of its own in the same arrays (since November 2026
-- pg_attver, different for each column each time it is created), which are not schema. The options of an extension's access
-- method or operator class are unknown here, so all count: 16384 is the first oid after those of initdb.
documented (kind, option) as materialized (
  select 'table', unnest(array[
    'autovacuum_analyze_scale_factor', 'autovacuum_analyze_threshold', 'autovacuum_enabled', 'autovacuum_freeze_max_age',
    'autovacuum_freeze_min_age', 'autovacuum_freeze_table_age', 'autovacuum_multixact_freeze_max_age',
    'autovacuum_multixact_freeze_min_age', 'autovacuum_multixact_freeze_table_age', 'autovacuum_vacuum_cost_delay',
    'autovacuum_vacuum_cost_limit', 'autovacuum_vacuum_insert_scale_factor', 'autovacuum_vacuum_insert_threshold',
    'autovacuum_vacuum_max_threshold', 'autovacuum_vacuum_scale_factor', 'autovacuum_vacuum_threshold', 'fillfactor',
    'log_autovacuum_min_duration', 'parallel_workers', 'toast_tuple_target', 'user_catalog_table',
    'vacuum_index_cleanup', 'vacuum_max_eager_freeze_failure_rate', 'vacuum_truncate'
  ])
  union all
  select 'view', unnest(array['check_option', 'security_barrier', 'security_invoker'])
  union all
  select 'column', unnest(array['n_distinct', 'n_distinct_inherited'])
  union all
  select 'index', unnest(array[
    'autosummarize', 'buffering', 'deduplicate_items', 'fastupdate', 'fillfactor', 'gin_pending_list_limit',
    'pages_per_range'
  ])
  union all
  select 'operator class', unnest(array['false_positive_rate', 'n_distinct_per_range', 'siglen', 'values_per_range'])
),

indexes as materialized (
  select i.indexrelid, i.indrelid, i.indisunique, i.indisvalid, i.indisready, i.indisclustered, i.indisreplident,
    i.indnullsnotdistinct, i.indnkeyatts, i.indkey, i.indclass, i.indcollation, i.indoption, x.relkind, x.reltablespace, x.relam,
    x.reloptions, c.schema, quote_ident(x.relname) as name, c.schema || '.' || c.name as on_table, quote_ident(m.amname) as method,
    pg_get_expr(i.indpred, i.indrelid) as predicate
  from pg_index i
  join relations c on c.oid = i.indrelid
  join pg_class x on x.oid = i.indexrelid
  join pg_am m on m.oid = x.relam
),

-- As pg_get_indexdef() writes them, except for the options; name is only the column or expression.
index_columns as materialized (
  select i.indexrelid, a.attnum, a.attnum > i.indnkeyatts as included, i.indkey[a.attnum - 1] <> 0 as is_column, d.name,
    concat(d.name,
      case when i.indcollation[a.attnum - 1] <> coalesce(t.attcollation, y.typcollation)
        then ' COLLATE ' || i.indcollation[a.attnum - 1]::regcollation end,
      -- The default operator class is left out: that of the type, or of one that accepts it without conversion.
      case when d.options is not null or not (o.opcdefault
          and (q.oid in (y.oid, y.typbasetype) or q.typispreferred or q.typtype = 'p'))
        then concat(' ', case when o.opcnamespace <> 'pg_catalog'::regnamespace then o.opcnamespace::regnamespace || '.' end,
          quote_ident(o.opcname)) end,
      ' (' || d.options || ')',
      case when d.descending then ' DESC' end,
      case when d.descending <> d.nulls_first then case when d.descending then ' NULLS LAST' else ' NULLS FIRST' end end
    ) as key
  from indexes i
  join pg_attribute a on a.attrelid = i.indexrelid
  left join pg_attribute t on t.attrelid = i.indrelid and t.attnum = i.indkey[a.attnum - 1]
  left join pg_opclass o on o.oid = i.indclass[a.attnum - 1]
  -- If an expression is stored as another type, only the operator class shows its own type.
  join pg_type y on y.oid = coalesce(t.atttypid, case when o.opckeytype <> 0 then o.opcintype end, a.atttypid)
  left join pg_type q on q.oid = o.opcintype
  cross join lateral (
    select
      coalesce(quote_ident(t.attname), pg_get_indexdef(i.indexrelid, a.attnum, false)) as name,
      case when a.attoptions is not null then (
        select string_agg(p.option_name || '=' || quote_literal(p.option_value), ', ' order by p.option_name)
        from pg_options_to_table(a.attoptions) p
        where o.oid >= 16384 or ('operator class', p.option_name) in (select kind, option from documented)
      ) end as options,
      i.indoption[a.attnum - 1] & 1 > 0 as descending,
      i.indoption[a.attnum - 1] & 2 > 0 as nulls_first
  ) d
),

index_options as materialized (
  select i.indexrelid, p.option_name || '=' || quote_literal(p.option_value) as option
  from indexes i cross join pg_options_to_table(i.reloptions) p
  where i.relam >= 16384 or ('index', p.option_name) in (select kind, option from documented)
),

-- Separate, so that a condition on each function is not evaluated for the thousands that the server brings.
functions as materialized (
  select p.oid, p.prokind, p.proowner, p.proacl, n.name as schema
  from pg_proc p join schemas n on n.oid = p.pronamespace
),

-- The objects with their aspects in the order for people, and the values; null if there is none. acltype is the kind as
-- acldefault() names it; null if there is no default.
objects (classid, objid, subid, kind, schema, object, part, owner, acltype, acl, aspects, texts) as materialized (
  select * from (
    select 'pg_namespace'::regclass::oid as classid, oid as objid, 0 as subid, 'schema', null, name, null, nspowner, 'n', nspacl,
      array['exists'], array['']
    from schemas

    union all
    select 'pg_class'::regclass, c.oid, 0, c.kind, c.schema, c.name, null, c.relowner, 'r', c.relacl,
      array['persistence', 'using', 'partition by', 'inherits', 'bound', 'with', 'toast with', 'replica identity',
        'row security enabled', 'row security forced', 'tablespace', 'not populated', 'as'],
      array[
        case c.relpersistence when 'u' then 'unlogged' else 'permanent' end,
        (select quote_ident(amname) from pg_am where oid = c.relam and amname <> 'heap'),
        pg_get_partkeydef(c.oid),
        null,
        pg_get_expr(c.relpartbound, c.oid),
        null,
        null,
        case when c.relreplident = 'f' then 'full' when c.relreplident = 'n' and c.relkind in ('r', 'p') then 'nothing' end,
        case when c.relrowsecurity then '' end,
        case when c.relforcerowsecurity then '' end,
        (select quote_ident(spcname) from pg_tablespace where oid = c.reltablespace),
        case when c.relkind = 'm' and not c.relispopulated then '' end,
        case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end
      ]
    from relations c
    where c.relkind not in ('c', 'S')

    union all
    select 'pg_class'::regclass, c.oid, 0, c.kind, c.schema, c.name, null, c.relowner, 's', c.relacl,
      array['persistence', 'type', 'start', 'increment', 'minvalue', 'maxvalue', 'cache', 'cycle', 'owned by'],
      array[
        case c.relpersistence when 'u' then 'unlogged' else 'permanent' end,
        format_type(s.seqtypid, null),
        s.seqstart::text,
        s.seqincrement::text,
        s.seqmin::text,
        s.seqmax::text,
        s.seqcache::text,
        case when s.seqcycle then '' end,
        (
          select t.schema || '.' || t.name || '.' || quote_ident(a.attname)
          from pg_depend d
          join relations t on t.oid = d.refobjid
          join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
          where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.objsubid = 0
            and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
        )
      ]
    from relations c
    join pg_sequence s on s.seqrelid = c.oid

    union all
    select 'pg_class'::regclass, a.attrelid, a.attnum, c.kind || ' column', c.schema, c.name, quote_ident(a.attname), c.relowner,
      'c', a.attacl,
      case when inherited then array['as in the parent'] else array['type', 'length', 'collate', 'not null', 'identity', 'default', 'generated', 'stored', 'storage', 'compression',
        'statistics'] end,
      case when inherited then array[''] else array[
        format_type(a.atttypid, a.atttypmod),
        case when a.atttypid = 'varchar'::regtype and a.atttypmod >= 0 then (a.atttypmod - 4)::text end,
        case when a.attcollation <> t.typcollation then a.attcollation::regcollation::text end,
        case when a.attnotnull then '' end,
        case a.attidentity when 'a' then 'always' when 'd' then 'by default' end,
        case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end,
        case when a.attgenerated <> '' then pg_get_expr(d.adbin, d.adrelid) end,
        case when a.attgenerated = 's' then '' end,
        case when a.attstorage <> t.typstorage then case a.attstorage when 'p' then 'plain' when 'e' then 'external'
          when 'x' then 'extended' else 'main' end end,
        case a.attcompression when 'p' then 'pglz' when 'l' then 'lz4' end,
        case when a.attstattarget >= 0 then a.attstattarget::text end
      ] end
    from relations c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join pg_type t on t.oid = a.atttypid
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    -- Inherited aspects of a partition's column are not repeated.
    cross join lateral (
      select c.relispartition and exists (
        select from pg_inherits h
        join pg_attribute p on p.attrelid = h.inhparent and p.attname = a.attname
        left join pg_attrdef e on e.adrelid = p.attrelid and e.adnum = p.attnum
        where h.inhrelid = c.oid
          and (p.atttypid, p.atttypmod, p.attcollation, p.attnotnull, p.attidentity, p.attgenerated, p.attstorage,
              p.attcompression, p.attstattarget, pg_get_expr(e.adbin, e.adrelid))
            is not distinct from (a.atttypid, a.atttypmod, a.attcollation, a.attnotnull, a.attidentity, a.attgenerated,
              a.attstorage, a.attcompression, a.attstattarget, pg_get_expr(d.adbin, d.adrelid))
      ) as inherited
    ) i
    where c.relkind <> 'S'

    union all
    select 'pg_class'::regclass, i.indexrelid, 0, 'index', i.schema, i.name, null, null, null, null,
      array['unique', 'only', 'on', 'using', 'nulls not distinct', 'where', 'invalid', 'not ready', 'clustered',
        'replica identity', 'tablespace', 'part of'],
      array[
        case when i.indisunique then '' end,
        case i.relkind when 'I' then '' end,
        i.on_table,
        i.method,
        case when i.indnullsnotdistinct then '' end,
        i.predicate,
        case when not i.indisvalid then '' end,
        case when not i.indisready then '' end,
        case when i.indisclustered then '' end,
        case when i.indisreplident then '' end,
        (select quote_ident(spcname) from pg_tablespace where oid = i.reltablespace),
        (select inhparent::regclass::text from pg_inherits where inhrelid = i.indexrelid)
      ]
    from indexes i

    union all
    -- The definition is complete, as the server writes it; the other facts repeat parts of it, except for triggers.
    select 'pg_constraint'::regclass, k.oid, 0, case k.contypid when 0 then 'table constraint' else 'domain constraint' end,
      coalesce(c.schema, n.name), coalesce(c.name, quote_ident(t.typname)), quote_ident(k.conname), null, null, null,
      array['definition', 'its triggers not all enabled', 'constraint type', 'check', 'references', 'on update', 'on delete',
        'not valid'],
      array[
        case k.contype
          when 'x' then (
            select format('EXCLUDE USING %s (%s)', i.method, (
                select string_agg(c.key || ' WITH ' || case o.oprnamespace when 'pg_catalog'::regnamespace then o.oprname
                  else format('OPERATOR(%s.%s)', o.oprnamespace::regnamespace, o.oprname) end, ', ' order by c.attnum)
                from index_columns c join pg_operator o on o.oid = k.conexclop[c.attnum]
                where c.indexrelid = i.indexrelid and not c.included
              ))
              || coalesce(' INCLUDE (' || (
                select string_agg(name, ', ' order by attnum) from index_columns c
                where c.indexrelid = i.indexrelid and included
              ) || ')', '')
              || coalesce(' WITH (' || (
                select string_agg(option, ', ' order by option) from index_options o where o.indexrelid = i.indexrelid
              ) || ')', '')
              || coalesce(' WHERE (' || i.predicate || ')', '')
              || case when k.condeferrable then ' DEFERRABLE' else '' end
              || case when k.condeferred then ' INITIALLY DEFERRED' else '' end
            from indexes i where i.indexrelid = k.conindid
          )
          else pg_get_constraintdef(k.oid) end,
        -- "alter table … disable trigger all" switches a foreign key off without a trace in pg_constraint.
        case when exists (select from pg_trigger where tgconstraint = k.oid and tgisinternal and tgenabled <> 'O') then '' end,
        case k.contype when 'p' then 'primary key' when 'u' then 'unique' when 'f' then 'foreign key' when 'c' then 'check'
          when 'x' then 'exclude' else 'not null' end,
        pg_get_expr(k.conbin, k.conrelid),
        nullif(k.confrelid, 0)::regclass::text,
        case k.confupdtype when 'c' then 'cascade' when 'n' then 'set null' when 'd' then 'set default' when 'r' then 'restrict' end,
        case k.confdeltype when 'c' then 'cascade' when 'n' then 'set null' when 'd' then 'set default' when 'r' then 'restrict' end,
        case when not k.convalidated then '' end
      ]
    from pg_constraint k
    left join relations c on c.oid = k.conrelid
    left join pg_type t on t.oid = k.contypid
    left join schemas n on n.oid = t.typnamespace
    where coalesce(c.oid, n.oid) is not null
      -- The copies of a partition cannot be changed on their own; a constraint trigger is listed as a trigger.
      and k.conparentid = 0 and k.contype <> 't'
      -- "not null" is a fact of the column, because before 18 the catalogue has no constraint for it.
      and (k.contype <> 'n' or not k.convalidated)
      -- A partition's check is its parent's.
      and not (k.coninhcount > 0 and not k.conislocal and k.convalidated)

    union all
    select 'pg_trigger'::regclass, t.oid, 0, 'trigger', c.schema, c.name, quote_ident(t.tgname), null, null, null,
      array['definition', 'fires'],
      array[
        pg_get_triggerdef(t.oid),
        case t.tgenabled when 'D' then 'disabled' when 'R' then 'on a replica only' when 'A' then 'always' end
      ]
    from pg_trigger t
    join relations c on c.oid = t.tgrelid
    where not t.tgisinternal
      -- The trigger of a partition is listed only if it is enabled differently from the parent's.
      and not exists (select from pg_trigger p where p.oid = t.tgparentid and p.tgenabled = t.tgenabled)

    union all
    select 'pg_rewrite'::regclass, r.oid, 0, 'rule', c.schema, c.name, quote_ident(r.rulename), null, null, null,
      array['definition', 'fires'],
      array[
        pg_get_ruledef(r.oid),
        case r.ev_enabled when 'D' then 'disabled' when 'R' then 'on a replica only' when 'A' then 'always' end
      ]
    from pg_rewrite r
    join relations c on c.oid = r.ev_class
    where r.rulename <> '_RETURN'

    union all
    select 'pg_policy'::regclass, p.oid, 0, 'policy', c.schema, c.name, quote_ident(p.polname), null, null, null,
      array['combines', 'for', 'to', 'using', 'with check'],
      array[
        case when p.polpermissive then 'permissive' else 'restrictive' end,
        case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
        (
          select string_agg(role, ', ' order by role collate "C")
          from unnest(p.polroles) o, lateral (select case o when 0 then 'public' else o::regrole::text end) r (role)
        ),
        '(' || pg_get_expr(p.polqual, p.polrelid) || ')',
        '(' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'
      ]
    from pg_policy p
    join relations c on c.oid = p.polrelid

    union all
    select 'pg_statistic_ext'::regclass, s.oid, 0, 'statistics object', s.stxnamespace::regnamespace::text,
      quote_ident(s.stxname), null, s.stxowner, null, null,
      array['definition', 'statistics'],
      array[pg_get_statisticsobjdef(s.oid), case when s.stxstattarget >= 0 then s.stxstattarget::text end]
    from pg_statistic_ext s
    join relations c on c.oid = s.stxrelid

    union all
    select 'pg_proc'::regclass, p.oid, 0, case p.prokind when 'a' then 'aggregate' when 'p' then 'procedure' else 'function' end,
      p.schema, substr(p.oid::regprocedure::text, length(p.schema) + 2), null, p.proowner, 'f', p.proacl,
      array['definition', 'returns'],
      array[
        case when p.prokind <> 'a' then pg_get_functiondef(p.oid)
          else (
            select format('aggregate (%s) %s, state %s %s, final %s, combine %s, moving %s %s %s, initial %s %s, sort %s',
              pg_get_function_arguments(p.oid), aggkind, format_type(aggtranstype, null), aggtransfn::regprocedure,
              aggfinalfn::regprocedure, aggcombinefn::regprocedure, aggmtransfn::regprocedure, aggminvtransfn::regprocedure,
              aggmfinalfn::regprocedure, quote_nullable(agginitval), quote_nullable(aggminitval), aggsortop::regoperator)
            from pg_aggregate where aggfnoid = p.oid
          ) end,
        pg_get_function_result(p.oid)
      ]
    from functions p
    -- The constructors of a range type come with the type.
    where (
      select count(*) from pg_depend d
      where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.refclassid = 'pg_type'::regclass and d.deptype = 'i'
    ) = 0

    union all
    select 'pg_type'::regclass, t.oid, 0, 'type', n.name, quote_ident(t.typname), null, t.typowner, 'T', t.typacl,
      array['definition', 'domain over', 'collate', 'not null', 'default', 'label'],
      array[
        case t.typtype
          when 'r' then (
            select format('range of %s, %s, %s, %s', format_type(rngsubtype, null), rngcollation::regcollation,
              rngcanonical::regprocedure, rngsubdiff::regprocedure)
            from pg_range where rngtypid = t.oid
          )
          when 'c' then 'composite'
          when 'b' then format('base %s %s', t.typinput::regprocedure, t.typoutput::regprocedure)
          when 'p' then 'a name alone' end,
        case t.typtype when 'd' then format_type(t.typbasetype, t.typtypmod) end,
        case when t.typtype = 'd' and t.typcollation <> (select typcollation from pg_type b where b.oid = t.typbasetype)
          then t.typcollation::regcollation::text end,
        case when t.typnotnull then '' end,
        pg_get_expr(t.typdefaultbin, 0),
        null
      ]
    from pg_type t
    join schemas n on n.oid = t.typnamespace
    -- Row types of tables, array types and multirange types come with their base.
    where (t.typrelid = 0 or t.typrelid in (select oid from relations where relkind = 'c'))
      and t.typtype <> 'm' and not exists (select from pg_type e where e.typarray = t.oid)

    union all
    select 'pg_extension'::regclass, oid, 0, 'extension', null, quote_ident(extname), null, null, null, null,
      array['version', 'in schema'], array[extversion, extnamespace::regnamespace::text]
    from pg_extension

    union all
    select 'pg_publication'::regclass, oid, 0, 'publication', null, quote_ident(pubname), null, pubowner, null, null,
      array['all tables', 'insert', 'update', 'delete', 'truncate', 'by way of the partition root'],
      array[
        case when puballtables then '' end,
        case when pubinsert then '' end,
        case when pubupdate then '' end,
        case when pubdelete then '' end,
        case when pubtruncate then '' end,
        case when pubviaroot then '' end
      ]
    from pg_publication

    union all
    select 'pg_publication_rel'::regclass, p.oid, 0, 'publication relation', c.schema, c.name, quote_ident(b.pubname), null, null,
      null,
      array['columns', 'where'],
      array[
        coalesce((
          select string_agg(quote_ident(attname), ', ' order by attname)
          from pg_attribute where attrelid = p.prrelid and attnum = any (p.prattrs)
        ), 'all'),
        pg_get_expr(p.prqual, p.prrelid)
      ]
    from pg_publication_rel p
    join relations c on c.oid = p.prrelid
    join pg_publication b on b.oid = p.prpubid

    union all
    select 'pg_event_trigger'::regclass, oid, 0, 'event trigger', null, quote_ident(evtname), null, evtowner, null, null,
      array['on', 'execute', 'when tag in', 'fires'],
      array[
        evtevent::text,
        evtfoid::regprocedure::text,
        (select string_agg(t, ', ' order by t) from unnest(evttags) t),
        case evtenabled when 'D' then 'disabled' when 'R' then 'on a replica only' when 'A' then 'always' end
      ]
    from pg_event_trigger

    union all
    -- Default privileges for one schema add to the built-in ones, all others replace them. They are named without their
    -- role, which is listed as the owner.
    select 'pg_default_acl'::regclass, oid, 0, 'default acl', null,
      concat('in schema ' || nullif(defaclnamespace, 0)::regnamespace || ' ', 'on ', case defaclobjtype when 'r' then 'tables'
        when 'S' then 'sequences' when 'f' then 'functions' when 'T' then 'types' when 'n' then 'schemas'
        else 'large objects' end),
      null, defaclrole, case when defaclnamespace = 0 then translate(defaclobjtype::text, 'S', 's') end, defaclacl,
      null, null
    from pg_default_acl

    union all
    -- Rare kinds are listed only by the name that the server gives them.
    select r.classid, r.objid, 0, i.type, i.schema,
      case when starts_with(i.identity, i.schema || '.') then substr(i.identity, length(i.schema) + 2) else i.identity end,
      null, null, null, null, array['exists'], array['']
    from (
      select 'pg_collation'::regclass, oid from pg_collation where collnamespace in (select oid from schemas)
      union all select 'pg_conversion'::regclass, oid from pg_conversion where connamespace in (select oid from schemas)
      union all select 'pg_operator'::regclass, oid from pg_operator where oprnamespace in (select oid from schemas)
      union all select 'pg_opclass'::regclass, oid from pg_opclass where opcnamespace in (select oid from schemas)
      union all select 'pg_opfamily'::regclass, oid from pg_opfamily where opfnamespace in (select oid from schemas)
      union all select 'pg_ts_config'::regclass, oid from pg_ts_config where cfgnamespace in (select oid from schemas)
      union all select 'pg_ts_dict'::regclass, oid from pg_ts_dict where dictnamespace in (select oid from schemas)
      union all select 'pg_cast'::regclass, oid from pg_cast where oid >= 16384 and not exists (
        select from pg_depend where classid = 'pg_cast'::regclass and objid = pg_cast.oid and deptype = 'i'
      )
      union all select 'pg_language'::regclass, oid from pg_language where oid >= 16384
      union all select 'pg_foreign_data_wrapper'::regclass, oid from pg_foreign_data_wrapper
      union all select 'pg_foreign_server'::regclass, oid from pg_foreign_server
      union all select 'pg_publication_namespace'::regclass, oid from pg_publication_namespace
    ) r (classid, objid)
    cross join pg_identify_object(r.classid, r.objid, 0) i
  ) o
  where (classid, objid) not in (select classid, objid from members)
),

-- Aspects with several facts, or rare ones; place is the position of the aspect among the others.
lists (classid, objid, subid, place, position, aspect, value) as materialized (
  select 'pg_class'::regclass::oid, c.oid, 0, 4, h.inhseqno, case when c.relispartition then 'partition of' else 'inherits' end,
    h.inhparent::regclass::text
  from relations c join pg_inherits h on h.inhrelid = c.oid

  union all
  select 'pg_class'::regclass, c.oid, 0, 6, 0, 'with', o.option_name || '=' || o.option_value
  from relations c cross join pg_options_to_table(c.reloptions) o
  where c.relam >= 16384
    or (case c.relkind when 'v' then 'view' else 'table' end, o.option_name) in (select kind, option from documented)

  union all
  select 'pg_class'::regclass, c.oid, 0, 7, 0, 'toast with', o.option_name || '=' || o.option_value
  from relations c join pg_class t on t.oid = c.reltoastrelid cross join pg_options_to_table(t.reloptions) o
  where ('table', o.option_name) in (select kind, option from documented)

  union all
  select 'pg_class'::regclass, t.ftrelid, 0, 14, 0, f.aspect, f.value
  from pg_foreign_table t
  join pg_foreign_server s on s.oid = t.ftserver
  cross join lateral (values ('server', quote_ident(s.srvname)), ('options', t.ftoptions::text)) f (aspect, value)

  union all
  select 'pg_class'::regclass, a.attrelid, a.attnum, 12, 0, 'with', o.option_name || '=' || o.option_value
  from relations c
  join pg_attribute a on a.attrelid = c.oid
  cross join lateral (
    select * from pg_options_to_table(a.attoptions) where ('column', option_name) in (select kind, option from documented)
    union all select * from pg_options_to_table(a.attfdwoptions)
  ) o
  where a.attoptions is not null or a.attfdwoptions is not null

  union all
  select 'pg_class'::regclass, c.indexrelid, 0, 5, c.attnum, f.aspect, f.value
  from index_columns c
  cross join lateral (
    values
    ('key', case when not c.included then c.key end),
    ('column', case when not c.included and c.is_column then c.name end),
    ('include', case when c.included then c.name end)
  ) f (aspect, value)

  union all
  select 'pg_class'::regclass, indexrelid, 0, 6, 0, 'with', option
  from index_options

  union all
  select 'pg_constraint'::regclass, k.oid, 0, 9, n.position, l.aspect, quote_ident(a.attname)
  from pg_constraint k
  cross join lateral (
    values ('column', k.conrelid, k.conkey), ('referenced column', k.confrelid, k.confkey)
  ) l (aspect, relation, columns)
  cross join unnest(l.columns) with ordinality n (attnum, position)
  join pg_attribute a on a.attrelid = l.relation and a.attnum = n.attnum

  union all
  select 'pg_type'::regclass, enumtypid, 0, 6, row_number() over (partition by enumtypid order by enumsortorder), 'label', enumlabel
  from pg_enum
)

select kind, schema, object, part, aspect, value
from (
  select o.kind, o.schema, o.object, o.part, d.place, 0 as position, d.aspect, d.value
  from objects o cross join unnest(o.aspects, o.texts) with ordinality d (aspect, value, place)

  union all
  select o.kind, o.schema, o.object, o.part, l.place, l.position, l.aspect, l.value
  from objects o join lists l using (classid, objid, subid)

  union all
  -- By the index: a join would read the thousands of descriptions of the server's own objects.
  select o.kind, o.schema, o.object, o.part, 20, 0, 'comment', (
    select d.description from pg_description d
    where d.classoid = o.classid and d.objoid = o.objid and d.objsubid = o.subid
  )
  from objects o

  union all
  -- The owner of most objects is not part of the schema; a single object with another owner is.
  select kind, schema, object, part, 21, 0, 'owner', owner::regrole::text
  from objects
  where subid = 0 and owner is not null
    -- A sequence of a column has the owner of its table.
    and not (kind = 'sequence' and texts[array_position(aspects, 'owned by')] is not null)
    and owner is distinct from (
    select mode() within group (order by owner::regrole::text)::regrole
    from objects where classid <> 'pg_namespace'::regclass and subid = 0
  )

  union all
  -- Compared with the built-in privileges, so that a revoked grant, and "maintain" of 17, are no difference.
  select o.kind, o.schema, o.object, o.part, 22, 0, format(p.aspect, lower(p.privilege_type)),
    case p.grantee when 0 then 'public' when o.owner then 'the owner' else p.grantee::regrole::text end
  from objects o
  cross join lateral (
    select 'grant %s to' as aspect, * from (
      select grantee, privilege_type from aclexplode(o.acl)
      except select grantee, privilege_type from aclexplode(acldefault(o.acltype::"char", o.owner))
    ) more
    union all
    select 'grant option for %s to', grantee, privilege_type from aclexplode(o.acl) where is_grantable
    union all
    select 'revoke %s from', * from (
      select grantee, privilege_type from aclexplode(acldefault(o.acltype::"char", o.owner))
      except select grantee, privilege_type from aclexplode(o.acl)
    ) less
  ) p
  where o.acl is not null
) facts
where value is not null
order by place, position, aspect collate "C", value collate "C"
