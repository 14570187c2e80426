-- priority is the enum, priority_old the text an old application knew.
create or replace function sync_ticket_priority() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    -- The enum value that stands for the text. Nothing of this schema is named: a writer may not be allowed to use it.
    _priority text :=
        case when new.priority_old::text in ('low', 'normal', 'high', 'urgent') then new.priority_old else 'normal' end;
begin
    -- A backfill writes exactly the column it is about. Everybody can set this, but it counts for an owner alone.
    if current_setting('supportdb.backfill', true) <> ''
        and pg_has_role((select relowner from pg_class where oid = tg_relid), 'usage')
    then
        return new;
    end if;

    -- The old application wrote. Arrays compare as the type does, also one whose operators are not in the path: citext.
    if new.priority is null
        or tg_op = 'UPDATE' and new.priority = old.priority
            and new.priority_old is not null and array[new.priority_old] <> array[old.priority_old]
    then
        new.priority := _priority;
    end if;
    -- The new application wrote. A text the enum has no value for is left as it is until then.
    if new.priority_old is null or _priority <> new.priority::text then
        new.priority_old := new.priority::text;
    end if;
    return new;
end
$$;

revoke execute on function sync_ticket_priority() from public;
