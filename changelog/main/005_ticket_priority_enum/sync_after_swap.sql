-- priority is the enum, priority_old the text an old application knew.
create or replace function sync_ticket_priority() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    -- The old application wrote.
    if new.priority is null
        or tg_op = 'UPDATE' and new.priority = old.priority and new.priority_old <> old.priority_old
    then
        new.priority := new_ticket_priority(new.priority_old);
    end if;
    -- The new application wrote. A text the enum has no value for is left as it is until then.
    if new.priority_old is null or new_ticket_priority(new.priority_old) <> new.priority then
        new.priority_old := new.priority::text;
    end if;
    return new;
end
$$
