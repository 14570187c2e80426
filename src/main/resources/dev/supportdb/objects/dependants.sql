-- What depends on objects that a run drops, or whose type it changes: of each object its kind and name, and the statements
-- that take it away and that bring it back. Parameters: what is done, to which kind, of which table, by which name (arrays
-- of one length), and the schemas in which to look.
-- Runs with search_path = pg_catalog, pg_temp, so that every other name comes out qualified.
with recursive
wanted as (
  select * from unnest(?::text[], ?::text[], ?::text[], ?::text[]) with ordinality w (verb, kind, of_table, name, n)
),
home as (select oid from pg_namespace where nspname = any (?::text[])),

targets (n, verb, classid, objid, subid) as materialized (
  select w.n, w.verb, 'pg_class'::regclass::oid, c.oid, 0
  from wanted w join pg_class c on lower(c.relname) = w.name
  where w.kind = 'relation' and c.relnamespace in (select oid from home)
  union all
  select w.n, w.verb, 'pg_class'::regclass, a.attrelid, a.attnum
  from wanted w
  join pg_class c on lower(c.relname) = w.of_table and c.relkind in ('r', 'p', 'f', 'v', 'm')
  join pg_attribute a on a.attrelid = c.oid and lower(a.attname) = w.name and a.attnum > 0 and not a.attisdropped
  where w.kind = 'column' and c.relnamespace in (select oid from home)
  union all
  -- A column of the table's row type stops a change of one of its columns' types.
  select w.n, 'retype row', 'pg_type'::regclass, c.reltype, 0
  from wanted w join pg_class c on lower(c.relname) = w.of_table and c.relkind in ('r', 'p', 'f')
  where w.kind = 'column' and w.verb = 'retype' and c.relnamespace in (select oid from home)
  union all
  select w.n, w.verb, 'pg_constraint'::regclass, k.oid, 0
  from wanted w
  join pg_class c on lower(c.relname) = w.of_table
  join pg_constraint k on k.conrelid = c.oid and lower(k.conname) = w.name
  where w.kind = 'constraint' and c.relnamespace in (select oid from home)
  union all
  select w.n, w.verb, 'pg_proc'::regclass, p.oid, 0
  from wanted w join pg_proc p on lower(p.proname) = w.name
  where w.kind = 'routine' and p.pronamespace in (select oid from home)
  union all
  select w.n, w.verb, 'pg_type'::regclass, t.oid, 0
  from wanted w join pg_type t on lower(t.typname) = w.name
  where w.kind = 'type' and t.typnamespace in (select oid from home)
  union all
  select w.n, w.verb, 'pg_namespace'::regclass, oid, 0
  from wanted w join pg_namespace on lower(nspname) = w.name where w.kind = 'schema'
  union all
  -- One that still has the comment it came with is somebody else's, and a changelog that shares it leaves it alone.
  select w.n, w.verb, 'pg_extension'::regclass, e.oid, 0
  from wanted w join pg_extension e on lower(e.extname) = w.name
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
  -- A view is there for its rule, a generated column for its expression.
  left join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid and r.rulename = '_RETURN'
  left join pg_attrdef f on d.classid = 'pg_attrdef'::regclass and f.oid = d.objid
  left join pg_attribute g on g.attrelid = f.adrelid and g.attnum = f.adnum and g.attgenerated <> ''
  cross join lateral (
    select case when r.oid is not null or g.attnum is not null then 'pg_class'::regclass::oid else d.classid end as classid,
      coalesce(r.ev_class, g.attrelid, d.objid) as objid,
      case when r.oid is not null then 0 else coalesce(g.attnum::integer, d.objsubid) end as subid
  ) x
  where w.depth < 16
    and (x.classid, x.objid, x.subid) is distinct from (w.classid, w.objid, w.subid)
    -- The default of a column goes with it.
    and not (f.oid is not null and g.attnum is null and w.classid = 'pg_class'::regclass and f.adrelid = w.objid
      and w.subid in (0, f.adnum))
    and (x.classid, x.objid, x.subid) is distinct from ('pg_class'::regclass::oid, w.objid, 0)
    -- What the run comes to by itself is looked at there, and a view is there for its rule.
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

said (classid, objid, subid, kind, schema, of_table, name, take, bring) as (
  -- Views.
  select f.classid, f.objid, 0, case c.relkind when 'm' then 'materialized view' else 'view' end, n.nspname, null, c.relname,
    format('drop %sview %s;', case c.relkind when 'm' then 'materialized ' end, c.oid::regclass),
    format('create %sview %s%s as %s%s', case c.relkind when 'm' then 'materialized ' end, c.oid::regclass,
        ' with (' || array_to_string(c.reloptions, ', ') || ')', rtrim(pg_get_viewdef(c.oid), ';'),
        case when c.relkind = 'm' and not c.relispopulated then ' with no data' end) || ';'
      || coalesce((select string_agg(E'\n' || pg_get_indexdef(indexrelid) || ';', '' order by indexrelid)
                   from pg_index where indrelid = c.oid and c.relkind = 'm'), '')
      || coalesce((select string_agg(E'\n' || pg_get_ruledef(oid), '' order by oid)
                   from pg_rewrite where ev_class = c.oid and rulename <> '_RETURN'), '')
      || coalesce((select string_agg(E'\n' || pg_get_triggerdef(oid) || ';', '' order by oid)
                   from pg_trigger where tgrelid = c.oid and not tgisinternal), '')
      || coalesce((select string_agg(format(E'\nalter view %s alter column %I set default %s;', c.oid::regclass, attname,
                     pg_get_expr(adbin, adrelid)), '' order by adnum)
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
  from seen f
  join pg_index i on i.indexrelid = f.objid
  join pg_class c on c.oid = f.objid
  join pg_class t on t.oid = i.indrelid
  join pg_namespace n on n.oid = c.relnamespace
  where f.classid = 'pg_class'::regclass and f.subid = 0 and not c.relispartition and t.relkind <> 't'
    -- That of a constraint is told as such, and those of a view with it.
    and t.relkind <> 'm' and not exists (select from pg_constraint where conindid = c.oid and contype in ('p', 'u', 'x'))

  union all
  -- One of an identity column is a part of it.
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
  -- Tables that inherit; partitions go with their table.
  select f.classid, f.objid, 0, 'table', n.nspname, null, c.relname,
    (select string_agg(format('alter table %s no inherit %s;', c.oid::regclass, inhparent::regclass), E'\n' order by inhseqno)
     from pg_inherits where inhrelid = c.oid),
    (select string_agg(format('alter table %s inherit %s;', c.oid::regclass, inhparent::regclass), E'\n' order by inhseqno)
     from pg_inherits where inhrelid = c.oid)
  from seen f join pg_class c on c.oid = f.objid join pg_namespace n on n.oid = c.relnamespace
  where f.classid = 'pg_class'::regclass and f.subid = 0 and c.relkind in ('r', 'p', 'f') and not c.relispartition
    and exists (select from pg_inherits where inhrelid = c.oid)

  union all
  -- A column that is generated, and one of a type that goes.
  select f.classid, f.objid, f.subid, 'column', n.nspname, c.relname, a.attname,
    case when a.attgenerated <> '' then format('alter table %s drop column %I;', c.oid::regclass, a.attname)
      else format('alter table %s alter column %I type text using %2$I::text;', c.oid::regclass, a.attname) end,
    case when a.attgenerated <> ''
      then format('alter table %s add column %I %s generated always as (%s)%s;', c.oid::regclass, a.attname,
        format_type(a.atttypid, a.atttypmod), pg_get_expr(e.adbin, e.adrelid), case a.attgenerated when 's' then ' stored' end)
      else format('alter table %s alter column %I type %s using %2$I::%3$s;', c.oid::regclass, a.attname,
        format_type(a.atttypid, a.atttypmod)) end
  from seen f
  join pg_class c on c.oid = f.objid
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = f.objid and a.attnum = f.subid and not a.attisdropped
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
  -- Before 18 "not null" is none, and a constraint trigger is told as a trigger.
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
  -- Those of a view that goes are told with it.
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
  -- All that is rare: domains and other types, casts, operators, tables of a type.
  select f.classid, f.objid, f.subid, i.type, i.schema, null, coalesce(i.name, i.identity),
    format('drop %s %s;', i.type, i.identity), null
  from seen f cross join pg_identify_object(f.classid, f.objid, f.subid) i
  left join pg_type t on f.classid = 'pg_type'::regclass and t.oid = f.objid
  where f.classid not in ('pg_class'::regclass, 'pg_attrdef'::regclass, 'pg_constraint'::regclass, 'pg_trigger'::regclass,
      'pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_statistic_ext'::regclass, 'pg_publication_rel'::regclass,
      'pg_proc'::regclass, 'pg_default_acl'::regclass, 'pg_init_privs'::regclass,
      -- Parts of an operator class or family.
      'pg_amop'::regclass, 'pg_amproc'::regclass)
    -- Row types, arrays and multiranges come with what they are made of.
    and (t.oid is null or t.typtype = 'd' or t.typtype in ('e', 'r', 'b') and t.typcategory <> 'A' and t.typrelid = 0)

  union all
  -- Grants on a column that goes.
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
  -- Those on what goes as a whole are no reason to keep it, but whoever gave them wants to know.
  select t.classid, t.objid, 0, 'privileges', n.nspname, null, c.relname, null,
    string_agg(format('grant %s on %s to %s%s;', lower(x.privilege_type), c.oid::regclass,
      case x.grantee when 0 then 'public' else x.grantee::regrole::text end,
      case when x.is_grantable then ' with grant option' end), E'\n')
  from targets t
  join pg_class c on c.oid = t.objid and c.relkind in ('r', 'p', 'f', 'v', 'm')
  join pg_namespace n on n.oid = c.relnamespace
  cross join lateral aclexplode(c.relacl) x
  where t.verb = 'drop' and t.classid = 'pg_class'::regclass and t.subid = 0 and x.grantee <> c.relowner
  group by t.classid, t.objid, n.nspname, c.relname

  union all
  -- What another type may not have.
  select t.classid, t.objid, t.subid, 'storage', n.nspname, c.relname, a.attname,
    concat_ws(E'\n',
      case when a.attcollation <> y.typcollation then format('alter table %s alter column %I type %s;', c.oid::regclass,
        a.attname, format_type(a.atttypid, a.atttypmod)) end,
      case when a.attstorage <> y.typstorage then format('alter table %s alter column %I set storage %s;', c.oid::regclass,
        a.attname, case y.typstorage when 'p' then 'plain' when 'e' then 'external' when 'x' then 'extended' else 'main' end)
      end),
    concat_ws(E'\n',
      case when a.attcollation <> y.typcollation then format('alter table %s alter column %I type %s collate %s;',
        c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attcollation::regcollation) end,
      case when a.attstorage <> y.typstorage then format('alter table %s alter column %I set storage %s;', c.oid::regclass,
        a.attname, case a.attstorage when 'p' then 'plain' when 'e' then 'external' when 'x' then 'extended' else 'main' end)
      end)
  from targets t
  join pg_class c on c.oid = t.objid
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = t.objid and a.attnum = t.subid
  join pg_type y on y.oid = a.atttypid
  where t.verb = 'replace' and t.classid = 'pg_class'::regclass
    and (a.attcollation <> y.typcollation or a.attstorage <> y.typstorage)

  union all
  -- What a table that stays uses an index for that goes.
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
  join pg_class c on c.oid = i.indrelid
  join pg_namespace n on n.oid = c.relnamespace
  where not exists (select from targets t where t.verb = 'drop' and t.subid = 0 and (t.classid, t.objid) = (x.classid, c.oid))

  union all
  -- A column that a child has from its parent alone goes with the parent's.
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
)

select s.classid, s.objid, s.kind, s.schema, s.of_table, s.name, s.take,
  concat_ws(E'\n', s.bring, notes.owner, notes.grants, notes.comment) as bring,
  coalesce(f.n, (select min(t.n) from targets t where t.classid = s.classid and (t.objid = s.objid and t.subid in (0, s.subid)
      or exists (select from pg_inherits where inhrelid = s.objid and inhparent = t.objid)))) as n,
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
left join found f on (f.classid, f.objid, f.subid) = (s.classid, s.objid, s.subid) and s.kind not in ('grant', 'storage', 'privileges')
left join pg_index i on s.kind = 'index' and i.indexrelid = s.objid
left join pg_class c on s.kind in ('view', 'materialized view') and c.oid = s.objid
left join pg_proc p on s.kind in ('function', 'procedure') and p.oid = s.objid
left join pg_attribute a on s.kind = 'column' and a.attrelid = s.objid and a.attnum = s.subid
cross join lateral (
  select
    case when coalesce(c.relowner, p.proowner) <> current_user::regrole then format('alter %s %s owner to %s;', s.kind,
      coalesce(c.oid::regclass::text, p.oid::regprocedure::text), coalesce(c.relowner, p.proowner)::regrole) end as owner,
    (select string_agg(format('grant %s on %s to %s%s;', lower(x.privilege_type),
        coalesce(c.oid::regclass::text, s.kind || ' ' || p.oid::regprocedure::text),
        case x.grantee when 0 then 'public' else x.grantee::regrole::text end,
        case when x.is_grantable then ' with grant option' end), E'\n')
     from aclexplode(coalesce(c.relacl, p.proacl)) x where x.grantee <> coalesce(c.relowner, p.proowner)) as grants,
    (select format('comment on %s %s is %L;', s.kind,
        case when s.kind in ('constraint', 'trigger', 'rule', 'policy')
          then format('%I on %I.%I', s.name, s.schema, s.of_table)
          when p.oid is not null then p.oid::regprocedure::text
          when s.kind = 'column' then format('%I.%I.%I', s.schema, s.of_table, s.name)
          else format('%I.%I', s.schema, s.name) end, description)
     from pg_description
     where classoid = s.classid and objoid = s.objid and objsubid = s.subid and s.kind not in ('grant', 'privileges')
       and (s.kind <> 'column' or a.attgenerated <> '') and s.kind not in ('table', 'default', 'publication', 'setting', 'storage', 'sequence')
    ) as comment
) notes
where
  -- What an extension that goes has brought goes with it; what it needs is its own.
  not exists (select from pg_depend d where d.classid = s.classid and d.objid = s.objid and d.deptype = 'e')
  -- A change of type carries the rest, but for an index that it would build under its lock.
  and (f.only_retyped is not true
    or f.nearest > 1 and not f.only_by_row_type
    or s.kind = 'column' and (f.only_by_row_type or a.attgenerated <> '')
    or not f.only_by_row_type and (
      s.kind in ('view', 'materialized view', 'rule', 'policy', 'trigger', 'function', 'procedure', 'publication')
      -- The server forgets the target of one when it builds it anew.
      or s.kind = 'statistics' and exists (select from pg_statistic_ext where oid = s.objid and stxstattarget >= 0)
      or s.kind = 'index' and (i.indexprs is not null or i.indpred is not null)))
order by max(coalesce(f.depth, 0)) over (partition by s.classid, s.objid, s.subid) desc, s.kind, s.schema, s.of_table, s.name
