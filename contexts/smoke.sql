-- What must work after a deployment: edit it for your application. It runs in a transaction that is rolled back; an error
-- is a failure. The tables named in the next line must exist, and must not have shrunk.
-- critical tables: users, customers, tickets
with customer as (
  insert into customers (email, name) values ('smoke-test@example.invalid', 'Smoke test') returning id
)
insert into tickets (customer_id, subject, description) select id, 'Smoke test', 'As an application writes it' from customer;
