create function forget_ticket_status_original() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set row_security = off
as $$
begin
    if coalesce(pg_partition_root(tg_relid), tg_relid) <> 'public.tickets'::regclass then
        raise exception using errcode = 'insufficient_privilege',
            message = 'forget_ticket_status_original() is for triggers of tickets alone';
    end if;
    -- An original that stands for the new status was kept by this very statement.
    delete from public.ticket_status_originals
    where ticket_id = new.id and public.new_ticket_status(status) <> new.status::text;
    return null;
end
$$;

comment on function forget_ticket_status_original() is 'Forgets what a status was once it is changed';
revoke execute on function forget_ticket_status_original() from public;

-- From one of the five to another.
create trigger forget_ticket_status_original after update of status on tickets
for each row when (old.status::text <> new.status::text
    and old.status::text in ('OPEN', 'IN_PROGRESS', 'WAITING_ON_CUSTOMER', 'RESOLVED', 'CLOSED')
    and new.status::text in ('OPEN', 'IN_PROGRESS', 'WAITING_ON_CUSTOMER', 'RESOLVED', 'CLOSED'))
execute function forget_ticket_status_original();
