-- To be called with any day of a month before the month is loaded; later, it moves the rows that came first. A second
-- call changes nothing. It locks the default partition, which holds next to nothing when months are added in time.
create function add_ticket_facts_month(any_day date) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    first_day date := date_trunc('month', any_day::timestamp);
    next_first date := first_day + interval '1 month';
    month text := 'ticket_facts_' || to_char(first_day, 'YYYY_MM');
begin
    if to_regclass('public.' || month) is not null then
        return;
    end if;
    lock table public.ticket_facts_default in access exclusive mode;
    execute format('create table public.%I (like public.ticket_facts including all)', month);
    execute format('insert into public.%I select * from public.ticket_facts_default where day >= %L and day < %L',
        month, first_day, next_first);
    delete from public.ticket_facts_default where day >= first_day and day < next_first;
    execute format('alter table public.ticket_facts attach partition public.%I for values from (%L) to (%L)',
        month, first_day, next_first);
end
$$;

comment on function add_ticket_facts_month(date) is 'Gives the month of the day a partition of its own';
revoke execute on function add_ticket_facts_month(date) from public;
