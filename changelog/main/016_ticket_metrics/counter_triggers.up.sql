create function count_ticket_comments() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set row_security = off
as $$
declare
    ticket_ids integer[];
    totals integer[];
    customers integer[];
    agents integer[];
begin
    if coalesce(pg_partition_root(tg_relid), tg_relid) <> 'public.ticket_comments'::regclass then
        raise exception using errcode = 'insufficient_privilege',
            message = 'count_ticket_comments() is for triggers of ticket_comments alone';
    end if;

    if tg_op = 'INSERT' then
        select array_agg(ticket_id), array_agg(total), array_agg(customer), array_agg(agent)
        into ticket_ids, totals, customers, agents
        from (select ticket_id, count(*) as total, count(customer_id) as customer, count(user_id) as agent
              from added group by ticket_id) change;
    elsif tg_op = 'DELETE' then
        select array_agg(ticket_id), array_agg(-total), array_agg(-customer), array_agg(-agent)
        into ticket_ids, totals, customers, agents
        from (select ticket_id, count(*) as total, count(customer_id) as customer, count(user_id) as agent
              from removed group by ticket_id) change;
    else
        select array_agg(ticket_id), array_agg(total), array_agg(customer), array_agg(agent)
        into ticket_ids, totals, customers, agents
        from (select ticket_id, sum(n) as total, sum(n * num_nonnulls(customer_id)) as customer,
                  sum(n * num_nonnulls(user_id)) as agent
              from (select ticket_id, customer_id, user_id, 1 as n from added
                    union all
                    select ticket_id, customer_id, user_id, -1 from removed) moved
              group by ticket_id) change
        where (total, customer, agent) <> (0, 0, 0);
    end if;

    -- In key order, as the fill does, so that two of them never wait for each other in a circle.
    perform from public.tickets where id = any (ticket_ids) order by id for no key update;

    -- A ticket not counted yet stays NULL, and the fill counts it. No filter may leave it out here: the fill may be at
    -- it just now, and only an update waits for that and adds to it.
    update public.tickets set
        total_comments = tickets.total_comments + change.total,
        customer_responses = tickets.customer_responses + change.customer,
        agent_responses = tickets.agent_responses + change.agent
    from unnest(ticket_ids, totals, customers, agents) as change (ticket_id, total, customer, agent)
    where tickets.id = change.ticket_id;
    return null;
end
$$;

comment on function count_ticket_comments() is 'Adds to the counters of tickets what a statement did to their comments';
revoke execute on function count_ticket_comments() from public;

-- Statement by statement, so that a thousand comments cost one pass. Deleting a ticket or an author comes by here too.
create trigger count_comments_inserted after insert on ticket_comments
    referencing new table as added
    for each statement execute function count_ticket_comments();

create trigger count_comments_updated after update on ticket_comments
    referencing old table as removed new table as added
    for each statement execute function count_ticket_comments();

create trigger count_comments_deleted after delete on ticket_comments
    referencing old table as removed
    for each statement execute function count_ticket_comments();
