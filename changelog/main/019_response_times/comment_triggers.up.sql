create function keep_first_responses() returns trigger
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
    ticket_ids integer[];
    _working text := coalesce(current_setting('supportdb.backfill', true), '');
begin
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
    perform from tickets where id = any (ticket_ids) order by id for no key update;

    -- It is no application that writes here.
    perform set_config('supportdb.backfill', 'response_times', true);
    update tickets set first_response_time_seconds = first_response_seconds(id, created_at)
    where id = any (ticket_ids)
        and first_response_time_seconds is distinct from first_response_seconds(id, created_at);
    perform set_config('supportdb.backfill', _working, true);
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
