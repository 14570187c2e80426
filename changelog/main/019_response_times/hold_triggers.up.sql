create function hold_response_times() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set row_security = off
as $$
begin
    if coalesce(pg_partition_root(tg_relid), tg_relid) <> 'public.tickets'::regclass then
        raise exception using errcode = 'insufficient_privilege',
            message = 'hold_response_times() is for triggers of tickets alone';
    end if;
    -- The fill and its undo write what this holds, and what it comes from.
    if public.current_backfill(tg_relid) in ('response_times', 'undo response_times') then
        return new;
    end if;

    -- Of a ticket that has no row here, the application alone would have neither time.
    if tg_op = 'INSERT' then
        insert into public.ticket_response_times_originals
            (ticket_id, first_response_time_seconds, resolution_time_seconds)
        select new.id, new.first_response_time_seconds, new.resolution_time_seconds
        -- "On conflict" comes by here as well. Its "excluded" has been computed by then, and is held as it is.
        where not exists (select from public.tickets where id = new.id);
    elsif tg_argv[0] = 'first_response_time_seconds' then
        update public.ticket_response_times_originals
        set first_response_time_seconds = new.first_response_time_seconds
        where ticket_id = new.id;
        if not found and new.first_response_time_seconds is not null then
            insert into public.ticket_response_times_originals (ticket_id, first_response_time_seconds)
            values (new.id, new.first_response_time_seconds);
        end if;
    else
        update public.ticket_response_times_originals
        set resolution_time_seconds = new.resolution_time_seconds
        where ticket_id = new.id;
        if not found and new.resolution_time_seconds is not null then
            insert into public.ticket_response_times_originals (ticket_id, resolution_time_seconds)
            values (new.id, new.resolution_time_seconds);
        end if;
    end if;
    return new;
end
$$;

comment on function hold_response_times() is 'Holds what an application writes before it is computed';
revoke execute on function hold_response_times() from public;

-- By their names they come before the trigger that computes. Each holds the column a statement names, also where that
-- writes what stands there: the computed value may have come first.
create trigger hold_new_response_times before insert on tickets
for each row when (new.first_response_time_seconds is not null or new.resolution_time_seconds is not null)
execute function hold_response_times();

create trigger hold_first_response_time before update of first_response_time_seconds on tickets
for each row execute function hold_response_times('first_response_time_seconds');

create trigger hold_resolution_time before update of resolution_time_seconds on tickets
for each row execute function hold_response_times('resolution_time_seconds');
