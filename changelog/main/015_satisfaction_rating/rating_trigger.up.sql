create function carry_satisfaction_rating() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set row_security = off
as $$
begin
    if coalesce(pg_partition_root(tg_relid), tg_relid) <> 'public.satisfaction_surveys'::regclass then
        raise exception using errcode = 'insufficient_privilege',
            message = 'carry_satisfaction_rating() is for triggers of satisfaction_surveys alone';
    end if;
    -- No filter on the value: the update must wait for a batch of the fill that holds the ticket, never pass it by.
    if tg_op = 'DELETE' or tg_op = 'UPDATE' and old.ticket_id <> new.ticket_id then
        update public.tickets set satisfaction_rating = null where id = old.ticket_id;
    end if;
    if tg_op <> 'DELETE' then
        update public.tickets set satisfaction_rating = new.rating where id = new.ticket_id;
    end if;
    return null;
end
$$;

comment on function carry_satisfaction_rating() is 'Carries the rating of a survey to its ticket';
revoke execute on function carry_satisfaction_rating() from public;

create trigger carry_satisfaction_rating
    after insert or delete or update of ticket_id, rating on satisfaction_surveys
    for each row execute function carry_satisfaction_rating();
