-- Selects the objects that depend on objects which a run drops, or whose type it changes: the kind and name of each, and
-- the statements that drop it and create it again. Parameters: the verbs, kinds, tables and names of the changed objects
-- (arrays of one length), and the schemas to search.
-- Runs with search_path = pg_catalog, pg_temp, so that every other name is qualified in the output.
with recursive
wanted as (
  select * from unnest(?::text[], ?::text[], ?::text[], ?::text[]) with ordinality w (verb, kind, of_table, name, n)
),
home as (select oid from pg_namespace where nspname = any (?::text[])),

-- A default that is a literal and its type. Without the type, it fits the new type of the column.
typed_literal (pattern) as (values ('^(''(?:[^'']|'''')*'')::[a-z_. "]+$')),

targets (n, verb, classid, objid, subid) as materialized (
  select w.n, w.verb, 'pg_class'::regclass::oid, c.oid, 0
  from wanted w join pg_class c on c.relname = w.name
  where w.kind = 'relation' and c.relnamespace in (select oid from home)
  union all
  select w.n, w.verb, 'pg_class'::regclass, a.attrelid, a.attnum
  from wanted w
  join pg_class c on c.relname = w.of_table and c.relkind in ('r', 'p', 'f', 'v', 'm')
  join pg_attribute a on a.attrelid = c.oid and a.attname = w.name and a.attnum > 0 and not a.attisdropped
  where w.kind = 'column' and w.verb <> 'add' and c.relnamespace in (select oid from home)
  union all
  -- A column with the table's row type prevents a change of a column's type, and a new column with a value.
  select w.n, 'retype row', 'pg_type'::regclass, c.reltype, 0
  from wanted w join pg_class c on c.relname = w.of_table and c.relkind in ('r', 'p', 'f')
  where w.kind = 'column' and w.verb in ('retype', 'add') and c.relnamespace in (select oid from home)
  union all
  select w.n, w.verb, 'pg_constraint'::regclass, k.oid, 0
  from wanted w
  join pg_class c on c.relname = w.of_table
  join pg_constraint k on k.conrelid = c.oid and k.conname = w.name
  where w.kind = 'constraint' and c.relnamespace in (select oid from home)
  union all
  select w.n, w.verb, 'pg_proc'::regclass, p.oid, 0
  from wanted w join pg_proc p on p.proname = w.name
  where w.kind = 'routine' and p.pronamespace in (select oid from home)
  union all
  select w.n, w.verb, 'pg_type'::regclass, t.oid, 0
  from wanted w join pg_type t on t.typname = w.name
  where w.kind = 'type' and t.typnamespace in (select oid from home)
  union all
  select w.n, w.verb, 'pg_namespace'::regclass, oid, 0
  from wanted w join pg_namespace on nspname = w.name where w.kind = 'schema'
  union all
  -- An extension with its original comment belongs to someone else, and a changelog that shares it does not drop it.
  select w.n, w.verb, 'pg_extension'::regclass, e.oid, 0
  from wanted w join pg_extension e on e.extname = w.name
  left join pg_available_extensions v on v.name = e.extname
  where w.kind = 'extension' and obj_description(e.oid, 'pg_extension') is distinct from v.comment
),

walk (n, verb, depth, classid, objid, subid) as (
  select n, verb, 0, classid, objid, subid from targets
  union
  select w.n, w.verb, w.depth + 1, x.classid, x.objid, x.subid
  from walk w
  join pg_depend d on d.refclassid = w.classid and d.refobjid = w.objid
    and (w.subid = 0 or d.refclassid <> 'pg_class'::regclass or d.refobjsubid = w.subid)
  -- The rule of a view and the default of its column stand for the view, the expression of a generated column for the column.
  -- A literal as a default comes back without its type.
  left join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid and r.rulename = '_RETURN'
  left join pg_attrdef f on d.classid = 'pg_attrdef'::regclass and f.oid = d.objid
  left join pg_attribute g on g.attrelid = f.adrelid and g.attnum = f.adnum and g.attgenerated <> ''
  left join pg_class v on v.oid = f.adrelid and v.relkind = 'v'
    and pg_get_expr(f.adbin, f.adrelid) !~ (select pattern from typed_literal)
  -- An attribute of a composite type is used wherever the type is used.
  left join pg_class k on d.classid = 'pg_class'::regclass and k.oid = d.objid and k.relkind = 'c'
  cross join lateral (
    select case when k.oid is not null then 'pg_type'::regclass::oid
        when r.oid is not null or g.attnum is not null or v.oid is not null then 'pg_class'::regclass else d.classid end
        as classid,
      coalesce(k.reltype, r.ev_class, g.attrelid, v.oid, d.objid) as objid,
      case when k.oid is not null or r.oid is not null or v.oid is not null then 0
        else coalesce(g.attnum::integer, d.objsubid) end as subid
  ) x
  where w.depth < 16
    and (x.classid, x.objid, x.subid) is distinct from (w.classid, w.objid, w.subid)
    -- The default of a column is dropped with it.
    and not (f.oid is not null and g.attnum is null and w.classid = 'pg_class'::regclass and f.adrelid = w.objid
      and w.subid in (0, f.adnum))
    and (x.classid, x.objid, x.subid) is distinct from ('pg_class'::regclass::oid, w.objid, 0)
    -- Objects that the run changes itself are examined as its targets; the columns of a view are excluded.
    and not exists (select from targets t where (t.classid, t.objid, t.subid) = (x.classid, x.objid, x.subid))
    and not exists (select from pg_class v where x.classid = 'pg_class'::regclass and x.subid > 0 and v.oid = x.objid
                    and v.relkind in ('v', 'm'))
),

found as materialized (
  select w.classid, w.objid, w.subid, w.n, max(w.depth) as depth,
    bool_and(w.verb in ('retype', 'retype row')) as only_retyped, bool_and(w.verb = 'retype row') as only_by_row_type,
    min(w.depth) as nearest
  from walk w
  where w.depth > 0
    and not exists (select from targets t where t.verb = 'drop'
                    and (t.classid, t.objid) = (w.classid, w.objid) and t.subid in (0, w.subid))
  group by w.classid, w.objid, w.subid, w.n
),

seen as materialized (select distinct classid, objid, subid from found),

-- Relations, constraints and triggers that a run drops, and those that go with them.
dropped (classid, objid, n, depth) as materialized (
  select classid, objid, min(n), min(depth)
  from walk
  where verb = 'drop' and subid = 0
    and classid in ('pg_class'::regclass, 'pg_constraint'::regclass, 'pg_trigger'::regclass)
  group by classid, objid
),

said (classid, objid, subid, kind, schema, of_table, name, take, bring) as (
  -- Views.
  select f.classid, f.objid, 0, case c.relkind when 'm' then 'materialized view' else 'view' end, n.nspname, null, c.relname::text,
    format('drop %sview %s;', case c.relkind when 'm' then 'materialized ' end, c.oid::regclass),
    format('create %sview %s%s as %s%s', case c.relkind when 'm' then 'materialized ' end, c.oid::regclass,
        ' with (' || array_to_string(c.reloptions, ', ') || ')', rtrim(pg_get_viewdef(c.oid), ';'),
        case when c.relkind = 'm' and not c.relispopulated then ' with no data' end) || ';'
      || coalesce((select string_agg(E'\n' || pg_get_indexdef(indexrelid) || ';' || case when indisclustered
                     then format(E'\nalter materialized view %s cluster on %I;', c.oid::regclass, relname) else '' end,
                     '' order by indexrelid)
                   from pg_index join pg_class x on x.oid = indexrelid where indrelid = c.oid and c.relkind = 'm'), '')
      || coalesce((select string_agg(format(E'\nalter %s %s alter column %s set statistics %s;',
                     case x.relkind when 'm' then 'materialized view' else 'index' end, x.oid::regclass,
                     case x.relkind when 'm' then quote_ident(attname) else attnum::text end, attstattarget), ''
                     order by x.oid, attnum)
                   from pg_class x join pg_attribute on attrelid = x.oid and attnum > 0 and attstattarget >= 0
                   where c.relkind = 'm' and (x.oid = c.oid or x.oid in (select indexrelid from pg_index where indrelid = c.oid))), '')
      || coalesce((select string_agg(E'\n' || pg_get_ruledef(oid), '' order by oid)
                   from pg_rewrite where ev_class = c.oid and rulename <> '_RETURN'), '')
      || coalesce((select string_agg(E'\n' || pg_get_triggerdef(oid) || ';', '' order by oid)
                   from pg_trigger where tgrelid = c.oid and not tgisinternal), '')
      || coalesce((select string_agg(format(E'\ncomment on %s is %L;', p.part, description), '' order by p.classid, p.objid)
                   from (
                     select 'pg_rewrite'::regclass, oid, format('rule %I on %s', rulename, c.oid::regclass)
                     from pg_rewrite where ev_class = c.oid
                     union all
                     select 'pg_trigger'::regclass, oid, format('trigger %I on %s', tgname, c.oid::regclass)
                     from pg_trigger where tgrelid = c.oid
                     union all
                     select 'pg_class'::regclass, indexrelid, 'index ' || indexrelid::regclass from pg_index where indrelid = c.oid
                   ) p (classid, objid, part)
                   join pg_description d on d.classoid = p.classid and d.objoid = p.objid and d.objsubid = 0), '')
      || coalesce((select string_agg(format(E'\nalter view %s alter column %I set default %s;', c.oid::regclass, attname,
                     regexp_replace(pg_get_expr(adbin, adrelid), (select pattern from typed_literal), '\1')), '' order by adnum)
                   from pg_attrdef join pg_attribute on attrelid = adrelid and attnum = adnum where adrelid = c.oid), '')
      || coalesce((select string_agg(format(E'\ncomment on column %s.%I is %L;', c.oid::regclass, attname, description),
                     '' order by attnum)
                   from pg_attribute join pg_description on classoid = f.classid and objoid = c.oid and objsubid = attnum
                   where attrelid = c.oid and attnum > 0), '')
      || coalesce((select string_agg(format(E'\ngrant %s (%I) on %s to %s%s;', lower(privilege_type), attname,
                     c.oid::regclass, case grantee when 0 then 'public' else grantee::regrole::text end,
                     case when is_grantable then ' with grant option' end), '' order by attnum, grantee)
                   from pg_attribute cross join aclexplode(attacl) where attrelid = c.oid), '')
  from seen f join pg_class c on c.oid = f.objid join pg_namespace n on n.oid = c.relnamespace
  where f.classid = 'pg_class'::regclass and f.subid = 0 and c.relkind in ('v', 'm')

  union all
  select f.classid, f.objid, 0, 'index', n.nspname, t.relname, c.relname,
    format('drop index %s;', c.oid::regclass), pg_get_indexdef(c.oid) || ';'
      || case when i.indisclustered then format(E'\nalter table %s cluster on %I;', t.oid::regclass, c.relname) else '' end
      || case when i.indisreplident
           then format(E'\nalter table %s replica identity using index %I;', t.oid::regclass, c.relname) else '' end
      || coalesce((select string_agg(format(E'\nalter index %s alter column %s set statistics %s;', c.oid::regclass, attnum,
                     attstattarget), '' order by attnum)
                   from pg_attribute where attrelid = c.oid and attstattarget >= 0), '')
      || coalesce((select format(E'\nalter index %s set tablespace %I;', c.oid::regclass, spcname)
                   from pg_tablespace where oid = c.reltablespace), '')
  from seen f
  join pg_index i on i.indexrelid = f.objid
  join pg_class c on c.oid = f.objid
  join pg_class t on t.oid = i.indrelid
  join pg_namespace n on n.oid = c.relnamespace
  where f.classid = 'pg_class'::regclass and f.subid = 0 and not c.relispartition and t.relkind <> 't'
    -- The index of a constraint is listed as the constraint, and the indexes of a view with the view.
    and t.relkind <> 'm' and not exists (select from pg_constraint where conindid = c.oid and contype in ('p', 'u', 'x'))

  union all
  -- The sequence of an identity column is a part of the column.
  select f.classid, f.objid, 0, 'sequence', n.nspname, t.relname, c.relname,
    format('alter sequence %s owned by none;', c.oid::regclass),
    format('alter sequence %s owned by %s.%I;', c.oid::regclass, t.oid::regclass, a.attname)
  from seen f
  join pg_class c on c.oid = f.objid and c.relkind = 'S'
  join pg_namespace n on n.oid = c.relnamespace
  join pg_depend d on d.classid = f.classid and d.objid = f.objid and d.refclassid = 'pg_class'::regclass and d.deptype = 'a'
  join pg_class t on t.oid = d.refobjid
  join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
  where f.classid = 'pg_class'::regclass and f.subid = 0

  union all
  -- Inheriting tables; partitions are dropped with their table.
  select f.classid, f.objid, 0, 'table', n.nspname, null, c.relname,
    (select string_agg(format('alter table %s no inherit %s;', c.oid::regclass, inhparent::regclass), E'\n' order by inhseqno)
     from pg_inherits where inhrelid = c.oid),
    (select string_agg(format('alter table %s inherit %s;', c.oid::regclass, inhparent::regclass), E'\n' order by inhseqno)
     from pg_inherits where inhrelid = c.oid)
  from seen f join pg_class c on c.oid = f.objid join pg_namespace n on n.oid = c.relnamespace
  where f.classid = 'pg_class'::regclass and f.subid = 0 and c.relkind in ('r', 'p', 'f') and not c.relispartition
    and exists (select from pg_inherits where inhrelid = c.oid)

  union all
  -- Generated columns, and columns of a dropped type.
  select f.classid, f.objid, f.subid, 'column', n.nspname, c.relname, a.attname,
    case when a.attgenerated <> '' then format('alter table %s drop column %I;', c.oid::regclass, a.attname)
      else format('alter table %s alter column %I type text using %2$I::text;', c.oid::regclass, a.attname) end,
    case when a.attgenerated <> ''
      then format('alter table %s add column %I %s%s generated always as (%s)%s%s;', c.oid::regclass, a.attname,
          format_type(a.atttypid, a.atttypmod),
          case when a.attcollation <> y.typcollation then ' collate ' || a.attcollation::regcollation end,
          pg_get_expr(e.adbin, e.adrelid), case a.attgenerated when 's' then ' stored' end,
          case when a.attnotnull then ' not null' end)
        || coalesce((select string_agg(format(E'\nalter table %s alter column %I ', c.oid::regclass, a.attname) || setting || ';', '')
                     from (
                       select 'set statistics ' || a.attstattarget where a.attstattarget >= 0
                       union all
                       select format('set (%s = %s)', option_name, option_value)
                       from pg_options_to_table(a.attoptions) where option_name in ('n_distinct', 'n_distinct_inherited')
                       union all
                       select 'set storage ' || name
                       from (values ('p'::"char", 'plain'), ('e', 'external'), ('x', 'extended'), ('m', 'main')) x (code, name)
                       where code = a.attstorage and code <> y.typstorage
                       union all
                       select 'set compression ' || case a.attcompression when 'p' then 'pglz' else 'lz4' end
                       where a.attcompression in ('p', 'l')
                     ) x (setting)), '')
        || coalesce((select string_agg(format(E'\ngrant %s (%I) on %s to %s%s;', lower(privilege_type), a.attname,
                       c.oid::regclass, case grantee when 0 then 'public' else grantee::regrole::text end,
                       case when is_grantable then ' with grant option' end), '' order by grantee)
                     from aclexplode(a.attacl)), '')
      else format('alter table %s alter column %I type %s using %2$I::%3$s;', c.oid::regclass, a.attname,
        format_type(a.atttypid, a.atttypmod)) end
  from seen f
  join pg_class c on c.oid = f.objid
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = f.objid and a.attnum = f.subid and not a.attisdropped
  join pg_type y on y.oid = a.atttypid
  left join pg_attrdef e on e.adrelid = a.attrelid and e.adnum = a.attnum
  where f.classid = 'pg_class'::regclass and f.subid > 0 and c.relkind in ('r', 'p', 'f')

  union all
  select f.classid, f.objid, 0, 'default', n.nspname, c.relname, a.attname,
    format('alter table %s alter column %I drop default;', c.oid::regclass, a.attname),
    format('alter table %s alter column %I set default %s;', c.oid::regclass, a.attname, pg_get_expr(e.adbin, e.adrelid))
  from seen f
  join pg_attrdef e on e.oid = f.objid
  join pg_class c on c.oid = e.adrelid
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = e.adrelid and a.attnum = e.adnum
  where f.classid = 'pg_attrdef'::regclass and c.relkind <> 'v'

  union all
  select f.classid, f.objid, 0, 'constraint', coalesce(n.nspname, m.nspname), coalesce(c.relname, t.typname), k.conname,
    format('alter %s drop constraint %I;', o.owner, k.conname),
    format('alter %s add constraint %I %s;', o.owner, k.conname, pg_get_constraintdef(k.oid))
  from seen f
  join pg_constraint k on k.oid = f.objid
  left join pg_class c on c.oid = k.conrelid
  left join pg_namespace n on n.oid = c.relnamespace
  left join pg_type t on t.oid = k.contypid
  left join pg_namespace m on m.oid = t.typnamespace
  cross join lateral (select coalesce('table ' || c.oid::regclass, 'domain ' || t.oid::regtype) as owner) o
  -- Before 18 "not null" is no constraint. A constraint trigger is listed as a trigger.
  where f.classid = 'pg_constraint'::regclass and k.conparentid = 0 and k.contype not in ('t', 'n') and k.coninhcount = 0

  union all
  select f.classid, f.objid, 0, 'trigger', n.nspname, c.relname, g.tgname,
    format('drop trigger %I on %s;', g.tgname, c.oid::regclass),
    pg_get_triggerdef(g.oid) || ';' || case g.tgenabled when 'O' then '' else format(E'\nalter table %s %s trigger %I;',
      c.oid::regclass, case g.tgenabled when 'D' then 'disable' when 'R' then 'enable replica' else 'enable always' end,
      g.tgname) end
  from seen f
  join pg_trigger g on g.oid = f.objid and not g.tgisinternal and g.tgparentid = 0
  join pg_class c on c.oid = g.tgrelid and c.relkind not in ('v')
  join pg_namespace n on n.oid = c.relnamespace
  where f.classid = 'pg_trigger'::regclass

  union all
  select f.classid, f.objid, 0, 'rule', n.nspname, c.relname, r.rulename,
    format('drop rule %I on %s;', r.rulename, c.oid::regclass),
    pg_get_ruledef(r.oid) || case r.ev_enabled when 'O' then '' else format(E'\nalter table %s %s rule %I;',
      c.oid::regclass, case r.ev_enabled when 'D' then 'disable' when 'R' then 'enable replica' else 'enable always' end,
      r.rulename) end
  from seen f
  join pg_rewrite r on r.oid = f.objid and r.rulename <> '_RETURN'
  join pg_class c on c.oid = r.ev_class
  join pg_namespace n on n.oid = c.relnamespace
  -- The rules of a dropped view are listed with it.
  where f.classid = 'pg_rewrite'::regclass
    and not exists (select from seen v where v.classid = 'pg_class'::regclass and v.objid = c.oid and v.subid = 0)

  union all
  select f.classid, f.objid, 0, 'policy', n.nspname, c.relname, p.polname,
    format('drop policy %I on %s;', p.polname, c.oid::regclass),
    format('create policy %I on %s as %s for %s to %s%s%s;', p.polname, c.oid::regclass,
      case when p.polpermissive then 'permissive' else 'restrictive' end,
      case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
      (select string_agg(case o when 0 then 'public' else o::regrole::text end, ', ') from unnest(p.polroles) o),
      ' using (' || pg_get_expr(p.polqual, p.polrelid) || ')',
      ' with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')')
  from seen f
  join pg_policy p on p.oid = f.objid
  join pg_class c on c.oid = p.polrelid
  join pg_namespace n on n.oid = c.relnamespace
  where f.classid = 'pg_policy'::regclass

  union all
  select f.classid, f.objid, 0, 'statistics', n.nspname, null, s.stxname,
    format('drop statistics %I.%I;', n.nspname, s.stxname),
    pg_get_statisticsobjdef(s.oid) || ';' || case when s.stxstattarget >= 0
      then format(E'\nalter statistics %I.%I set statistics %s;', n.nspname, s.stxname, s.stxstattarget) else '' end
  from seen f
  join pg_statistic_ext s on s.oid = f.objid
  join pg_namespace n on n.oid = s.stxnamespace
  where f.classid = 'pg_statistic_ext'::regclass

  union all
  select f.classid, f.objid, 0, 'publication', null, c.relname, b.pubname,
    format('alter publication %I drop table %s;', b.pubname, c.oid::regclass),
    format('alter publication %I add table %s%s%s;', b.pubname, c.oid::regclass,
      ' (' || (select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
               where attrelid = p.prrelid and attnum = any (p.prattrs)) || ')',
      ' where ' || pg_get_expr(p.prqual, p.prrelid))
  from seen f
  join pg_publication_rel p on p.oid = f.objid
  join pg_publication b on b.oid = p.prpubid
  join pg_class c on c.oid = p.prrelid
  where f.classid = 'pg_publication_rel'::regclass

  union all
  select f.classid, f.objid, 0, case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end,
    n.nspname, null, p.proname,
    format('drop %s %s;', case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end,
      p.oid::regprocedure),
    case p.prokind when 'a' then null else rtrim(pg_get_functiondef(p.oid), E'\n') || ';' end
  from seen f join pg_proc p on p.oid = f.objid join pg_namespace n on n.oid = p.pronamespace
  where f.classid = 'pg_proc'::regclass

  union all
  select f.classid, f.objid, 0, 'type', n.nspname, null, t.typname,
    string_agg(format('alter type %s alter attribute %I type text;', t.oid::regtype, attname), E'\n' order by attnum),
    string_agg(format('alter type %s alter attribute %I type %s;', t.oid::regtype, attname, format_type(atttypid, atttypmod)),
      E'\n' order by attnum)
  from seen f
  join pg_type t on t.oid = f.objid and t.typtype = 'c'
  join pg_class c on c.oid = t.typrelid and c.relkind = 'c'
  join pg_namespace n on n.oid = t.typnamespace
  join pg_attribute a on a.attrelid = c.oid and not a.attisdropped and exists (
    select from pg_depend d
    where (d.classid, d.objid, d.objsubid) = ('pg_class'::regclass::oid, a.attrelid, a.attnum::integer)
      and (d.refclassid, d.refobjid) in (select classid, objid from seen union all select classid, objid from targets))
  where f.classid = 'pg_type'::regclass
  group by f.classid, f.objid, n.nspname, t.typname, t.oid

  union all
  -- Rare kinds: domains and other types, casts, operators, tables of a type.
  select f.classid, f.objid, f.subid, i.type, i.schema, null, coalesce(i.name, i.identity),
    format('drop %s %s;', i.type, i.identity),
    -- The checks of a domain are listed as constraints.
    case t.typtype when 'd' then format('create domain %s as %s%s%s%s;', i.identity, format_type(t.typbasetype, t.typtypmod),
      (select ' collate ' || t.typcollation::regcollation from pg_type y where y.oid = t.typbasetype
       and y.typcollation <> t.typcollation), ' default ' || pg_get_expr(t.typdefaultbin, 0), case when t.typnotnull then ' not null' end) end
  from seen f cross join pg_identify_object(f.classid, f.objid, f.subid) i
  left join pg_type t on f.classid = 'pg_type'::regclass and t.oid = f.objid
  where f.classid not in ('pg_class'::regclass, 'pg_attrdef'::regclass, 'pg_constraint'::regclass, 'pg_trigger'::regclass,
      'pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_statistic_ext'::regclass, 'pg_publication_rel'::regclass,
      'pg_proc'::regclass, 'pg_default_acl'::regclass, 'pg_init_privs'::regclass,
      -- Parts of an operator class or family.
      'pg_amop'::regclass, 'pg_amproc'::regclass)
    -- Row types, arrays and multiranges come with their base.
    and (t.oid is null or t.typtype = 'd' or t.typtype in ('e', 'r', 'b') and t.typcategory <> 'A' and t.typrelid = 0)

  union all
  -- Grants on a dropped column.
  select t.classid, t.objid, t.subid, 'grant', n.nspname, c.relname, a.attname,
    string_agg(format('revoke %s (%I) on %s from %s;', lower(x.privilege_type), a.attname, c.oid::regclass, x.role), E'\n'),
    string_agg(format('grant %s (%I) on %s to %s%s;', lower(x.privilege_type), a.attname, c.oid::regclass, x.role,
      case when x.is_grantable then ' with grant option' end), E'\n')
  from targets t
  join pg_class c on c.oid = t.objid
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = t.objid and a.attnum = t.subid
  cross join lateral (
    select *, case grantee when 0 then 'public' else grantee::regrole::text end as role from aclexplode(a.attacl)
  ) x
  where t.verb in ('drop', 'replace') and t.classid = 'pg_class'::regclass and t.subid > 0
  group by t.classid, t.objid, t.subid, n.nspname, c.relname, a.attname, c.oid

  union all
  -- Privileges on a dropped object do not prevent the drop, but whoever granted them must be told.
  select t.classid, t.objid, 0, 'privileges', n.nspname, null, c.relname, null,
    string_agg(format('grant %s%s on %s to %s%s;', lower(x.privilege_type), ' (' || quote_ident(g.attname) || ')',
      c.oid::regclass, case x.grantee when 0 then 'public' else x.grantee::regrole::text end,
      case when x.is_grantable then ' with grant option' end), E'\n')
  from targets t
  join pg_class c on c.oid = t.objid and c.relkind in ('r', 'p', 'f', 'v', 'm')
  join pg_namespace n on n.oid = c.relnamespace
  cross join lateral (
    select c.relacl as acl, null as attname
    union all
    select attacl, attname from pg_attribute where attrelid = c.oid and attacl is not null and not attisdropped
  ) g
  cross join lateral aclexplode(g.acl) x
  where t.verb = 'drop' and t.classid = 'pg_class'::regclass and t.subid = 0 and x.grantee <> c.relowner
  group by t.classid, t.objid, n.nspname, c.relname

  union all
  select t.classid, t.objid, 0, 'privileges', n.nspname, null, x.name, null,
    string_agg(format('grant %s on %s %s to %s%s;', lower(g.privilege_type), x.kind, x.called, g.grantee::regrole,
      case when g.is_grantable then ' with grant option' end), E'\n')
  from targets t
  cross join lateral (
    select proname, case prokind when 'p' then 'procedure' else 'function' end, oid::regprocedure::text, proacl, proowner, pronamespace
    from pg_proc where t.classid = 'pg_proc'::regclass and oid = t.objid
    union all
    select typname, 'type', oid::regtype::text, typacl, typowner, typnamespace
    from pg_type where t.classid = 'pg_type'::regclass and oid = t.objid
  ) x (name, kind, called, acl, owner, namespace)
  join pg_namespace n on n.oid = x.namespace
  cross join lateral aclexplode(x.acl) g
  where t.verb = 'drop' and g.grantee not in (0, x.owner)
  group by t.classid, t.objid, n.nspname, x.name

  union all
  -- Settings of a dropped column, or of the columns of a dropped table; some may come from the changelog. They do not
  -- prevent the drop, but a column that is not null cannot be emptied first.
  select t.classid, c.oid, a.attnum, x.kind, n.nspname, c.relname, a.attname,
    case when x.kind = 'not null' and t.subid > 0
      then format('alter table %s alter column %I drop not null;', c.oid::regclass, a.attname) end,
    format('alter table %s alter column %I ', c.oid::regclass, a.attname) || x.setting || ';'
  from targets t
  join pg_class c on c.oid = t.objid and c.relkind in ('r', 'p', 'f')
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and t.subid in (0, a.attnum)
  join pg_type y on y.oid = a.atttypid
  cross join lateral (
    select 'settings', 'set statistics ' || a.attstattarget where a.attstattarget >= 0
    union all
    select 'settings', 'set (' || string_agg(option_name || ' = ' || option_value, ', ') || ')'
    from pg_options_to_table(a.attoptions) where option_name in ('n_distinct', 'n_distinct_inherited') having count(*) > 0
    union all
    select 'settings', 'set storage ' || name
    from (values ('p'::"char", 'plain'), ('e', 'external'), ('x', 'extended'), ('m', 'main')) s (code, name)
    where code = a.attstorage and code <> y.typstorage
    union all
    select 'settings', 'set compression ' || case a.attcompression when 'p' then 'pglz' else 'lz4' end
    where a.attcompression in ('p', 'l')
    union all
    select 'settings', format('type %s collate %s', format_type(a.atttypid, a.atttypmod), a.attcollation::regcollation)
    where a.attcollation <> y.typcollation
    union all
    select 'not null', 'set not null' where a.attnotnull
      and not exists (select from pg_index where indrelid = c.oid and indisprimary and a.attnum = any (indkey))
    union all
    select 'default value', 'set default ' || pg_get_expr(adbin, adrelid)
    from pg_attrdef where adrelid = c.oid and adnum = a.attnum and a.attgenerated = ''
  ) x (kind, setting)
  where t.verb = 'drop' and t.classid = 'pg_class'::regclass

  union all
  -- The columns of a dropped table: they depend on nothing, so the walk does not find them. Their settings are listed above.
  select t.classid, c.oid, a.attnum, 'column', n.nspname, c.relname, a.attname,
    format('alter table %s drop column %I;', c.oid::regclass, a.attname),
    format('alter table %s add column %I %s%s;', c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod),
      case when a.attgenerated = 's' then format(' generated always as (%s) stored', pg_get_expr(e.adbin, e.adrelid))
        when a.attgenerated = 'v' then format(' generated always as (%s)', pg_get_expr(e.adbin, e.adrelid))
        when a.attidentity <> '' then format(' generated %s as identity',
          case a.attidentity when 'a' then 'always' else 'by default' end) end)
  from targets t
  join pg_class c on c.oid = t.objid and c.relkind in ('r', 'p')
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attislocal
  left join pg_attrdef e on e.adrelid = a.attrelid and e.adnum = a.attnum
  where t.verb = 'drop' and t.classid = 'pg_class'::regclass and t.subid = 0

  union all
  select d.classid, d.objid, 0, 'settings', n.nspname, c.relname, c.relname, null,
    format('alter %s %s ', case c.relkind when 'i' then 'index' else 'table' end, c.oid::regclass) || x.setting || ';'
  from dropped d
  join pg_class c on c.oid = d.objid and (c.relkind in ('r', 'p', 'f') and d.depth = 0 or c.relkind = 'i')
  join pg_namespace n on n.oid = c.relnamespace
  cross join lateral (
    select 'set (' || string_agg(
      case o.oid when c.oid then '' else 'toast.' end || option_name || ' = ' || option_value, ', ') || ')'
    from pg_class o cross join pg_options_to_table(o.reloptions) where o.oid in (c.oid, c.reltoastrelid) having count(*) > 0
    union all
    select format('alter column %s set statistics %s', attnum, attstattarget) from pg_attribute
    where attrelid = c.oid and attstattarget >= 0 and c.relkind = 'i'
    union all
    select format('set tablespace %I', spcname) from pg_tablespace where oid = c.reltablespace
    union all
    select 'set unlogged' where c.relpersistence = 'u' and c.relkind <> 'i'
    union all
    select 'replica identity ' || case c.relreplident when 'f' then 'full' else 'nothing' end where c.relreplident in ('f', 'n')
      and c.relkind in ('r', 'p')
    union all
    select 'enable row level security' where c.relrowsecurity
    union all
    select 'force row level security' where c.relforcerowsecurity
  ) x (setting)
  where d.classid = 'pg_class'::regclass
    -- The statements of a materialized view include its indexes.
    and not exists (select from pg_index join pg_class v on v.oid = indrelid where indexrelid = c.oid and v.relkind = 'm')

  union all
  select t.classid, t.objid, d.objsubid, 'comment', n.nspname, null, d.description, null,
    format('comment on %s is %L;', case when d.objsubid > 0 then format('column %s.%I', c.oid::regclass, a.attname)
      else 'table ' || c.oid::regclass end, d.description)
  from targets t
  join pg_class c on c.oid = t.objid and c.relkind in ('r', 'p', 'f')
  join pg_namespace n on n.oid = c.relnamespace
  join pg_description d on d.classoid = 'pg_class'::regclass and d.objoid = c.oid and t.subid in (0, d.objsubid)
  left join pg_attribute a on a.attrelid = c.oid and a.attnum = d.objsubid
  where t.verb = 'drop' and t.classid = 'pg_class'::regclass

  union all
  select o.classid, o.objid, 0, 'comment', n.nspname, x.name, d.description, null,
    format('comment on %s is %L;', x.title, d.description)
  from dropped o
  join lateral (
    select c.relname, 'index ' || c.oid::regclass, c.relnamespace
    from pg_class c join pg_index on indexrelid = c.oid join pg_class t on t.oid = indrelid and t.relkind <> 'm'
    where o.classid = 'pg_class'::regclass and c.oid = o.objid
    union all
    select conname, format('constraint %I on %s', conname, conrelid::regclass), connamespace
    from pg_constraint where o.classid = 'pg_constraint'::regclass and oid = o.objid and conrelid <> 0
    union all
    select tgname, format('trigger %I on %s', tgname, tgrelid::regclass), relnamespace
    from pg_trigger join pg_class c on c.oid = tgrelid and c.relkind in ('r', 'p', 'f')
    where o.classid = 'pg_trigger'::regclass and pg_trigger.oid = o.objid and not tgisinternal
  ) x (name, title, namespace) on true
  join pg_namespace n on n.oid = x.namespace
  join pg_description d on d.classoid = o.classid and d.objoid = o.objid and d.objsubid = 0

  union all
  -- Settings that another type may not have. A change of type in place loses them unless it names them.
  select t.classid, t.objid, t.subid, 'storage', n.nspname, c.relname, a.attname,
    concat_ws(E'\n',
      case when a.attcollation <> y.typcollation then format('alter table %s alter column %I type %s;', c.oid::regclass,
        a.attname, format_type(a.atttypid, a.atttypmod)) end,
      case when a.attstorage <> y.typstorage then format('alter table %s alter column %I set storage %s;', c.oid::regclass,
        a.attname, u.usual) end,
      case when m.compression is not null
        then format('alter table %s alter column %I set compression default;', c.oid::regclass, a.attname) end),
    concat_ws(E'\n',
      case when a.attcollation <> y.typcollation then format('alter table %s alter column %I type %s collate %s;',
        c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attcollation::regcollation) end,
      case when a.attstorage <> y.typstorage then format('alter table %s alter column %I set storage %s;', c.oid::regclass,
        a.attname, u.storage) end,
      case when m.compression is not null then format('alter table %s alter column %I set compression %s;',
        c.oid::regclass, a.attname, m.compression) end)
  from targets t
  join pg_class c on c.oid = t.objid
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = t.objid and a.attnum = t.subid
  join pg_type y on y.oid = a.atttypid
  cross join lateral (
    select max(name) filter (where code = a.attstorage) as storage, max(name) filter (where code = y.typstorage) as usual
    from (values ('p'::"char", 'plain'), ('e', 'external'), ('x', 'extended'), ('m', 'main')) s (code, name)
  ) u
  cross join lateral (select case a.attcompression when 'p' then 'pglz' when 'l' then 'lz4' end as compression) m
  where t.verb in ('replace', 'retype') and t.classid = 'pg_class'::regclass and c.relkind in ('r', 'p', 'f')
    and (a.attcollation <> y.typcollation or a.attstorage <> y.typstorage or m.compression is not null)

  union all
  -- The default of a replaced column.
  select t.classid, t.objid, t.subid, 'default', n.nspname, c.relname, a.attname,
    format('alter table %s alter column %I drop default;', c.oid::regclass, a.attname),
    format('alter table %s alter column %I set default %s;', c.oid::regclass, a.attname,
      regexp_replace(pg_get_expr(e.adbin, e.adrelid), (select pattern from typed_literal), '\1'))
  from targets t
  join pg_class c on c.oid = t.objid
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = t.objid and a.attnum = t.subid and a.attgenerated = ''
  join pg_attrdef e on e.adrelid = a.attrelid and e.adnum = a.attnum
  where t.verb = 'replace' and t.classid = 'pg_class'::regclass

  union all
  -- The uses of a dropped index by a table that stays.
  select x.classid, x.objid, 0, 'setting', n.nspname, c.relname, x.relname,
    concat_ws(E'\n', case when i.indisclustered then format('alter table %s set without cluster;', c.oid::regclass) end,
      case when i.indisreplident then format('alter table %s replica identity default;', c.oid::regclass) end),
    concat_ws(E'\n', case when i.indisclustered then format('alter table %s cluster on %I;', c.oid::regclass, x.relname) end,
      case when i.indisreplident
        then format('alter table %s replica identity using index %I;', c.oid::regclass, x.relname) end)
  from (
    select t.classid, t.objid, o.relname from targets t join pg_class o on o.oid = t.objid
    where t.verb = 'drop' and t.classid = 'pg_class'::regclass and t.subid = 0
    union
    select f.classid, f.objid, o.relname from found f join pg_class o on o.oid = f.objid
    where not f.only_retyped and f.classid = 'pg_class'::regclass and f.subid = 0
  ) x
  join pg_index i on i.indexrelid = x.objid and (i.indisclustered or i.indisreplident)
  -- An index of a materialised view is listed with the view.
  join pg_class c on c.oid = i.indrelid and c.relkind <> 'm'
  join pg_namespace n on n.oid = c.relnamespace
  where not exists (select from targets t where t.verb = 'drop' and t.subid = 0 and (t.classid, t.objid) = (x.classid, c.oid))

  union all
  -- A column that a child only inherits is dropped with the parent's column.
  select t.classid, h.inhrelid, a.attnum, 'table', n.nspname, null, c.relname,
    format('alter table %s no inherit %s;', c.oid::regclass, h.inhparent::regclass),
    format('alter table %s inherit %s;', c.oid::regclass, h.inhparent::regclass)
  from targets t
  join pg_inherits h on h.inhparent = t.objid
  join pg_class c on c.oid = h.inhrelid and not c.relispartition
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute p on p.attrelid = t.objid and p.attnum = t.subid
  join pg_attribute a on a.attrelid = h.inhrelid and a.attname = p.attname
  where t.classid = 'pg_class'::regclass and t.subid > 0

  union all
  -- The parents of a table: an inherited column cannot be changed, and a dropped table would leave its parent.
  select t.classid, t.objid, t.subid, 'table', n.nspname, null, p.relname,
    case when c.relispartition then format('alter table %s detach partition %s;', p.oid::regclass, c.oid::regclass)
      else format('alter table %s no inherit %s;', c.oid::regclass, p.oid::regclass) end,
    case when c.relispartition then format('alter table %s attach partition %s %s;', p.oid::regclass, c.oid::regclass,
        pg_get_expr(c.relpartbound, c.oid))
      else format('alter table %s inherit %s;', c.oid::regclass, p.oid::regclass) end
  from targets t
  join pg_class c on c.oid = t.objid and c.relkind in ('r', 'p', 'f')
  join pg_inherits h on h.inhrelid = c.oid
  join pg_class p on p.oid = h.inhparent
  join pg_namespace n on n.oid = p.relnamespace
  where t.classid = 'pg_class'::regclass and t.verb <> 'add' and (t.subid = 0
    or exists (select from pg_attribute where attrelid = c.oid and attnum = t.subid and attinhcount > 0))
)

select s.classid, s.objid, s.kind, s.schema, s.of_table, s.name, s.take,
  concat_ws(E'\n', s.bring, notes.owner, notes.revokes, notes.grants, notes.comment) as bring,
  coalesce(f.n, (select min(t.n) from targets t where t.classid = s.classid and (t.objid = s.objid and t.subid in (0, s.subid)
      or exists (select from pg_inherits where inhrelid = s.objid and inhparent = t.objid))),
    (select d.n from dropped d where (d.classid, d.objid) = (s.classid, s.objid))) as n,
  -- Whether this user may drop it and give it back to its owner.
  pg_has_role(may.owner, 'usage') and (s.kind not in ('view', 'statistics')
    or (select rolsuper from pg_roles where rolname = current_user)
    or has_schema_privilege(s.schema, 'create') and has_schema_privilege(may.owner, s.schema, 'create')) as may_replace
from said s
cross join lateral (
  select coalesce(
    (select relowner from pg_class where s.classid = 'pg_class'::regclass and oid = s.objid),
    (select stxowner from pg_statistic_ext where s.kind = 'statistics' and oid = s.objid),
    (select pubowner from pg_publication_rel r join pg_publication u on u.oid = prpubid
     where s.kind = 'publication' and r.oid = s.objid),
    (select relowner from pg_class
     where oid = case when s.of_table is not null then to_regclass(format('%I.%I', coalesce(s.schema, ''), s.of_table)) end),
    current_user::regrole
  ) as owner
) may
left join found f on (f.classid, f.objid, f.subid) = (s.classid, s.objid, s.subid) 
  and s.take is not null and s.kind not in ('grant', 'storage', 'not null')
left join pg_index i on s.kind = 'index' and i.indexrelid = s.objid
left join pg_class c on s.kind in ('view', 'materialized view') and c.oid = s.objid
left join pg_proc p on s.kind in ('function', 'procedure') and p.oid = s.objid
left join pg_statistic_ext e on s.kind = 'statistics' and e.oid = s.objid
left join pg_type y on s.kind = 'type' and y.oid = s.objid and y.typtype = 'd'
left join pg_attribute a on s.kind = 'column' and a.attrelid = s.objid and a.attnum = s.subid
cross join lateral (
  select coalesce(c.relowner, p.proowner, e.stxowner, y.typowner) as owner, coalesce(c.relacl, p.proacl, y.typacl) as acl,
    case when c.oid is not null then 'r'::"char" when p.oid is not null then 'f' when y.oid is not null then 'T' end as type,
    case when c.oid is null then s.kind || ' ' end as kind,
    coalesce(c.oid::regclass::text, p.oid::regprocedure::text, format('%I.%I', s.schema, s.name)) as name
) what
-- The privileges that a new object would get and this one does not have: built-in ones, and default privileges.
cross join lateral (
  select coalesce(array_agg(distinct grantee), '{}') as grantees
  from (
    select grantee, privilege_type from aclexplode(acldefault(what.type, what.owner))
    union
    select grantee, privilege_type from pg_default_acl cross join aclexplode(defaclacl)
    where defaclobjtype = what.type and (defaclnamespace = 0 or defaclnamespace::regnamespace::text = quote_ident(s.schema))
    except
    select grantee, privilege_type from aclexplode(coalesce(what.acl, acldefault(what.type, what.owner)))
  ) x
) excess
cross join lateral (
  select
    case when what.owner <> current_user::regrole
      then format('alter %s %s owner to %s;', s.kind, what.name, what.owner::regrole) end as owner,
    (select string_agg(format('revoke all on %s%s from %s;', what.kind, what.name,
        case g when 0 then 'public' else g::regrole::text end), E'\n')
     from unnest(excess.grantees) g) as revokes,
    (select string_agg(format('grant %s on %s%s to %s%s;', lower(x.privilege_type), what.kind,
        what.name, case x.grantee when 0 then 'public' else x.grantee::regrole::text end,
        case when x.is_grantable then ' with grant option' end), E'\n')
     from aclexplode(what.acl) x where x.grantee <> what.owner or x.grantee = any (excess.grantees)) as grants,
    (select format('comment on %s %s is %L;', s.kind,
        case when s.kind in ('constraint', 'trigger', 'rule', 'policy')
          then format('%I on %I.%I', s.name, s.schema, s.of_table)
          when p.oid is not null then p.oid::regprocedure::text
          when s.kind = 'column' then format('%I.%I.%I', s.schema, s.of_table, s.name)
          else format('%I.%I', s.schema, s.name) end, description)
     from pg_description
     where classoid = s.classid and objoid = s.objid and objsubid = s.subid
       and (s.kind <> 'column' or a.attgenerated <> '') and s.take is not null
       and s.kind not in ('table', 'default', 'publication', 'setting', 'storage', 'sequence', 'grant', 'not null')
    ) as comment
) notes
where
  -- The objects of a dropped extension are dropped with it.
  not exists (select from pg_depend d where d.classid = s.classid and d.objid = s.objid and d.deptype = 'e')
  -- A change of type carries the other objects over, except an index that it would build under its lock.
  and (f.only_retyped is not true
    or f.nearest > 1 and not f.only_by_row_type
    or s.kind = 'column' and (f.only_by_row_type or a.attgenerated <> '')
    or not f.only_by_row_type and (
      s.kind in ('view', 'materialized view', 'rule', 'policy', 'trigger', 'function', 'procedure', 'publication')
      -- The server loses the statistics target when it rebuilds the object.
      or s.kind = 'statistics' and exists (select from pg_statistic_ext where oid = s.objid and stxstattarget >= 0)
      or s.kind = 'index' and (i.indexprs is not null or i.indpred is not null)))
-- A table leaves its parents first, because an inherited column cannot be changed. A default is set last, when its column
-- has the final type. A type with a collation is set before the storage, which it resets.
order by s.kind = 'table' desc, s.kind = 'default' desc, max(coalesce(f.depth, 0)) over (partition by s.classid, s.objid, s.subid) desc, s.kind,
  s.schema, s.of_table, s.name, s.bring desc
