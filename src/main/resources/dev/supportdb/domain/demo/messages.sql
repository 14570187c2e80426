-- Customers with none, one and many messages.
insert into messages (customer_id, direction, channel, body, "timestamp")
select id, 'inbound', 'email', 'message ' || n, created_at
from customers cross join lateral generate_series(1, id % 7) n
order by id, n;
