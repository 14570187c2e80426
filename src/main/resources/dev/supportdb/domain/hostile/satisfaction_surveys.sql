-- The lowest and the highest ratings, by customers of other tickets, answered before they were sent.
insert into satisfaction_surveys (id, ticket_id, customer_id, rating, feedback, survey_sent_at, survey_completed_at,
    created_at)
select
    case when n = 1 then -2147483648 when n = 2 then 2147483647 else n end,
    id,
    (array[customer_id, 0, 2147483647])[1 + n % 3],
    (array[1, 5, 3])[1 + n % 3],
    (array[null, '', ' ', '5', repeat('長い ', 5000)])[1 + n % 5],
    (array['infinity', '-infinity', '2024-03-31 02:30:00']::timestamp[])[1 + n % 3],
    (array['-infinity', 'infinity', '2024-03-31 01:30:00']::timestamp[])[1 + n % 3],
    '294276-12-31 23:59:59.999999'
from (select row_number() over (order by id) as n, id, customer_id from tickets where id % 2 = 0) ticket;
