-- Every value is arithmetic on the number of the row, so that two loads of one size are equal to the byte: no random(),
-- no now(). Every seventh or eleventh key is left out, as if its row had been deleted.

insert into users (id, email, full_name, role, is_active, created_at, updated_at)
select i + (i - 1) / 6,
    case when i % 11 = 4 then 'Agent+Desk' || i || '@DEMO.EXAMPLE' else 'agent' || i || '@demo.example' end,
    (array['Ada Okafor', 'Zoë Brontë', 'Seán O''Brien', '山田 太郎', 'Łukasz "Luke" Żak', 'Nguyễn Thị Hà'])[1 + i % 6]
        || ' ' || i,
    (array['agent', 'agent', 'agent', 'senior_agent', 'manager', 'admin'])[1 + i % 6],
    i % 9 <> 5,
    timestamp '2022-11-01 09:00:00' + i * interval '1 day',
    timestamp '2023-01-01 09:00:00' + i * interval '1 hour'
from generate_series(1, 50) i;

-- One customer for five tickets; the last of them have not written yet.
insert into customers (id, email, name, company, phone, created_at, updated_at)
select i + (i - 1) / 6,
    case
        when i % 13 = 3 then 'customer' || i || '+support@demo.example'
        when i % 13 = 7 then 'Customer.' || i || '@Demo.Example'
        when i % 13 = 8 then upper('customer.' || (i - 1) || '@demo.example')
        else 'customer' || i || '@demo.example'
    end,
    (array['Grace Hopper', 'José Núñez', 'D''Arcy "Dee" Quinn', '李 小龍', 'Anna-Lena Müller', 'Олена Шевченко', 'A\B'])
        [1 + i % 7] || ' ' || i,
    (array[null, 'Acme', 'O''Hara & Sons', '', 'Société Générale d''Exemple', 'C:\Company\New'])[1 + i % 6],
    case i % 5 when 0 then null when 1 then '' when 2 then '+49 30 ' || 100000 + i % 900000
        when 3 then '(555) 01' || lpad((i % 100)::text, 2, '0') else '0' || 7000000000 + i end,
    timestamp '2023-01-01 00:00:00' + i * interval '3 minutes 7.000001 seconds',
    timestamp '2024-06-01 00:00:00' + i * interval '11 seconds'
from generate_series(1, greatest(${demo.rows} / 5, 1) + ${demo.rows} / 100 + 3) i;

-- Of 40 statuses 37, of 31 priorities 29 are ones the application knows; the others are what people and imports left.
insert into tickets (id, customer_id, assigned_user_id, subject, description, status, priority, created_at, updated_at,
    resolved_at)
select i + (i - 1) / 6,
    customer + (customer - 1) / 6,
    case when i % 4 > 0 then agent + (agent - 1) / 6 end,
    case i % 97
        when 11 then rpad('Five hundred characters, ticket ' || i || ' ', 500, 'abcdefghi ')
        when 12 then rpad('五百文字 ' || i || ' ', 500, 'ü漢字é')
        when 13 then '"Quoted" and ''quoted'', C:\temp\new, 100 % & <b>bold</b> ' || i
        when 14 then '   spaces around ' || i || '   '
        when 15 then 'Zahlung überfällig, чек № ' || i || ', 支払い 💶'
        when 16 then ''
        else (array['Cannot log in', 'Invoice is wrong', 'Export never ends', 'How do I add a user?', 'Error 500'])
            [1 + i % 5] || ' #' || i
    end,
    'It happens since ' || i % 28 + 1 || ' days, on ' || (array['Windows', 'macOS', 'Linux', 'my phone'])[1 + mixed % 4]
        || case when i % 29 = 0 then E'.\n\tC:\\logs\\new.txt says: "naïve ''quote''" – 日本語' else '.' end,
    status,
    case when i % 31 < 29 then (array['normal', 'normal', 'normal', 'low', 'low', 'high', 'urgent'])[1 + i % 31 % 7]
        else (array['critical', 'P1', '', 'HIGH', 'Normal', ' urgent', 'très élevée'])[1 + i / 31 % 7] end,
    created_at,
    coalesce(resolved_at, created_at) + mixed % 86400 * interval '1.000003 seconds',
    resolved_at
from generate_series(1, ${demo.rows}) i
cross join lateral (
    select (i * 2654435761 % 4294967296 / 256)::integer as mixed
) number
cross join lateral (
    select 1 + mixed % greatest(${demo.rows} / 5, 1) as customer,
        1 + mixed % 50 as agent,
        case when i % 40 < 37
            then (array['open', 'open', 'open', 'open', 'open', 'open', 'new', 'new', 'new', 'in_progress',
                'in_progress', 'in_progress', 'in_progress', 'working', 'working', 'pending', 'pending', 'pending',
                'waiting', 'waiting', 'customer_reply', 'customer_reply', 'resolved', 'resolved', 'resolved',
                'resolved', 'resolved', 'fixed', 'fixed', 'closed', 'closed', 'closed', 'closed', 'closed', 'closed',
                'done', 'done'])[1 + i % 40]
            else (array['escalated', '', 'Open', ' open', 'CLOSED', 'OPEN', 'on hold', 'WAITING_ON_CUSTOMER',
                'résolu', 'RESOLVED'])[1 + i / 40 % 10]
        end as status,
        timestamp '2023-01-02 08:00:00' + i * (60480000000000 / ${demo.rows}) * interval '1 microsecond'
            + case when i % 3 > 0 then mixed % 1000000 * interval '1 microsecond' else interval '0' end as created_at
) ticket
cross join lateral (
    select case when lower(status) in ('resolved', 'fixed', 'closed', 'done', 'résolu') and i % 17 <> 5 or i % 23 = 7
            then created_at + mixed % 1000003 * interval '1 second'
                + case when i % 2 = 0 then mixed % 999983 * interval '1 microsecond' else interval '0' end
        end as resolved_at
) outcome;

-- Of ten tickets one has no comment and nine have one to nine; one of a thousand has three hundred. On average five.
insert into ticket_comments (id, ticket_id, user_id, customer_id, content, is_internal, created_at)
select i + (i - 1) / 10,
    ticket_id,
    case when mixed % 100 < 48 then agent + (agent - 1) / 6 end,
    case when mixed % 100 between 48 and 92 then customer_id end,
    (array['Thank you, that helped.', 'Could you send a screenshot?', 'Still broken.', 'We look into it.', 'Any news?'])
        [1 + mixed % 5]
        || case i % 41 when 7 then ' – „naïve“ ''quote'' \ 返信 🎉' when 8 then E'\n> quoted\n' else '' end,
    mixed % 100 < 48 and mixed % 3 = 0,
    case when i % 67 = 0 then created_at - interval '1 day' else created_at end
        + mixed % 400009 * interval '1.000001 seconds'
from (
    select row_number() over (order by id, n) as i, id as ticket_id, customer_id, created_at
    from tickets
    cross join lateral (select id - id / 7 as number) ticket
    cross join lateral generate_series(1,
        case when number % 1000 = 10 then 300 else (array[0, 1, 2, 3, 4, 5, 6, 8, 9, 9])[1 + number % 10] end) n
) comment
cross join lateral (
    select (i * 2654435761 % 4294967296 / 256)::integer as mixed
) number
cross join lateral (
    select 1 + mixed / 100 % 50 as agent
) author;

-- The keys above were given, not drawn: the sequences go on after them.
select setval(pg_get_serial_sequence('users', 'id'), (select max(id) from users));
select setval(pg_get_serial_sequence('customers', 'id'), (select max(id) from customers));
select setval(pg_get_serial_sequence('tickets', 'id'), (select max(id) from tickets));
select setval(pg_get_serial_sequence('ticket_comments', 'id'), (select coalesce(max(id), 1) from ticket_comments));
