create function forget_ticket_status_original() returns trigger
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
    -- An original that stands for the new status was kept by this very statement.
    delete from ticket_status_originals
    where ticket_id = new.id and new_ticket_status(status) <> new.status;
    return null;
end
$$;

comment on function forget_ticket_status_original() is 'Forgets what a status was once it is changed';
revoke execute on function forget_ticket_status_original() from public;

create trigger forget_ticket_status_original after update of status on tickets
for each row when (old.status <> new.status
    and old.status = new_ticket_status(old.status) and new.status = new_ticket_status(new.status))
execute function forget_ticket_status_original();
