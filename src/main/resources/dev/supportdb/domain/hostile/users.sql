-- Keys and times at the ends of their types, names of the smallest and the largest length, one address in several
-- spellings.
insert into users (id, email, full_name, role, is_active, created_at, updated_at) values
    (-2147483648, '', '', '', false, '-infinity', 'infinity'),
    (-1, ' ', ' ', ' ', true, '4714-11-24 00:00:00 BC', '294276-12-31 23:59:59.999999'),
    (0, 'someone@hostile.example', 'Someone', 'agent', true, '1970-01-01', '0001-12-31 23:59:59.999999 BC'),
    (1, 'SOMEONE@hostile.example', 'SOMEONE', 'AGENT', true, '2024-03-31 02:30:00', '2024-10-27 02:30:00'),
    (2, 'Someone@Hostile.Example ', 'Ｓomeone', 'Agent', false, '9999-12-31 23:59:59.999999', '1900-01-01'),
    (7, rpad('long@', 255, 'é'), rpad('Łóng ', 200, '漢'), rpad('role ', 50, '💶'), true, '2024-02-29', '2024-02-29'),
    (2147483647, E'line\nbreak\ttab@hostile.example', E'\\N', 'null', true, '2000-01-01', '2000-01-01');
