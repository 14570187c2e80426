-- Deletes the demo rows and the rows added to them later: tickets of a demo customer, comments on a demo ticket. Rows of
-- other customers and users stay; their references to demo agents become null, as when any user is deleted.

delete from ticket_comments
using tickets, customers
where tickets.id = ticket_comments.ticket_id
    and customers.id = tickets.customer_id
    and lower(customers.email) like '%@demo.example';

delete from tickets
using customers
where customers.id = tickets.customer_id
    and lower(customers.email) like '%@demo.example';

delete from customers where lower(email) like '%@demo.example';

delete from users where lower(email) like '%@demo.example';

-- The next load inserts the same keys: the sequences go back to the last key in use.
select setval(pg_get_serial_sequence('users', 'id'), coalesce(max(id), 1), max(id) is not null) from users;
select setval(pg_get_serial_sequence('customers', 'id'), coalesce(max(id), 1), max(id) is not null) from customers;
select setval(pg_get_serial_sequence('tickets', 'id'), coalesce(max(id), 1), max(id) is not null) from tickets;
select setval(pg_get_serial_sequence('ticket_comments', 'id'), coalesce(max(id), 1), max(id) is not null)
from ticket_comments;
