-- Comments without an author, by a user and a customer at once, by a customer of another ticket, before the ticket and at
-- the latest time; the same comment twice; no comments for two of three tickets.
insert into ticket_comments (id, ticket_id, user_id, customer_id, content, is_internal, created_at)
select
    case n when 1 then -2147483648 when 2 then 0 when 3 then 2147483647 else n * 7 end,
    id,
    (array[null, 0, null, 7, 2147483647])[1 + n % 5],
    (array[null, customer_id, 1])[1 + n % 3],
    (array['', ' ', 'The same', 'The same', E'\\\n''"', repeat('長い ', 5000)])[1 + n % 6],
    n % 2 = 0,
    (array[created_at, '-infinity', 'infinity', '4714-11-24 00:00:00 BC', '294276-12-31 23:59:59.999999',
        '2024-10-27 02:30:00', '2024-01-01 12:00:00.999999'])[1 + n % 7]
from (
    select row_number() over (order by id, copy) as n, id, customer_id, created_at
    from tickets cross join generate_series(1, 3) copy
    where id % 3 = 0
) comment;
