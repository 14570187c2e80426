create function score_customer_messages() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set row_security = off
as $$
declare
    customer_ids integer[];
    changes integer[];
begin
    if coalesce(pg_partition_root(tg_relid), tg_relid) <> 'public.messages'::regclass then
        raise exception using errcode = 'insufficient_privilege',
            message = 'score_customer_messages() is for triggers of messages alone';
    end if;

    if tg_op = 'INSERT' then
        select array_agg(customer_id), array_agg(n) into customer_ids, changes
        from (select customer_id, count(*) as n from added group by customer_id) change;
    elsif tg_op = 'DELETE' then
        select array_agg(customer_id), array_agg(-n) into customer_ids, changes
        from (select customer_id, count(*) as n from removed group by customer_id) change;
    else
        select array_agg(customer_id), array_agg(n) into customer_ids, changes
        from (select customer_id, sum(n) as n
              from (select customer_id, 1 as n from added union all select customer_id, -1 from removed) moved
              group by customer_id) change
        where n <> 0;
    end if;

    -- In key order, as the fill does, so that two of them never wait for each other in a circle.
    perform from public.customers where id = any (customer_ids) order by id for no key update;

    -- A tenth has no exact double, so it is the number of messages that is added to, and the score computed from it.
    -- A customer not scored yet stays NULL, and the fill scores it. No filter may leave it out here: the fill may be at
    -- it just now, and only an update waits for that and adds to it.
    update public.customers set
        computed_score = (round(customers.computed_score::numeric * 10) + change.n) * 0.1
    from unnest(customer_ids, changes) as change (customer_id, n)
    where customers.id = change.customer_id;
    return null;
end
$$;

comment on function score_customer_messages() is 'Scores customers anew whose messages a statement changed';
revoke execute on function score_customer_messages() from public;

-- Statement by statement, so that a thousand messages cost one pass.
create trigger score_messages_inserted after insert on messages
    referencing new table as added
    for each statement execute function score_customer_messages();

create trigger score_messages_updated after update on messages
    referencing old table as removed new table as added
    for each statement execute function score_customer_messages();

create trigger score_messages_deleted after delete on messages
    referencing old table as removed
    for each statement execute function score_customer_messages();
