-- The log of deleted tickets and of tickets that never existed, without a user, with unknown statuses; the same change
-- twice; JSON of every kind.
insert into ticket_audit_log (id, ticket_id, user_id, action, field_name, old_value, new_value, changed_at, metadata)
select
    case when n = 1 then -2147483648 when n = 2 then 2147483647 else n * 3 end,
    id,
    (array[null, 0, 2147483647])[1 + n % 3],
    (array['status_changed', 'status_changed', 'STATUS_CHANGED', '', 'created'])[1 + n % 5],
    (array[null, 'status', ''])[1 + n % 3],
    (array[null, '', 'open', 'OPEN', rpad('x', 50, 'é')])[1 + n % 5],
    (array['', 'open', 'OPEN', ' ', rpad('y', 50, '💶'), 'null', 'OPEN'])[1 + n % 7],
    (array['-infinity', 'infinity', '4714-11-24 00:00:00 BC', '294276-12-31 23:59:59.999999', '2024-03-31 02:30:00',
        '2024-01-01', '2024-01-01']::timestamp[])[1 + n % 7],
    (array[null, 'null', '{}', '{"user_id": "' || rpad('9', 300, '9') || '"}', '""', '{"a": {"a": [null, 1e400, ""]}}', '[1, "1"]']::jsonb[])[1 + n % 7]
from (
    select row_number() over (order by id, copy) as n, id
    from (select id from tickets where id % 2 = 0 union all select n from generate_series(-100, -90) n) ticket
        cross join generate_series(1, 2) copy
) change;
