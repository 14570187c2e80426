create function map_ticket_status() returns trigger
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
    _status text := new_ticket_status(new.status);
begin
    if old_ticket_status(_status) = new.status then
        delete from ticket_status_originals where ticket_id = new.id;
    else
        insert into ticket_status_originals (ticket_id, status) values (new.id, new.status)
        on conflict (ticket_id) do update set status = excluded.status;
    end if;
    new.status := _status;
    return new;
end
$$;

revoke execute on function map_ticket_status() from public;

-- The undo of the fill brings old values back on purpose.
create trigger map_ticket_status before insert or update of status on tickets
for each row when (new.status <> new_ticket_status(new.status)
    and current_setting('supportdb.backfill', true) is distinct from 'undo ticket_status')
execute function map_ticket_status();
