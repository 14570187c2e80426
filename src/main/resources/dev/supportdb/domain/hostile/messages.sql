-- Messages about another customer's ticket and without a ticket; the latest time; one customer with very many.
insert into messages (id, customer_id, ticket_id, direction, channel, body, "timestamp")
select
    case when n = 1 then -9223372036854775808 when n = 2 then 9223372036854775807 else n end,
    (array[-2147483648, 0, 0, 0, 0, 2147483647])[1 + n % 6],
    (array[null, -2147483648, 0, 2147483647])[1 + n % 4],
    (array['inbound', 'outbound'])[1 + n % 2],
    (array['email', 'chat', 'phone', 'sms', 'social', 'web'])[1 + n % 6],
    (array['', ' ', 'The same', 'The same', repeat('長い ', 5000)])[1 + n % 5],
    (array['-infinity', 'infinity', '4714-11-24 00:00:00+00 BC', '294276-12-31 23:59:59.999999+00',
        '2024-03-31 01:00:00+00']::timestamptz[])[1 + n % 5]
from generate_series(1, 200) n;
