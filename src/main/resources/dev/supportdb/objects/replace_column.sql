do $replace$
declare
    _table constant oid := %table%::regclass;
    _column constant name := %column%;
    -- Null if the type is altered in place.
    _new constant name := %new%;
    -- Null if the replaced column is dropped.
    _old constant name := %old%;
    _schemas constant text[] := current_schemas(false);
    _path constant text := current_setting('search_path');
    _schema constant regnamespace := (select relnamespace from pg_class where oid = _table);
    _name text;
    _object record;
    _bring text[] := '{}';
    _rename text[] := '{}';
    _one text;
begin
    perform set_config('search_path', 'pg_catalog, pg_temp', true), set_config('jit', 'off', true),
        set_config('plan_cache_mode', 'force_generic_plan', true);
    _name := _table::regclass::text;

    -- Objects that name both columns are made for the change and stay. Indexes and checks swap names with those of the new
    -- column. The first turn changes nothing: it plans the query, which takes longer than running it, before the lock.
    for _turn in 1 .. 2 loop
        if _turn = 2 then
            execute format('lock table %s in access exclusive mode', _name);
        end if;
        for _object in
%dependants%
        loop
            continue when _turn = 1 or _object.kind not in (%carried%)
                or exists (select from pg_depend d join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
                           where d.classid = _object.classid and d.objid = _object.objid and d.refobjid = _table
                             and a.attname = _new and _object.classid <> 'pg_class'::regclass);
            execute _object.take;
            _bring := _object.bring || _bring;
        end loop;
    end loop;

    -- The statistics settings and the comment of the column.
    select array_agg(x.statement) || _bring into _bring
    from pg_attribute a
    join pg_type t on t.oid = a.atttypid
    cross join lateral (
        select format('alter table %s alter column %I set statistics %s', _name, _column, a.attstattarget) as statement
        where a.attstattarget >= 0
        union all
        select format('alter table %s alter column %I set (%s = %s)', _name, _column, option_name, option_value)
        from pg_options_to_table(a.attoptions) where option_name in ('n_distinct', 'n_distinct_inherited')
        union all
        -- A change of type in place loses these settings, and the collation.
        select format('alter table %s alter column %I set storage %s', _name, _column,
            case a.attstorage when 'p' then 'plain' when 'e' then 'external' when 'x' then 'extended' else 'main' end)
        where _new is null and a.attstorage <> t.typstorage
        union all
        select format('alter table %s alter column %I set compression %s', _name, _column,
            case a.attcompression when 'p' then 'pglz' else 'lz4' end)
        where _new is null and a.attcompression in ('p', 'l')
        union all
        select format('comment on column %s.%I is %L', _name, _column, d.description)
        from pg_description d where d.classoid = 'pg_class'::regclass and d.objoid = _table and d.objsubid = a.attnum
    ) x
    where a.attrelid = _table and a.attname = _column;

    if _new is null then
        select ' collate ' || attcollation::regcollation into _one
        from pg_attribute join pg_type t on t.oid = atttypid
        where attrelid = _table and attname = _column and attcollation <> typcollation;
        perform set_config('search_path', _path, true);
        execute format('alter table %s alter column %I type ', _name, _column) || %type% || coalesce(_one, '');
        perform set_config('search_path', 'pg_catalog, pg_temp', true);
    else
        -- Pairs the parts by the names of those on the new column. Settings made on an old part are made on the new one.
        with part (kind, name, of_column, classid, objid) as (
            select 'index', c.relname, a.attname, 'pg_class'::regclass, c.oid
            from pg_index i
            join pg_class c on c.oid = i.indexrelid
            join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refobjid = _table
            join pg_attribute a on a.attrelid = _table and a.attnum = d.refobjsubid
            where i.indrelid = _table
            union
            select 'constraint', k.conname, a.attname, 'pg_constraint'::regclass, k.oid
            from pg_constraint k join pg_attribute a on a.attrelid = _table and a.attnum = any (k.conkey)
            where k.conrelid = _table and k.contype = 'c'
        )
        select coalesce(array_agg(r.statement order by r.place), '{}') into _rename
        from part p
        join part n on n.kind = p.kind and n.of_column = _new and n.name = %name(p.name,_new)%
        cross join lateral (
            select 1 as place, %name(p.name,_old)% as to_name, p.name as from_name where _old is not null
            union all
            select 2, p.name, n.name
        ) x
        cross join lateral (
            select x.place, case p.kind
                when 'index' then format('alter index %s.%I rename to %I', _schema, x.from_name, x.to_name)
                else format('alter table %s rename constraint %I to %I', _name, x.from_name, x.to_name) end as statement
            union all
            select 3, format('alter index %s.%I set (%s)', _schema, p.name, array_to_string(reloptions, ', '))
            from pg_class where p.kind = 'index' and oid = p.objid and reloptions is not null
            union all
            select 3, format('alter index %s.%I alter column %s set statistics %s', _schema, p.name, attnum, attstattarget)
            from pg_attribute where p.kind = 'index' and attrelid = p.objid and attstattarget >= 0
            union all
            select 3, format('comment on %s is %L', case p.kind when 'index' then format('index %s.%I', _schema, p.name)
                else format('constraint %I on %s', p.name, _name) end, description)
            from pg_description where classoid = p.classid and objoid = p.objid and objsubid = 0
        ) r
        where p.of_column = _column;

        if _old is null then
            execute format('alter table %s drop column %I', _name, _column);
        else
            execute format('alter table %s rename column %I to %I', _name, _column, _old);
        end if;
        execute format('alter table %s rename column %I to %I', _name, _new, _column);
        foreach _one in array _rename loop
            execute _one;
        end loop;
    end if;

    foreach _one in array coalesce(_bring, '{}') loop
        execute _one;
    end loop;
    perform set_config('search_path', _path, true);
end
$replace$
