-- priority is the text an old application knows, priority_new the enum.
create or replace function sync_ticket_priority() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    -- The old application wrote.
    if new.priority_new is null
        or tg_op = 'UPDATE' and new.priority_new = old.priority_new and new.priority <> old.priority
    then
        new.priority_new := new_ticket_priority(new.priority);
    end if;
    -- The new application wrote. A text the enum has no value for is left as it is until then.
    if new.priority is null or new_ticket_priority(new.priority) <> new.priority_new then
        new.priority := new.priority_new::text;
    end if;
    return new;
end
$$
