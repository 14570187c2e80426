create function note_ticket_priority() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set row_security = off
as $$
begin
    if coalesce(pg_partition_root(tg_relid), tg_relid) <> 'public.tickets'::regclass then
        raise exception using errcode = 'insufficient_privilege',
            message = 'note_ticket_priority() is for triggers of tickets alone';
    end if;
    perform public.note_old_shape_write('005_ticket_priority_enum');
    return new;
end
$$;

comment on function note_ticket_priority() is 'Notes that an application writes a priority the enum has no value for';
revoke execute on function note_ticket_priority() from public;

create trigger note_ticket_priority before insert or update of priority on tickets
for each row when (new.priority::text not in ('low', 'normal', 'high', 'urgent'))
execute function note_ticket_priority();
