create function keep_first_responses() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set row_security = off
as $$
declare
    ticket_ids integer[];
begin
    if coalesce(pg_partition_root(tg_relid), tg_relid) <> 'public.ticket_comments'::regclass then
        raise exception using errcode = 'insufficient_privilege',
            message = 'keep_first_responses() is for triggers of ticket_comments alone';
    end if;

    if tg_op = 'INSERT' then
        ticket_ids := array(select distinct ticket_id from added where user_id is not null and not is_internal);
    elsif tg_op = 'DELETE' then
        ticket_ids := array(select distinct ticket_id from removed where user_id is not null and not is_internal);
    else
        ticket_ids := array(
            with before as (select ticket_id, created_at from removed where user_id is not null and not is_internal),
                after as (select ticket_id, created_at from added where user_id is not null and not is_internal)
            select ticket_id from (table before except table after) gone
            union
            select ticket_id from (table after except table before) come);
    end if;

    -- In key order, as the fill does, so that two of them never wait for each other in a circle; and in a statement of
    -- its own, so that the next one sees the comments of whoever held a ticket.
    perform from public.tickets where id = any (ticket_ids) order by id for no key update;

    -- The trigger on tickets computes, as for any ticket that is written. To write the time itself would be taken for
    -- an application's doing, and held.
    update public.tickets set created_at = created_at
    where id = any (ticket_ids)
        and first_response_time_seconds is distinct from public.first_response_seconds(id, created_at);
    return null;
end
$$;

comment on function keep_first_responses() is 'Computes the first response of the tickets whose agent comments changed';
revoke execute on function keep_first_responses() from public;

-- Statement by statement, so that a thousand comments cost one pass. Deleting an author comes by here too.
create trigger keep_first_responses_inserted after insert on ticket_comments
    referencing new table as added
    for each statement execute function keep_first_responses();

create trigger keep_first_responses_updated after update on ticket_comments
    referencing old table as removed new table as added
    for each statement execute function keep_first_responses();

create trigger keep_first_responses_deleted after delete on ticket_comments
    referencing old table as removed
    for each statement execute function keep_first_responses();

alter table ticket_comments
    disable trigger keep_first_responses_inserted,
    disable trigger keep_first_responses_updated,
    disable trigger keep_first_responses_deleted;
