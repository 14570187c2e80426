-- Every old, current and invalid status and priority, in all spellings, combined with other odd values: subjects of 0 and
-- of 500 characters, the earliest times, resolved before opened. Keys at the ends of the type and far apart.
insert into tickets (id, customer_id, assigned_user_id, subject, description, status, priority, created_at, updated_at,
    resolved_at)
select
    case n when 1 then -2147483648 when 2 then -1 when 3 then 0 when 4 then 2147483647 else n * 65537 end,
    (array[-2147483648, -1, 0, 1, 2, 3, 4, 8, 9, 10, 2147483647])[1 + n % 11],
    (array[null, -2147483648, null, -1, 0, 1, 2, 7, 2147483647])[1 + n % 9],
    (array['', ' ', rpad('Five hundred ', 500, 'abcdefghi '), rpad('五百', 500, '💶'), rpad('', 500), E'\n\t\\',
        'null', '''; drop table tickets; --', 'Re: Re: Re:'])[1 + n % 9],
    (array['', ' ', repeat('長い ', 2000), E'\n', 'The same', 'The same', U&'Zoe\0301 \202e \200b'])[1 + n % 7],
    status,
    priority,
    created_at,
    (array[created_at, 'infinity', '-infinity', '2024-10-27 02:30:00'])[1 + n % 4],
    (array[null, created_at, '-infinity', 'infinity', null, '4714-11-24 00:00:00 BC', '294276-12-31 23:59:59.999999',
        least(created_at, '9999-12-31') + interval '0.000001 s',
        greatest(created_at, '1900-01-01') - interval '0.000001 s',
        '2024-03-31 02:30:00', '9999-12-31'])[1 + n % 11]
from (
    select row_number() over (order by s.number, p.number) as n, status, priority
    from unnest(array['open', 'new', 'in_progress', 'working', 'pending', 'waiting', 'customer_reply', 'resolved',
            'fixed', 'closed', 'done', 'OPEN', 'IN_PROGRESS', 'WAITING_ON_CUSTOMER', 'RESOLVED', 'CLOSED', '', ' ',
            'Open', 'open ', 'ОPEN', 'null', '0', 'waiting_on_customer', rpad('x', 50, 'é')])
        with ordinality s (status, number)
    cross join unnest(array['low', 'normal', 'high', 'urgent', '', ' ', 'Normal', 'URGENT', 'low ', 'null', '1',
            rpad('p', 20, '💶')])
        with ordinality p (priority, number)
) ticket
cross join lateral (
    select (array['-infinity', 'infinity', '4714-11-24 00:00:00 BC', '294276-12-31 23:59:59.999999', '1970-01-01',
        '2024-02-29 23:59:59.999999', '2024-03-31 02:30:00', '2024-10-27 02:30:00', '1900-01-01', '9999-12-31',
        '2024-01-01 12:00:00.000001', '2024-01-01 12:00:00', '2024-01-01 12:00:00']::timestamp[])[1 + n % 13]
        as created_at
) opened;
